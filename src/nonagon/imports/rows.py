"""The law of rows: every record gives at least one fact row or at least one reject row.

A long file gives one fact a record. A wide one gives one fact for each item that has an answer. A record
without a required value, or whose required value is refused, gives no fact; a refused value that is not
required leaves a hole in the fact, and a reject row that says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from nonagon.facts.schemas import ATTRIBUTE_PREFIX, Column
from nonagon.imports import rejects
from nonagon.imports.forms import Bound, bind
from nonagon.imports.headers import Ambiguous, NotFound, position_of
from nonagon.imports.lookup import CannotLookUp, Lookups
from nonagon.imports.mapping import ITEM_TARGETS, Filter, Form, Rules, Source, Taken
from nonagon.imports.records import LINE, ROW, Chunk, Part, RecordsLost, cell_name
from nonagon.imports.rules import (
    MISSING,
    REFUSED,
    VALUES,
    WRONG_TYPE,
    Code,
    Outcome,
    Type,
    as_text,
    outcome,
    reasons,
)
from nonagon.imports.tally import Tally

if TYPE_CHECKING:
    import polars as pl

CHOICES: dict[tuple[str, str], tuple[str, ...]] = {("customers", "kind"): ("external", "internal")}
SHEET, FACT_LINE = "_sheet", "_line"


@dataclass(frozen=True, slots=True)
class Target:
    """A column of the fact table, an attribute or an item, with what fills it."""

    name: str
    column: str
    type: Type
    required: bool
    rules: Rules
    bound: Bound
    choices: tuple[str, ...] = ()

    def read(self, frame: "pl.DataFrame") -> Outcome:
        """What each record's cell is."""
        rules = self.bound.rules(self.rules)
        read = outcome(self.bound.make(frame), type=self.type, rules=rules, choices=self.choices)
        return read if self.bound.not_found is None else _with_keys(read, self.bound.not_found(frame))

    def reasons(self) -> dict[int, str]:
        """The sentence for each code."""
        known = reasons(self.name, self.type, self.rules, self.choices)
        if self.bound.looks_into:
            known[Code.NOT_FOUND] = f"{self.name} is looked up in {self.bound.looks_into}, which lacks this key"
        return known


def _with_keys(read: Outcome, keys: "pl.Series") -> Outcome:
    """The outcome, with the key in place of nothing where another file lacks it. keys: null where it does not."""
    import polars as pl

    is_lacking = keys.is_not_null()
    if not is_lacking.any():
        return read
    code = pl.select(pl.when(is_lacking).then(int(Code.NOT_FOUND)).otherwise(read.code)).to_series()
    text = pl.select(pl.when(is_lacking).then(keys).otherwise(as_text(read.text))).to_series()
    return Outcome(text, read.value, code.cast(pl.UInt8))


@dataclass(frozen=True, slots=True)
class Lacking:
    """A mapped name that a part lacks: section and name in the mapping, and why."""

    section: str
    name: str
    message: str
    is_mistake: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A source's mapping bound to one part."""

    source_name: str
    source: Source
    part: Part
    targets: tuple[Target, ...]
    items: tuple[Target, ...]
    filters: tuple[tuple[Filter, int], ...]
    lacking: tuple[Lacking, ...]
    attributes: tuple[str, ...]

    @property
    def wanted(self) -> tuple[int, ...]:
        """The positions of the header that are read."""
        places = {place for target in (*self.targets, *self.items) for place in target.bound.wanted}
        return tuple(sorted(places | {place for _, place in self.filters}))


@dataclass(frozen=True, slots=True)
class Examples:
    """Some cells of the wrong type in one target: for the hint which rule would read them."""

    target: Target
    file: str
    line: int | None
    texts: tuple[str, ...]


@dataclass(slots=True)
class Sorted:
    """What one chunk became."""

    facts: "pl.DataFrame"
    rejects: "pl.DataFrame"
    examples: list[Examples] = field(default_factory=list)


def plan_for(
    name: str, source: Source, part: Part, lookups: Lookups, attributes: Sequence[str] | None = None
) -> Plan:
    """The mapping of source `name` bound to a part; what the part lacks stands in the plan.

    lookups: the files that sources look into; attributes: of the whole table, which other sources may fill too;
    by default the source's own.
    """
    lacking: list[Lacking] = []
    targets: list[Target] = []
    items: list[Target] = []
    for section, target_name, form in source.forms():
        try:
            target = _target(source, section, target_name, form, part, lookups)
        except (NotFound, Ambiguous, CannotLookUp) as problem:
            may_lack = isinstance(problem, NotFound) and _may_lack(section, form)
            lacking.append(Lacking(section, target_name, str(problem), is_mistake=not may_lack))
            continue
        (items if section == "items" else targets).append(target)
    filters: list[tuple[Filter, int]] = []
    for place, rule in enumerate(source.filters):
        try:
            filters.append((rule, position_of(rule.column, part.header)))
        except (NotFound, Ambiguous) as problem:
            lacking.append(Lacking("filters", str(place), str(problem), is_mistake=True))
    of_table = tuple(source.attributes) if attributes is None else tuple(attributes)
    return Plan(name, source, part, tuple(targets), tuple(items), tuple(filters), tuple(lacking), of_table)


def _may_lack(section: str, form: Form) -> bool:
    """Questions and attributes come and go between files; a column must be there unless it says otherwise."""
    if section in ("items", "attributes"):
        return True
    return any(taken.optional for taken in form.sources() if isinstance(taken, Taken))


def _target(source: Source, section: str, name: str, form: Form, part: Part, lookups: Lookups) -> Target:
    rules = source.rules_for(name)
    bound = bind(form, part, rules, source.date_rules_for(name), lookups)
    if section == "attributes":
        return Target(name, ATTRIBUTE_PREFIX + name, "text", False, rules, bound)
    if section == "items":
        return Target(name, source.measure or "value", "number", True, rules, bound)
    column = source.fact_schema.column(name) or Column(name, "text", False, "")
    choices = CHOICES.get((source.table, name), ())
    return Target(name, name, column.type, column.required, rules, bound, choices)


def sort_out(plan: Plan, chunk: Chunk, tally: Tally, *, rows_before: int = 0) -> Sorted:
    """The facts and rejects of a chunk; the tally is carried on and must balance.

    rows_before: records of the same file in earlier parts, so that a number names one record of the file.
    Raises RecordsLost if a record is in neither.
    """
    import polars as pl

    found: list[pl.DataFrame] = [_damaged(chunk)]
    kept, set_aside = _filtered(plan, chunk.frame)
    found.extend(set_aside)
    sorter = _Sorter(plan, kept, tally)
    facts = sorter.facts()
    found.extend(sorter.found)
    reject_rows = pl.concat(found, how="vertical").with_columns(
        pl.lit(plan.source_name).alias("source"),
        pl.lit(plan.part.file).alias("file"),
        pl.lit(plan.part.sheet).alias("sheet"),
    )
    _count(chunk, facts, reject_rows, tally)
    tally.set_aside += sum(frame.height for frame in set_aside)
    shift = pl.col(ROW) + rows_before
    return Sorted(
        facts.with_columns(shift), reject_rows.with_columns(shift).select(rejects.COLUMNS), sorter.examples
    )


def _count(chunk: Chunk, facts: "pl.DataFrame", reject_rows: "pl.DataFrame", tally: Tally) -> None:
    import numpy as np

    rows = np.concatenate([chunk.frame[ROW].to_numpy(), [record.row for record in chunk.damaged]]).astype(np.int64)
    first = int(rows.min()) if rows.size else 0
    size = int(rows.max()) - first + 1 if rows.size else 0
    with_facts, with_rejects = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    with_facts[facts[ROW].to_numpy() - first] = True
    with_rejects[reject_rows[ROW].to_numpy() - first] = True
    lost = rows[~(with_facts | with_rejects)[rows - first]]
    if lost.size:
        raise RecordsLost(f"{tally.file}: record {lost[0]} is neither a fact nor a reject; please report this")
    tally.records += chunk.records
    tally.with_facts += int(with_facts.sum())
    tally.without_facts += int((with_rejects & ~with_facts).sum())
    tally.damaged += len(chunk.damaged)
    tally.facts += facts.height
    tally.rejects += reject_rows.height
    for kind, count in reject_rows["kind"].value_counts().iter_rows():
        tally.kinds[kind] = tally.kinds.get(kind, 0) + count
    tally.blank_lines += chunk.blank_lines
    tally.check()


def _damaged(chunk: Chunk) -> "pl.DataFrame":
    import polars as pl

    records = chunk.damaged
    return pl.DataFrame(
        {
            LINE: pl.Series([record.line for record in records], dtype=pl.Int64),
            ROW: pl.Series([record.row for record in records], dtype=pl.Int64),
            "column": pl.Series([""] * len(records), dtype=pl.String),
            "value": pl.Series([record.value for record in records], dtype=pl.String),
            "reason": pl.Series([record.reason for record in records], dtype=pl.String),
            "kind": pl.Series([rejects.REFUSED] * len(records), dtype=pl.String),
        }
    )


def _reject_rows(
    frame: "pl.DataFrame",
    mask: "pl.Series",
    *,
    column: str,
    value: "pl.Series",
    reason: "pl.Series | str",
    kind: str,
) -> "pl.DataFrame":
    """One reject row for each record under the mask. reason: the same for all, or one for each of them."""
    import polars as pl

    texts = as_text(value.filter(mask)).fill_null("")
    return frame.filter(mask).select(
        LINE,
        ROW,
        pl.lit(column).alias("column"),
        texts.str.slice(0, rejects.LONGEST_VALUE).alias("value"),
        (pl.lit(reason) if isinstance(reason, str) else reason).alias("reason"),
        pl.lit(kind).alias("kind"),
    )


def _filtered(plan: Plan, frame: "pl.DataFrame") -> tuple["pl.DataFrame", list["pl.DataFrame"]]:
    """The records that all filters keep, and the reject rows of the others."""
    found = []
    for rule, place in plan.filters:
        cells = frame[cell_name(place)]
        keeps = _keeps(rule, cells, plan.source.rules_for("*"))
        if not keeps.all():
            label = plan.part.header[place]
            found.append(
                _reject_rows(
                    frame,
                    ~keeps,
                    column=label,
                    value=as_text(cells),
                    reason=rule.sentence(),
                    kind=rejects.SET_ASIDE,
                )
            )
            frame = frame.filter(keeps)
    return frame, found


def _keeps(rule: Filter, cells: "pl.Series", rules: Rules) -> "pl.Series":
    """Which records a filter keeps; a blank or unreadable cell passes no test but `none_of`."""
    import polars as pl

    if isinstance(cells.dtype, pl.Enum):
        return _keeps(rule, cells.dtype.categories, rules).gather(cells.to_physical())
    text = as_text(cells)
    keeps = pl.repeat(True, cells.len(), dtype=pl.Boolean, eager=True)
    if rule.one_of is not None:
        keeps &= text.is_in(list(rule.one_of)).fill_null(False)
    if rule.none_of is not None:
        keeps &= ~text.is_in(list(rule.none_of)).fill_null(False)
    for bound, is_least in ((rule.at_least, True), (rule.below, False)):
        if bound is None:
            continue
        read = outcome(cells, type="date" if isinstance(bound, date) else "number", rules=rules)
        keeps &= ((read.value >= bound) if is_least else (read.value < bound)).fill_null(False)
    return keeps


class _Sorter:
    """Sorts the kept records of one chunk into facts and reject rows."""

    def __init__(self, plan: Plan, frame: "pl.DataFrame", tally: Tally) -> None:
        self.plan, self.frame, self.tally = plan, frame, tally
        self.found: list[pl.DataFrame] = []
        self.examples: list[Examples] = []

    def facts(self) -> "pl.DataFrame":
        """The fact rows; the reject rows are in `found` afterwards."""
        import polars as pl

        alive = pl.repeat(True, self.frame.height, dtype=pl.Boolean, eager=True)
        values: dict[str, pl.Series] = {}
        for target in self.plan.targets:
            read = target.read(self.frame)
            values[target.column] = read.value
            if self._count_cells(target, read) < self.frame.height:
                alive &= self._judge(target, read)
        record = self.frame.select(ROW, LINE).with_columns(**values)
        record = record if alive.all() else record.filter(alive)
        if self.plan.source.is_wide:
            record = self._by_item(record, alive)
        return self._complete(record)

    def _judge(self, target: Target, read: Outcome) -> "pl.Series":
        """Rejects what must be rejected of a target, some cells being no values; True for each that may live."""
        import polars as pl

        has_value = _has(read, VALUES)
        if target.required:
            is_measure = target.name == self.plan.source.measure
            refused = _has(read, REFUSED)
            self._reject(target, read, refused, rejects.REFUSED)
            kind = rejects.EMPTY if is_measure else rejects.REFUSED
            addition = "" if is_measure else f", and no row of {self.plan.source.table} can do without it"
            self._reject(target, read, ~has_value & ~refused, kind, addition)
            return has_value
        self._reject(target, read, _has(read, REFUSED), rejects.REFUSED)
        return pl.repeat(True, self.frame.height, dtype=pl.Boolean, eager=True)

    def _reject(
        self,
        target: Target,
        read: Outcome,
        mask: "pl.Series",
        kind: str,
        addition: str = "",
        frame: "pl.DataFrame | None" = None,
    ) -> None:
        import polars as pl

        if not mask.any():
            return
        sentences = {code: sentence + addition for code, sentence in target.reasons().items()}
        code = read.code.filter(mask).cast(pl.Int64)
        reason = code.replace_strict(sentences, default="", return_dtype=pl.String)
        self.found.append(
            _reject_rows(
                self.frame if frame is None else frame,
                mask,
                column=target.bound.label,
                value=read.text,
                reason=reason,
                kind=kind,
            )
        )

    def _by_item(self, record: "pl.DataFrame", alive: "pl.Series") -> "pl.DataFrame":
        """One row for each answer to an item, in the order of records and, within one, of items."""
        import numpy as np
        import polars as pl

        frame = self.frame.filter(alive)
        items = self.plan.items
        reads = [item.read(frame) for item in items]
        for item, read in zip(items, reads, strict=True):
            if self._count_cells(item, read) < frame.height:
                self._reject(item, read, _has(read, REFUSED), rejects.REFUSED, frame=frame)
        answered = np.zeros((frame.height, len(items)), dtype=np.bool_)
        values = np.zeros((frame.height, len(items)), dtype=np.float64)
        for place, read in enumerate(reads):
            answered[:, place] = _has(read, VALUES).to_numpy()
            values[:, place] = read.value.fill_null(0).to_numpy()
        self._reject_unanswered(frame, reads, pl.Series(answered.any(axis=1)))
        records, places = np.nonzero(answered)
        names = pl.Enum([item.name for item in items])
        return record[records].with_columns(
            pl.Series(places, dtype=pl.UInt32).cat.to(names).alias(ITEM_TARGETS[self.plan.source.table]),
            pl.Series(self.plan.source.measure or "value", values[records, places], dtype=pl.Float64),
        )

    def _reject_unanswered(self, frame: "pl.DataFrame", reads: Sequence[Outcome], has_answer: "pl.Series") -> None:
        """A record without an answer to any item, and without a refused one, is empty."""
        import polars as pl

        unanswered = ~has_answer
        for read in reads:
            unanswered &= ~_has(read, REFUSED)
        if unanswered.any():
            blank = pl.repeat("", frame.height, dtype=pl.String, eager=True)
            count = len(self.plan.source.items)
            reason = f"has no answer to any of the {count} items"
            self.found.append(
                _reject_rows(frame, unanswered, column="items", value=blank, reason=reason, kind=rejects.EMPTY)
            )

    def _complete(self, record: "pl.DataFrame") -> "pl.DataFrame":
        """The fact rows with every column of the table, in its order, and with their origin."""
        import polars as pl

        part, source = self.plan.part, self.plan.source
        record = record.with_columns(
            _same("source", self.plan.source_name, record.height),
            _same("file", part.file, record.height),
            _same(SHEET, part.sheet, record.height),
            pl.col(LINE).alias(FACT_LINE),
        )
        columns = []
        for name, dtype in fact_types(source.table, self.plan.attributes).items():
            if name not in record.columns:
                columns.append(pl.lit(None, dtype=dtype).alias(name))
            elif isinstance(record.schema[name], pl.Enum):
                columns.append(pl.col(name))
            else:
                columns.append(pl.col(name).cast(dtype))
        return record.select(*columns, SHEET, FACT_LINE)

    def _count_cells(self, target: Target, read: Outcome) -> int:
        """Books the cells of a target; gives how many of them have a value."""
        import numpy as np

        cells = self.tally.of(target.name)
        counts = np.bincount(read.code.to_numpy(), minlength=max(Code) + 1).tolist()
        found = sum(counts[code] for code in VALUES)
        cells.values += found
        cells.limited += counts[Code.LIMITED]
        cells.missing += sum(counts[code] for code in MISSING)
        cells.not_answers += counts[Code.NOT_AN_ANSWER]
        cells.refused += sum(counts[code] for code in REFUSED)
        cells.not_found += counts[Code.NOT_FOUND]
        wrong = sum(counts[code] for code in WRONG_TYPE)
        cells.wrong_type += wrong
        if wrong:
            self._keep_examples(target, read)
        return int(found)

    def _keep_examples(self, target: Target, read: Outcome) -> None:
        mask = _has(read, WRONG_TYPE)
        texts = tuple(as_text(read.text.filter(mask).unique(maintain_order=True).head(50)).to_list())
        frame = self.frame if mask.len() == self.frame.height else self.frame.head(0)
        line = next(iter(frame[LINE].filter(mask)), None) if frame.height else None
        self.examples.append(Examples(target, self.plan.part.file, line, texts))


def _same(name: str, text: str, count: int) -> "pl.Series":
    """The same text in each of `count` rows."""
    import polars as pl

    return pl.repeat(0, count, dtype=pl.UInt8, eager=True).cat.to(pl.Enum([text])).alias(name)


def _has(read: Outcome, codes: Sequence[Code]) -> "pl.Series":
    return read.code.is_in([int(code) for code in codes])


def fact_types(table: str, attributes: Sequence[str]) -> "Mapping[str, pl.DataType]":
    """The columns of a fact table with these attributes, in their order, and their types."""
    import polars as pl

    from nonagon.facts.schemas import ORIGIN_COLUMNS, SCHEMAS

    of_type: dict[str, pl.DataType] = {
        "text": pl.String(),
        "number": pl.Float64(),
        "date": pl.Date(),
        "timestamp": pl.Datetime("us"),
    }
    types = {column.name: of_type[column.type] for column in SCHEMAS[table].columns}
    types.update({ATTRIBUTE_PREFIX + name: pl.String() for name in attributes})
    types.update({column.name: of_type[column.type] for column in ORIGIN_COLUMNS})
    types[ROW] = pl.Int64()
    return types
