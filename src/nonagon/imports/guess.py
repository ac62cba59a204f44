"""Guessing a cycle.toml from data files: what `nonagon init` writes for a person to correct.

Each file is looked at by its headers and by some thousand records. Every guess says in a comment what it rests
on; what was considered besides stands in comments too. The result is a mapping that can be read at once.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from nonagon.basics.errors import InputError, Mistake
from nonagon.facts.schemas import SCHEMAS
from nonagon.imports.csv_dialect import Unreadable
from nonagon.imports.mapping import Source
from nonagon.imports.profile import (
    ON_THE_WHOLE,
    RATES,
    RECOMMENDS,
    SCALES,
    USUAL_SCALES,
    Column,
    Profile,
    profile,
    says,
)
from nonagon.imports.readers import open_parts, reader_of
from nonagon.imports.spelling import plain_id

LIKE_ENOUGH = 0.6
FEWEST_SCORES = 3


@dataclass(frozen=True, slots=True)
class GuessedItem:
    """One question that seems to be a score: its id, header, scale, and what it may measure."""

    id: str
    text: str
    kind: str
    scale_min: int
    scale_max: int


@dataclass(slots=True)
class GuessedSource:
    """One guessed `[data.<name>]`: the mapping as TOML would say it, with a comment for its parts.

    comments: by section (or section.key); others: columns that nothing was made of, with what is in them; hints:
    by target, rules that may be needed, as lines to uncomment, each with the reason before it;
    notes: what is said above the filters.
    """

    name: str
    mapping: dict[str, Any]
    comments: dict[str, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    items: list[GuessedItem] = field(default_factory=list)
    hints: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def source(self) -> Source:
        """The mapping as the import takes it."""
        return Source.model_validate(self.mapping)


@dataclass(frozen=True, slots=True)
class GuessedCycle:
    """The guesses over all files.

    text: a commented cycle.toml; items_csv: its register of questions; left_out: files that only describe
    others, each with the reason.
    """

    sources: tuple[GuessedSource, ...]
    text: str
    items_csv: str
    left_out: tuple[str, ...] = ()


def guess_cycle(files: Sequence[Path], data_folder: Path, *, name: str = "My first cycle") -> GuessedCycle:
    """Guesses the sources of a cycle from `files`.

    files: data files below `data_folder`; name: what the cycle is called. Raises InputError, with every file
    that can't be read or lies outside the folder.
    """
    mistakes: list[Mistake] = []
    profiles: list[Profile] = []
    for path in files:
        try:
            file = path.resolve().relative_to(data_folder.resolve()).as_posix()
        except ValueError:
            mistakes.append(Mistake(path, None, "", f"lies outside the data folder {data_folder}; move it there"))
            continue
        try:
            profiles.append(profile_of(path, file))
        except Unreadable as problem:
            mistakes.append(Mistake(path, problem.line, "", str(problem)))
    if mistakes:
        raise InputError(mistakes)
    left_out, profiles = _without_documentation(profiles)
    sources: list[GuessedSource] = []
    for group in _groups(profiles):
        for source in _sources_of(group, [one.file for one in profiles]):
            source.name = _fresh_name(source.name, [one.name for one in sources])
            sources.append(source)
    items = list({item.id: item for source in sources for item in source.items}.values())
    return GuessedCycle(tuple(sources), _render(name, sources, left_out), _items_csv(items), tuple(left_out))


def profile_of(path: Path, file: str, written: Source | None = None) -> Profile:
    """What stands in one file. file: its name below the data folder; written: says how it is written, where known.

    Raises Unreadable.
    """
    if not path.is_file():
        raise Unreadable("is not there")
    said = {"table": "sales", "files": file} if written is None else written.model_dump(by_alias=True)
    told = {name: said[name] for name in _WRITTEN if name in said}
    blank: dict[str, Any] = {**told, "table": "sales", "files": file}
    reader = reader_of(file, Source.model_validate(blank))
    every_sheet = {"sheet": "*", **blank} if reader == "excel" else blank
    return profile(file, reader, open_parts(path, file, Source.model_validate(every_sheet)))


_WRITTEN = ("reader", "encoding", "delimiter", "quote", "escape", "sheet", "header_row")


def guess_file(one: Profile) -> tuple[GuessedSource, ...]:
    """What one file seems to hold, the main thing first; each could be a source of its own."""
    found: list[GuessedSource] = []
    for source in _sources_of([one], [one.file]):
        source.name = _fresh_name(source.name, [other.name for other in found])
        found.append(source)
    return tuple(found)


def guess_item(item_id: str, column: Column) -> GuessedItem:
    """A question by its column: its scale is one that surveys use, or all whole numbers that occur."""
    fitting = [scale for scale in SCALES if column.fits(scale)]
    seen = [number for number, _count in column.whole]
    scale = column.scale if column.scale in SCALES else fitting[0] if fitting else None
    return _item(item_id, column, scale or (min(seen, default=1), max(seen, default=5)))


def guess_table(one: Profile, table: str) -> GuessedSource | None:
    """The file as a source of that table; None where nothing in it fits."""
    finders = {
        "answers": (_wide_survey, _long_answers),
        "sales": (_sales,),
        "verbatims": (_verbatims,),
        "measurements": (_measurements,),
        "customers": (_customers,),
    }
    found = next((source for finder in finders[table] if (source := finder(one)) is not None), None)
    if found is not None:
        _finish(found, [one], [one.file])
    return found


def _without_documentation(profiles: Sequence[Profile]) -> tuple[list[str], list[Profile]]:
    """The files that describe the fields of others, with the reason, and all other files."""
    left_out, kept = [], []
    for one in profiles:
        if one.describing is None:
            kept.append(one)
            continue
        name, meaning = one.describing
        reason = f"describes fields ({name!r}, {meaning!r}; {one.records} rows) and holds no facts"
        left_out.append(f"{one.file!r} {reason}")
    return left_out, kept


# --- files that belong together -------------------------------------------------------------------------


def _groups(profiles: Sequence[Profile]) -> list[list[Profile]]:
    """Files of one kind whose headers are mostly the same."""
    groups: list[list[Profile]] = []
    for one in profiles:
        home = next((group for group in groups if _is_like(group[0], one)), None)
        if home is None:
            groups.append([one])
        else:
            home.append(one)
    return groups


def _is_like(one: Profile, other: Profile) -> bool:
    mine = {title.casefold() for header in one.headers for title in header}
    theirs = {title.casefold() for header in other.headers for title in header}
    return one.reader == other.reader and len(mine & theirs) >= LIKE_ENOUGH * max(len(mine | theirs), 1)


def _files_of(group: Sequence[Profile], given: Sequence[str]) -> str | list[str]:
    """One name, a pattern that of all files given matches just these, or a list of names."""
    names = sorted(one.file for one in group)
    if len(names) == 1:
        return names[0]
    start = _common_start(names)
    end = _common_start([name[::-1] for name in names])[::-1]
    pattern = f"{start}*{end}"
    is_safe = (
        "/" not in names[0][len(start) :] and [name for name in sorted(given) if fnmatch(name, pattern)] == names
    )
    return pattern if is_safe and len(start) + len(end) >= 4 else names


def _common_start(names: Sequence[str]) -> str:
    """The letters that all names begin with."""
    first, last = min(names), max(names)
    same = next((place for place, letter in enumerate(first) if letter != last[place : place + 1]), len(first))
    return first[:same]


# --- what a group of files holds ------------------------------------------------------------------------


def _sources_of(group: Sequence[Profile], given: Sequence[str]) -> Iterator[GuessedSource]:
    first = group[0]
    finders = (_wide_survey, _long_answers, _sales, _verbatims, _measurements, _customers)
    main = next(found for finder in finders if (found := finder(first)) is not None)
    _finish(main, group, given)
    yield main
    if main.mapping["table"] != "verbatims":
        for column in [text for text in first.texts if text.is_comment][:6]:
            comments = _comments_of(first, column, main)
            _finish(comments, group, given)
            yield comments


def _stem(one: Profile) -> str:
    """A short name for a source: the file's without digits, or else its folder's."""
    path = Path(one.file)
    names = (path.name.split(".")[0], path.parent.name)
    found = (plain_id(re.sub(r"\d+", "", name)) for name in names)
    return next((name for name in found if name), "data")


def _fresh_name(name: str, taken: Sequence[str]) -> str:
    fresh, number = name, 2
    while fresh in taken:
        fresh, number = f"{name}_{number}", number + 1
    return fresh


def _start(one: Profile, table: str, why: str) -> GuessedSource:
    source = GuessedSource(_stem(one), {"table": table, "columns": {}, "attributes": {}, "values": {}})
    source.comments["table"] = why
    return source


def _wide_survey(one: Profile) -> GuessedSource | None:
    scores = _scores(one)
    if len(scores) < FEWEST_SCORES:
        return None
    source = _start(one, "answers", f"{len(scores)} columns look like answers on a scale, one column a question")
    by_name = {column.name: column for column in one.columns}
    columns = source.mapping["columns"]
    columns["respondent_id"] = _key(one, "respondent", source)
    _take(one, source, {"customer_id": "customer", "wave": "wave", "date": "date", "weight": "weight"})
    _wave_from_name(one, source)
    source.mapping["items"] = {}
    taken = {name for name in columns.values() if isinstance(name, str)}
    for name, scale in scores.items():
        if name in taken:
            continue
        taken_ids = list(source.mapping["items"])
        item_id = _fresh_name(_slug(name, taken_ids), taken_ids)
        source.mapping["items"][item_id] = name
        source.items.append(_item(item_id, by_name[name], scale))
    _score_rules(source, by_name)
    return source


Scale = tuple[int, int]


def _scores(one: Profile) -> dict[str, Scale]:
    """The columns that hold answers, with their scales.

    A scale counts where several columns show it by themselves; a column in which some answers never occur
    then belongs to the scale that holds nearly all of its numbers.
    """
    likely = [column for column in one.columns if column.is_likert and not column.is_id]
    counts = Counter(column.scale for column in likely if column.scale in SCALES)
    often = [scale for scale, count in counts.most_common() if count >= FEWEST_SCORES]
    # Beside the commonest scale only those that surveys use often: 1 to 3 is as likely a yes, a no and a maybe.
    shared = [scale for place, scale in enumerate(often) if place == 0 or scale in USUAL_SCALES]
    own = f"{RECOMMENDS}|{ON_THE_WHOLE}|{RATES}"
    found: dict[str, Scale] = {}
    for column in likely if shared else ():
        if column.scale in shared or (column.scale in SCALES and says(own, column.name)):
            found[column.name] = column.scale
            continue
        fitting = [scale for scale in shared if column.fits(scale)]
        if fitting:
            found[column.name] = fitting[0]
    return found


def _item(item_id: str, column: Column, scale: Scale) -> GuessedItem:
    kind = kind_of_question(column.name)
    return GuessedItem(
        item_id, column.name, "satisfaction" if kind == "recommend" and scale != (0, 10) else kind, *scale
    )


def kind_of_question(text: str) -> str:
    """What a question seems to ask, one of the kinds of the register.

    >>> [kind_of_question(text) for text in ("How likely are you to recommend us?", "Overall", "Important: price")]
    ['recommend', 'overall', 'importance']
    """
    words = set(re.findall(r"[a-z]+", text.lower()))
    if says(RECOMMENDS, text):
        return "recommend"
    if says(ON_THE_WHOLE, text):
        return "overall"
    if words & {"important", "importance", "wichtig"}:
        return "importance"
    return "expectation" if words & {"expected", "expectation", "expect"} else "satisfaction"


def _score_rules(source: GuessedSource, by_name: dict[str, Column]) -> None:
    """Codes that are no answers: one rule for the commonest scale, and one for each item that differs."""
    scales = Counter((item.scale_min, item.scale_max) for item in source.items)
    common = scales.most_common(1)[0][0]
    on_it = [item for item in source.items if (item.scale_min, item.scale_max) == common]
    codes = sorted({code for item in on_it for code in by_name[item.text].codes_on(common)})
    low, high = common
    source.comments["items"] = f"the scale is mostly {low} to {high}; check that more is better"
    values = source.mapping["values"]
    if codes:
        values["value"] = {"not_answers": codes}
        seen = ", ".join(map(str, codes))
        source.comments["values.value"] = (
            f"outside the scale {low} to {high}, so codes such as 'no answer': {seen}?"
        )
    for item in source.items:
        scale = (item.scale_min, item.scale_max)
        if scale != common:
            values[item.id] = {"not_answers": list(by_name[item.text].codes_on(scale))}
            source.comments[f"values.{item.id}"] = f"its scale seems to be {scale[0]} to {scale[1]}"


def _long_answers(one: Profile) -> GuessedSource | None:
    item = one.role("item")
    value = one.role("score") or one.role("value")
    if item is None or value is None or not value.is_number or item.distinct > max(50, one.records // 2):
        return None
    if one.role("amount") is not None and one.role("respondent") is None:
        return None
    source = _start(one, "answers", f"{item.name!r} names questions and {value.name!r} holds numbers")
    source.mapping["columns"]["respondent_id"] = _key(one, "respondent", source)
    source.mapping["columns"] |= {"item": item.name, "value": value.name}
    _take(one, source, {"customer_id": "customer", "wave": "wave", "date": "date", "weight": "weight"})
    _wave_from_name(one, source)
    return source


def _sales(one: Profile) -> GuessedSource | None:
    amount, date = one.role("amount"), one.role("date")
    quantity, price = one.role("quantity"), one.role("price")
    if date is None or (amount is None and (quantity is None or price is None)):
        return None
    if all(one.role(role) is None for role in ("customer", "sale", "product", "seller")):
        return None
    source = _start(one, "sales", "a date and an amount of money stand in each record")
    columns = source.mapping["columns"]
    columns["sale_id"] = _key(one, "sale", source)
    _take(one, source, {"customer_id": "customer", "date": "date", "product": "product", "seller": "seller"})
    if quantity is not None:
        columns["quantity"] = quantity.name
    if amount is not None:
        columns["amount"] = amount.name
    elif quantity is not None and price is not None:
        columns["amount"] = {"multiply": [quantity.name, price.name]}
        source.comments["columns.amount"] = "no column holds the amount, so it is quantity times price"
    return source


def _verbatims(one: Profile) -> GuessedSource | None:
    if not one.texts:
        return None
    return _comments_of(one, one.texts[0], None)


def _comments_of(one: Profile, text: Column, survey: GuessedSource | None) -> GuessedSource:
    source = _start(one, "verbatims", f"{text.name!r} holds sentences")
    source.name += "" if survey is None else f"_{_slug(text.name, kind='text')}"[:24]
    columns = source.mapping["columns"]
    if survey is None:
        columns["verbatim_id"] = _key(one, "verbatim", source)
    else:
        columns["verbatim_id"] = {"numbered": True}
        if survey.mapping["table"] == "answers":
            columns["respondent_id"] = survey.mapping["columns"]["respondent_id"]
        if "wave" in survey.mapping["columns"]:
            columns["wave"] = survey.mapping["columns"]["wave"]
    if survey is None:
        columns |= {"respondent_id": one.roles["respondent"].name} if "respondent" in one.roles else {}
        _take(one, source, {"wave": "wave"})
    _take(one, source, {"customer_id": "customer", "date": "date", "language": "language", "channel": "channel"})
    columns["text"] = text.name
    return source


def _measurements(one: Profile) -> GuessedSource | None:
    date = one.role("date")
    if date is None:
        return None
    numeric = [column for column in one.columns if column.is_number and not column.is_id and not column.is_date]
    value = one.role("value") or one.role("measure") or (numeric[0] if numeric else None)
    if value is None or not value.is_number:
        return None
    source = _start(one, "measurements", f"a date and a number ({value.name!r}) stand in each record")
    columns = source.mapping["columns"]
    named = one.role("item")
    own_name = {"constant": _slug(value.name, kind="measure")}
    columns["characteristic"] = named.name if named is not None else own_name
    time = one.role("time")
    columns["at"] = {"day": date.name, "time": time.name} if time is not None else date.name
    columns["value"] = value.name
    _take(one, source, {"subgroup": "subgroup", "phase": "phase", "size": "size"})
    others = [column.name for column in numeric if column.name != value.name]
    if others:
        source.comments["columns.value"] = f"it could also be {' or '.join(map(repr, others[:4]))}"
    return source


def _customers(one: Profile) -> GuessedSource:
    known = one.role("customer")
    why = f"{known.name!r} names customers" if known else "nothing else fits; is this a list of customers?"
    source = _start(one, "customers", why)
    source.mapping["columns"]["customer_id"] = _key(one, "customer", source)
    _take(one, source, {"kind": "kind", "since": "date"})
    return source


def _key(one: Profile, role: str, source: GuessedSource) -> Any:
    """The column that is the key, or the record's number where no column can be."""
    known = one.role(role)
    if known is not None:
        return known.name
    whole = [column for column in one.columns if column.is_id and column.blank == 0]
    distinct = next((column for column in whole if column.distinct == one.records), None)
    if distinct is not None:
        return distinct.name
    source.comments[f"columns.{role}"] = "no column is a key, so the records are numbered"
    return {"numbered": True}


def _take(one: Profile, source: GuessedSource, roles: dict[str, str]) -> None:
    columns = source.mapping["columns"]
    used = [name for name in columns.values() if isinstance(name, str)]
    for target, role in roles.items():
        column = one.role(role)
        if column is not None and column.name not in used and target not in columns:
            columns[target] = column.name


def _wave_from_name(one: Profile, source: GuessedSource) -> None:
    year = re.search(r"(?:19|20)\d{2}(?:[-_]?(?:q[1-4]|0[1-9]|1[0-2]))?(?!\d)", Path(one.file).name, re.IGNORECASE)
    if "wave" not in source.mapping["columns"] and year:
        pattern = r"((?:19|20)\d{2}(?:[-_]?(?:[Qq][1-4]|0[1-9]|1[0-2]))?)(?!\d)"
        source.mapping["columns"]["wave"] = {"file": pattern}
        source.comments["columns.wave"] = f"taken out of the file's name: {year[0]}"
        known = source.mapping["columns"]["respondent_id"]
        if isinstance(known, str):
            source.mapping["columns"]["respondent_id"] = {"join": [{"file": pattern}, known]}
            source.comments["columns.respondent_id"] = (
                "with the wave, since numbers may come again in another wave"
            )


# --- finishing: drifting headers, attributes, rules ------------------------------------------------------


def _finish(source: GuessedSource, group: Sequence[Profile], given: Sequence[str]) -> None:
    first = group[0]
    source.mapping["files"] = _files_of(group, given)
    if first.reader == "excel" and len(first.sheets) > 1:
        source.mapping["sheet"] = "*"
        source.comments["sheet"] = f"its sheets: {', '.join(first.sheets[:12])}"
    if first.encoding and not first.encoding.startswith("utf"):
        source.mapping["encoding"] = first.encoding
        source.comments["encoding"] = "guessed from the letters; look at names with accents"
    forms = [form for section in ("columns", "items") for form in source.mapping.get(section, {}).values()]
    used = set(_names_in(forms))
    if source.mapping["table"] != "verbatims" or not source.mapping["columns"].get("respondent_id"):
        _attributes(source, first, used)
    _rules(source, first)
    _set_aside_summaries(source, group)
    _drift(source, group)


def _names_in(form: Any) -> Iterator[str]:
    """The source columns in a form, or in a section of forms."""
    if isinstance(form, str):
        yield form
    elif isinstance(form, list):
        for part in form:
            yield from _names_in(part)
    elif isinstance(form, dict):
        for key in form.keys() & _OF_COLUMNS:
            yield from _names_in(form[key])


def _attributes(source: GuessedSource, one: Profile, used: set[str]) -> None:
    """Columns with few different values can divide the facts; the others are listed in a comment."""
    for column in one.columns:
        if column.name in used or not column.name:
            continue
        if column.is_category and len(source.mapping["attributes"]) < 12:
            taken = list(source.mapping["attributes"])
            key = _fresh_name(_slug(column.name, taken, kind="attribute"), taken)
            if key in {one.name for one in SCHEMAS[source.mapping["table"]].columns}:
                key = f"{key}_given"
            source.mapping["attributes"][key] = column.name
        else:
            source.others.append(f"{column.name} ({column.describe()})")


def _rules(source: GuessedSource, one: Profile) -> None:
    """The rules under which the sample was read: marks of numbers, orders of dates, markers of the missing."""
    values = source.mapping["values"]
    for target, form in source.mapping["columns"].items():
        names = set(_names_in(form))
        for column in one.columns:
            if column.name not in names:
                continue
            rules = column.rules_for(_type_of(source.mapping["table"], target))
            if rules:
                values[target] = {**rules, **values.get(target, {})}
            if isinstance(form, str) and _type_of(source.mapping["table"], target) == "number":
                _hint_at_codes(source, target, column)
            if rules.get("date_order") and column.order_is_open:
                source.comments[f"values.{target}"] = "no day is above 12 in the sample, so the order is a guess"
    markers = sorted({marker for column in one.columns for marker in column.markers})
    if markers:
        values["*"] = {"missing": markers}
        source.comments["values.*"] = "texts that seem to mean 'no value'"


def _hint_at_codes(source: GuessedSource, target: str, column: Column) -> None:
    """Numbers that look like a cap or a code become a rule to uncomment: only a person knows."""
    for one in column.suspects:
        times = "once" if one.count == 1 else f"{one.count} times"
        if one.value < 0:
            texts = [text for text in column.texts.drop_nulls().unique() if _is_the_number(text, one.value)]
            rule = _line("missing", [*column.markers, *sorted(texts)], "")
            why = f"all else is {one.highest:g} or more"
        else:
            rule = _line("cap", {"at": _whole(one.value), "then": "missing"}, "")
            why = f"95 of 100 others are at most {one.mostly:g}, the highest is {one.highest:g}"
        source.hints.setdefault(target, []).extend(
            [
                f"# {one.value:g} stands {times} in the sample; {why}: a cap, or a code for 'not known'?",
                "# If so, take the # away:",
                f"# {rule}",
            ]
        )


def _is_the_number(text: str, value: float) -> bool:
    return bool(re.fullmatch(rf"{re.escape(f'{value:g}')}(?:[.,]0+)?", text))


def _whole(value: float) -> int | float:
    return int(value) if value == int(value) else value


def _set_aside_summaries(source: GuessedSource, group: Sequence[Profile]) -> None:
    """A filter against rows at the end that only sum up the others."""
    found = [(one.file, row) for one in group for row in one.summed_up]
    for column in dict.fromkeys(row.column for _, row in found):
        rows = [(file, row) for file, row in found if row.column == column]
        labels = list(dict.fromkeys(row.text for _, row in rows if row.text))
        least = [row.least for _, row in rows if not row.text and row.least is not None]
        if labels or least:
            tests: dict[str, Any] = {"none_of": labels} if labels else {}
            tests |= {"at_least": _whole(min(least))} if least else {}
            source.mapping.setdefault("filters", []).append({"column": column, **tests})
    for file, row in found[:6]:
        place = f" in line {row.line}" if row.line else ""
        named = repr(row.text) if row.text else f"without a {row.column!r}"
        is_kept = not row.text and row.least is None
        source.notes.append(
            f"A record at the end of {file!r} ({named}{place}) seems to be a {row.kind} of those above it, no "
            + ("record of its own: take it out of the file." if is_kept else "record of its own: set aside.")
        )


def _type_of(table: str, target: str) -> str:
    column = SCHEMAS[table].column(target)
    return column.type if column else "text"


def _drift(source: GuessedSource, group: Sequence[Profile]) -> None:
    """Headers that other files and sheets of the group spell otherwise become alternatives."""
    headers = list(dict.fromkeys(header for one in group for header in one.headers))
    required = SCHEMAS[source.mapping["table"]].required
    for section in ("columns", "attributes", "items"):
        for key, form in source.mapping.get(section, {}).items():
            found, is_lacking = _alternatives(form, headers)
            source.mapping[section][key] = found
            if not is_lacking or section != "columns":
                continue
            source.comments[f"{section}.{key}"] = "some of the files or sheets have no such column"
            if key not in required and isinstance(found, str | list):
                source.mapping[section][key] = {"from": found, "optional": True}
    for rule in list(source.mapping.get("filters", ())):
        rule["column"], is_lacking = _alternatives(rule["column"], headers)
        if is_lacking:
            source.mapping["filters"].remove(rule)
            source.notes.append(f"No filter on {rule['column']!r}, since some of the files or sheets lack it.")


def _alternatives(form: Any, headers: Sequence[Sequence[str]]) -> tuple[Any, bool]:
    """The form with the other spellings of its column, and whether some header has none of them."""
    if isinstance(form, dict):
        inner = {key: _alternatives(form[key], headers) for key in form.keys() & _OF_COLUMNS}
        changed = {key: value for key, (value, _) in inner.items()}
        return {**form, **changed}, any(lacks for _, lacks in inner.values())
    if isinstance(form, list):
        parts = [_alternatives(part, headers) for part in form]
        return [part for part, _ in parts], any(lacks for _, lacks in parts)
    if not isinstance(form, str):
        return form, False
    names, is_lacking = [form], False
    for header in headers:
        titles = {title.casefold(): title for title in header}
        if any(name.casefold() in titles for name in names):
            continue
        near = _spelling(form, titles)
        if near is None:
            is_lacking = True
        else:
            names.append(near)
    return (names if len(names) > 1 else form), is_lacking


_OF_COLUMNS = frozenset({"from", "join", "bucket", "multiply", "day", "time"})


def _spelling(name: str, titles: dict[str, str]) -> str | None:
    """The title that seems to mean the same: nearly the same letters, or all the words of the shorter one."""
    near = get_close_matches(name.casefold(), titles, n=1, cutoff=0.8)
    if near:
        return titles[near[0]]
    words = set(name.casefold().split())
    same = [title for key, title in titles.items() if words <= set(key.split()) or set(key.split()) <= words]
    return same[0] if len(same) == 1 else None


def _slug(text: str, others: Sequence[str] = (), *, kind: str = "q") -> str:
    """An id for a header; where it is in another script, a number, since ids are plain letters.

    others: the ids given already; kind: the word before the number.
    """
    known = plain_id(text)
    if known is not None:
        return known
    number = sum(bool(re.fullmatch(rf"{kind}\d+", other)) for other in others) + 1
    return f"{kind}{number}"


# --- writing --------------------------------------------------------------------------------------------


def _render(name: str, sources: Sequence[GuessedSource], left_out: Sequence[str]) -> str:
    lines = [
        "# Guessed by `nonagon init`: read every line and correct it. Then: nonagon check, and nonagon run.",
        "",
        f"name = {toml_value(name)}",
        'organization = "Our organization"',
        'scope = ""          # the product or service that this cycle is about',
        'currency = ""       # such as "EUR"',
        'language = "en"',
        "# period = { start = 2025-01-01, end = 2025-12-31 }",
        "",
        "# [settings]",
        "# group_minimum = 10    # no breakdown of survey results below this many answers",
        "# confidence = 0.95",
    ]
    for source in sources:
        lines += ["", *_render_source(source)]
    if left_out:
        lines += ["", *(f"# Left out: {one}." for one in left_out)]
    return "\n".join(lines) + "\n"


def _render_source(source: GuessedSource) -> Iterator[str]:
    head = f"data.{source.name}"
    yield f"# --- {source.name}: {source.comments['table']}"
    yield f"[{head}]"
    for key in ("table", "files", "sheet", "encoding"):
        if key in source.mapping:
            yield _line(key, source.mapping[key], source.comments.get(key, "") if key != "table" else "")
    for section in ("columns", "attributes", "items"):
        if not source.mapping.get(section):
            continue
        yield ""
        yield f"[{head}.{section}]" + (f"  # {source.comments[section]}" if section in source.comments else "")
        for key, form in source.mapping[section].items():
            yield _line(key, form, source.comments.get(f"{section}.{key}", ""))
    if source.others:
        yield ""
        yield '# Not used (an attribute is added as: name = "Header"):'
        yield from (f"#   {other}" for other in source.others[:60])
    yield from _render_filters(source)
    values = source.mapping.get("values", {})
    for key in dict.fromkeys([*values, *source.hints]):
        yield ""
        comment = source.comments.get(f"values.{key}", "")
        sign = "" if key in values else "# "  # a table of hints alone is a hint itself
        yield f"{sign}[{head}.values.{_key_text(key)}]" + (f"  # {comment}" if comment else "")
        for rule, value in values.get(key, {}).items():
            yield _line(rule, value, "")
        yield from source.hints.get(key, ())


def _render_filters(source: GuessedSource) -> Iterator[str]:
    if source.notes:
        yield ""
        yield from (f"# {note}" for note in source.notes)
    for place, rule in enumerate(source.mapping.get("filters", ())):
        yield from ("",) if place else ()
        yield f"[[data.{source.name}.filters]]"
        for key, value in rule.items():
            yield _line(key, value, "")


def _line(key: str, value: Any, comment: str) -> str:
    return f"{_key_text(key)} = {toml_value(value)}" + (f"  # {comment}" if comment else "")


def _key_text(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else toml_value(key)


def toml_value(value: Any) -> str:
    """A value as TOML writes it in one line.

    >>> toml_value({"constant": "us"})
    '{ constant = "us" }'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key_text(key)} = {toml_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_value(inner) for inner in value) + "]"
    if isinstance(value, int | float):
        return str(value)
    # JSON's strings are TOML's basic strings, except that TOML wants the delete character written out.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _items_csv(items: Sequence[GuessedItem]) -> str:
    import csv
    import io

    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", "text", "kind", "need", "scale_min", "scale_max"])
    writer.writerows([item.id, item.text, item.kind, "", item.scale_min, item.scale_max] for item in items)
    return text.getvalue()
