"""A form bound to one part's header: which positions it reads, and how it makes the cells from them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

from nonagon.imports import mapping
from nonagon.imports.dates import times_of_day
from nonagon.imports.headers import Ambiguous, NotFound, position_of
from nonagon.imports.lookup import CannotLookUp, Lookups, by_key, found_by, not_in
from nonagon.imports.mapping import Form, Rules
from nonagon.imports.records import LINE, ROW, Part, cell_name
from nonagon.imports.rules import Code, as_text, outcome, whole_numbers

if TYPE_CHECKING:
    import polars as pl

Make = Callable[["pl.DataFrame"], "pl.Series"]


@dataclass(frozen=True, slots=True)
class Bound:
    """A form with its place in the file.

    label: the source columns in words, for the rejects; wanted: their positions; make: from the chunk's
    frame to the cells; is_made: the cells are made by Nonagon, so the marks of the file do not hold in them;
    not_found: for what is looked up in the other file `looks_into`, the keys that this file lacks, null for the
    other records.
    """

    label: str
    wanted: tuple[int, ...]
    make: Make
    is_made: bool = False
    not_found: Make | None = None
    looks_into: str = ""

    def rules(self, rules: Rules) -> Rules:
        """The rules that hold for the cells."""
        if not self.is_made:
            return rules
        return rules.model_copy(update={"decimal": ".", "thousands": "", "strip": (), "formats": ()})


def bind(form: Form, part: Part, rules: Rules, date_rules: Rules, lookups: Lookups) -> Bound:
    """`form` bound to `part`. rules and date_rules read the numbers and dates inside a form.

    Raises NotFound where the part lacks a column, or its name lacks the group of a regular expression;
    CannotLookUp where another file cannot be looked into.
    """

    def inner(form: Form) -> Bound:
        return bind(form, part, rules, date_rules, lookups)

    match form:
        case mapping.Taken():
            bound = _taken(form, part)
        case mapping.Constant():
            bound = _fixed(form.constant, "a constant")
        case mapping.FromFileName():
            bound = _fixed(_group(form.file, part.file.rsplit("/", 1)[-1], "file"), "the file's name")
        case mapping.FromSheetName():
            bound = _fixed(_group(form.sheet, part.sheet, "sheet"), "the sheet's name")
        case mapping.Numbered():
            bound = _numbered(part)
        case mapping.Joined():
            bound = _joined([inner(piece) for piece in form.parts], form.between, whole=rules.whole)
        case mapping.Bucket():
            bound = _bucket(inner(form.of), form.by, date_rules)
        case mapping.Product():
            bound = _product([inner(factor) for factor in form.factors], rules)
        case mapping.DayAndTime():
            bound = _day_and_time(inner(form.day), inner(form.time), date_rules)
        case mapping.Lookup():
            bound = _looked_up(form, inner(form.key), rules, date_rules, lookups)
        case _:
            raise TypeError(f"no such form: {form!r}")
    return bound


def _taken(form: mapping.Taken, part: Part) -> Bound:
    place = position_of(form.names, part.header)
    return Bound(part.header[place] or f"#{place + 1}", (place,), lambda frame: frame[cell_name(place)])


def _numbered(part: Part) -> Bound:
    stem = re.sub(r"\.[A-Za-z0-9.]+$", "", part.file)
    sheet = f"-{part.sheet.strip()}" if part.sheet else ""
    return Bound("the record's number", (), lambda frame: f"{stem}{sheet}-" + as_text(frame[ROW]), is_made=True)


def _fixed(text: str, label: str) -> Bound:
    def make(frame: "pl.DataFrame") -> "pl.Series":
        import polars as pl

        return pl.repeat(text, frame.height, dtype=pl.String, eager=True)

    return Bound(label, (), make, is_made=True)


def _group(pattern: str, name: str, kind: str) -> str:
    found = re.search(pattern, name)
    if not found or found[1] is None:
        raise NotFound(f"finds nothing in the {kind}'s name {name!r} with {pattern!r}")
    return found[1]


def _looked_up(form: mapping.Lookup, key: Bound, rules: Rules, date_rules: Rules, lookups: Lookups) -> Bound:
    """What the other file has under the record's key."""
    other = lookups.open(form.file)
    if other is None:
        return replace(key, make=_nothing)
    try:
        match = _taken(mapping.Taken(names=form.match), other.part)
        take = bind(form.take, other.part, rules, date_rules, lookups)
    except (NotFound, Ambiguous) as problem:
        raise CannotLookUp(form.file, str(problem)) from problem
    label = f"{take.label} in {form.file} by {key.label}"
    if other.frame is None:
        return Bound(label, key.wanted, _nothing)

    def keys(cells: "pl.Series") -> "pl.Series":
        return whole_numbers(as_text(cells)) if rules.whole else as_text(cells)

    table = by_key(form.file, keys(match.make(other.frame)), take.make(other.frame), other.frame[LINE])
    return Bound(
        label,
        key.wanted,
        make=lambda frame: found_by(table, keys(key.make(frame))),
        is_made=take.is_made,
        not_found=lambda frame: not_in(table, keys(key.make(frame))),
        looks_into=form.file,
    )


def _nothing(frame: "pl.DataFrame") -> "pl.Series":
    """No value in any record: nobody reads the records."""
    import polars as pl

    return pl.repeat(None, frame.height, dtype=pl.String, eager=True)


def _together(bounds: list[Bound], between: str) -> Bound:
    wanted = tuple(place for bound in bounds for place in bound.wanted)
    label = between.join(bound.label for bound in bounds if bound.wanted) or bounds[0].label
    return Bound(label, wanted, bounds[0].make, is_made=True)


def _joined(bounds: list[Bound], between: str, *, whole: bool) -> Bound:
    def make(frame: "pl.DataFrame") -> "pl.Series":
        import polars as pl

        texts = [as_text(bound.make(frame)).alias(str(place)) for place, bound in enumerate(bounds)]
        texts = [whole_numbers(text) for text in texts] if whole else texts
        return pl.select(pl.concat_str(texts, separator=between, ignore_nulls=False)).to_series()

    return replace(_together(bounds, " and "), make=make)


def _bucket(day: Bound, by: str, rules: Rules) -> Bound:
    def make(frame: "pl.DataFrame") -> "pl.Series":
        import polars as pl

        result = outcome(day.make(frame), type="date", rules=day.rules(rules))
        year = result.value.dt.year().cast(pl.String).str.zfill(4)
        if by == "month":
            text = year + "-" + result.value.dt.month().cast(pl.String).str.zfill(2)
        elif by == "quarter":
            text = year + "-Q" + result.value.dt.quarter().cast(pl.String)
        else:
            text = year
        return text

    return replace(day, make=make, is_made=True)


def _product(factors: list[Bound], rules: Rules) -> Bound:
    # Only what reads a number: limits and codes are about the product.
    reading = Rules(missing=rules.missing, decimal=rules.decimal, thousands=rules.thousands, strip=rules.strip)

    def make(frame: "pl.DataFrame") -> "pl.Series":
        import polars as pl

        read = [outcome(factor.make(frame), type="number", rules=factor.rules(reading)) for factor in factors]
        product = reduce(lambda left, right: left * right, (result.value for result in read))
        is_bad = reduce(lambda left, right: left | right, (result.code == Code.NO_NUMBER for result in read))
        shown = pl.concat_str(
            [as_text(result.text).alias(str(k)) for k, result in enumerate(read)], separator=" × "
        )
        return pl.select(pl.when(is_bad).then(shown).otherwise(product.cast(pl.String))).to_series()

    return replace(_together(factors, " × "), make=make)


def _day_and_time(day: Bound, time: Bound, rules: Rules) -> Bound:
    def make(frame: "pl.DataFrame") -> "pl.Series":
        import polars as pl

        days, clock = day.make(frame), time.make(frame)
        read = outcome(days, type="date", rules=day.rules(rules))
        since_midnight = _clock(clock)
        moment = (read.value.cast(pl.Datetime("us")) + since_midnight).dt.to_string("%Y-%m-%d %H:%M:%S%.f")
        raw = pl.concat_str([read.text.alias("day"), as_text(clock).alias("time")], separator=" ")
        return pl.select(pl.when(moment.is_not_null()).then(moment).otherwise(raw)).to_series()

    return replace(_together([day, time], " and "), make=make)


def _clock(cells: "pl.Series") -> "pl.Series":
    """The time since midnight. Workbooks hand over a time of day as a moment of their first day."""
    import polars as pl

    if isinstance(cells.dtype, pl.Datetime):
        return (cells - cells.dt.truncate("1d")).cast(pl.Duration("us"))
    if cells.dtype == pl.Time:
        return cells.cast(pl.Int64).cast(pl.Duration("ns")).cast(pl.Duration("us"))
    if isinstance(cells.dtype, pl.Duration):
        return cells.cast(pl.Duration("us"))
    # A mixed column of a workbook hands a time over as text with the workbook's first day before it.
    text = as_text(cells).str.replace(r"^18(99-12-3[01]|00-01-00)[ T]", "")
    return times_of_day(text)
