"""What `[data.<name>]` in cycle.toml says: which files become which fact table, and by which rules.

Everything here is a frozen pydantic model and nothing else, so that checking a cycle stays quick. A column
of a fact table is filled by a *form*: the name of a source column, alternatives of it, or a way to make it.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic import ValidationError as PydanticError

from nonagon.deliverables.decisions import Fault
from nonagon.facts.schemas import ATTRIBUTE_PREFIX, SCHEMAS, Schema

Table = Literal["customers", "answers", "verbatims", "sales", "measurements"]
Reader = Literal["csv", "excel", "parquet", "sqlite"]
DateOrder = Literal["day-first", "month-first", "year-first"]

EVERY = "*"
# The table's own reading: what rules such as `not_answers` and `cap` under "*" apply to.
MEASURES: dict[str, str] = {"answers": "value", "verbatims": "text", "sales": "amount", "measurements": "value"}
# Tables that a wide file can fill, one column an item, and the target that then takes the item's name.
ITEM_TARGETS: dict[str, str] = {"answers": "item", "measurements": "characteristic"}


class Part(BaseModel):
    """A frozen part of the mapping. Blanks inside its texts matter, so they are kept."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @model_serializer(mode="wrap")
    def _as_said(self, usual: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Only what was said, under the names that people write: what is dumped reads back as the same mapping.

        What a rule leaves unsaid is taken from other rules, and the facts' fingerprint is made of what was said.
        """
        said = {
            form for name in self.model_fields_set for form in (name, type(self).model_fields[name].alias or name)
        }
        aliases = {name: field.alias or name for name, field in type(self).model_fields.items()}
        return {aliases.get(name, name): value for name, value in usual(self).items() if name in said}


# --- texts and lists as people write them in TOML -------------------------------------------------------


def _as_text(value: Any) -> Any:
    """A marker as text: people write the code 99 as a number, and the file holds it as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def _as_list(value: Any) -> Any:
    """One value stands for a list of one."""
    return value if isinstance(value, list | tuple) else [value]


Text = Annotated[str, BeforeValidator(_as_text)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_as_list)]
Names = Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1)]


# --- forms: where the values of a column come from ------------------------------------------------------


class Form(Part):
    """Where the values of one column come from. `keys` are the keys that only this form has."""

    keys: ClassVar[frozenset[str]] = frozenset()

    def parts_inside(self) -> tuple["Form", ...]:
        """The forms that it is made of and that read the same record."""
        return ()

    def sources(self) -> Iterator["Taken"]:
        """Every source column that the form reads."""
        for part in self.parts_inside():
            yield from part.sources()

    def lookups(self) -> Iterator["Lookup"]:
        """Every look into another file."""
        for part in self.parts_inside():
            yield from part.lookups()


class Taken(Form):
    """A source column, by its header; of several alternatives, the one that the file has.

    optional: a file may lack the column; its rows then have no value here.
    """

    keys = frozenset({"from", "optional"})

    names: Names = Field(alias="from")
    optional: bool = False

    def sources(self) -> Iterator["Taken"]:
        """Itself."""
        yield self


class Constant(Form):
    """The same text in every row."""

    keys = frozenset({"constant"})

    constant: Text


class _FromName(Form):
    @staticmethod
    def _with_one_group(pattern: str) -> str:
        try:
            groups = re.compile(pattern).groups
        except re.error as error:
            raise ValueError(f"must be a regular expression; {pattern!r} is none: {error}") from error
        if groups != 1:
            raise ValueError(
                f"must have exactly one group in round brackets, the part to take; {pattern!r} has {groups}"
            )
        return pattern


class FromFileName(_FromName):
    """What the one group of a regular expression finds in the file's name."""

    keys = frozenset({"file"})

    file: Annotated[str, BeforeValidator(_FromName._with_one_group)]


class FromSheetName(_FromName):
    """What the one group of a regular expression finds in the sheet's name."""

    keys = frozenset({"sheet"})

    sheet: Annotated[str, BeforeValidator(_FromName._with_one_group)]


class Joined(Form):
    """Several forms joined to one text; no value where one of them has none."""

    keys = frozenset({"join", "with"})

    parts: tuple["AnyForm", ...] = Field(alias="join", min_length=2)
    between: str = Field("-", alias="with")

    def parts_inside(self) -> tuple[Form, ...]:
        """What is joined."""
        return self.parts


class Bucket(Form):
    """The month (2018-01), quarter (2018-Q1) or year (2018) that a date lies in."""

    keys = frozenset({"bucket", "by"})

    of: "AnyForm" = Field(alias="bucket")
    by: Literal["month", "quarter", "year"]

    def parts_inside(self) -> tuple[Form, ...]:
        """The date."""
        return (self.of,)


class Product(Form):
    """The product of several numbers in the same record, such as quantity times unit price."""

    keys = frozenset({"multiply"})

    factors: tuple["AnyForm", ...] = Field(alias="multiply", min_length=2)

    def parts_inside(self) -> tuple[Form, ...]:
        """The factors."""
        return self.factors


class DayAndTime(Form):
    """A moment whose day and time of day stand in two columns."""

    keys = frozenset({"day", "time"})

    day: "AnyForm"
    time: "AnyForm"

    def parts_inside(self) -> tuple[Form, ...]:
        """Day and time."""
        return (self.day, self.time)


class Numbered(Form):
    """A key made of the file's name without its ending and the record's number, where the file has no key."""

    keys = frozenset({"numbered"})

    numbered: Literal[True]


class Lookup(Form):
    """What another file says of the same thing, found by a key.

    file: the other file, relative to the data folder; key: a form of this source's record; match: the other
    file's column that holds the key, or alternatives; take: a form of the other file's record. Keys are compared
    as texts without blanks around them. A record whose key is blank, or not in the other file, has no value here.
    """

    keys = frozenset({"lookup", "key", "match", "take"})

    file: str = Field(alias="lookup")
    key: "AnyForm"
    match: Names
    take: "AnyForm"

    @field_validator("file")
    @classmethod
    def _inside_the_folder(cls, value: str) -> str:
        return _below_the_folder(value)

    @model_validator(mode="after")
    def _one_look_deep(self) -> "Lookup":
        if any(True for _ in self.take.lookups()):
            raise ValueError("take must be found in the file itself; it looks into a further file")
        return self

    def parts_inside(self) -> tuple[Form, ...]:
        """The key: what is taken stands in another file."""
        return (self.key,)

    def lookups(self) -> Iterator["Lookup"]:
        """Itself, and what its key looks up."""
        yield self
        yield from self.key.lookups()


def _below_the_folder(name: str) -> str:
    if not name.strip() or name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name):
        raise ValueError(f"must lie inside the data folder and be relative to it; got {name!r}")
    return name


FORMS: tuple[type[Form], ...] = (
    Taken, Constant, FromFileName, FromSheetName, Joined, Bucket, Product, DayAndTime, Numbered, Lookup,
)  # fmt: skip


def _form_of(value: Any) -> Any:
    """The form that a TOML value describes."""
    if isinstance(value, Form):
        return value
    if isinstance(value, str | list | tuple):
        value = {"from": value}
    if not isinstance(value, dict):
        raise ValueError(
            f"must be a column name, a list of them, or a table such as {{constant = ...}}; got {value!r}"
        )
    for form in FORMS:
        if value.keys() & form.keys:
            return _validated(form, value)
    beside = {"optional", "with", "by", "time", "key", "match", "take"}
    known = ", ".join(sorted(key for form in FORMS for key in form.keys - beside))
    raise ValueError(
        f"is a table with none of the keys {known}; got {', '.join(map(str, value)) or 'an empty table'}"
    )


def _validated(form: type[Form], value: dict[str, Any]) -> Form:
    try:
        return form.model_validate(value)
    except PydanticError as error:
        # One sentence instead of pydantic's block of lines: the caller knows the place already.
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from error


AnyForm = Annotated[SerializeAsAny[Form], BeforeValidator(_form_of)]
for _form in FORMS:
    _form.model_rebuild()


# --- rules: what a cell means ---------------------------------------------------------------------------


class Cap(Part):
    """A value at which a scale or a counter ends; `then` says what becomes of values at or above it."""

    at: float
    then: Literal["refuse", "missing", "limit"] = "refuse"


class Rules(Part):
    """How the cells of one column are read. Every key is optional.

    missing: texts that mean "no value", beside the blank; not_answers: codes that are no answer, such as
    0 for "does not apply"; cap; date_order and formats (as strptime's, or "excel-serial") for dates;
    decimal, thousands and strip for numbers; whole: a text such as 17850.0 stands for 17850, as ids look after
    a detour over numbers; map: text -> what it stands for; lower and upper: the least and greatest value that
    can be, both included.
    """

    missing: Texts = ()
    not_answers: Texts = ()
    cap: Cap | None = None
    date_order: DateOrder | None = None
    formats: Texts = ()
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    strip: Texts = ()
    whole: bool = False
    map: dict[str, Text] = {}
    lower: float | date | None = None
    upper: float | date | None = None

    @model_validator(mode="after")
    def _can_be(self) -> "Rules":
        if self.thousands and self.thousands == self.decimal:
            raise ValueError(f"thousands and decimal must differ; both are {self.decimal!r}")
        return self

    def over(self, base: "Rules", keys: frozenset[str] | None = None) -> "Rules":
        """These rules, with what they leave unsaid taken from `base` (only the fields in `keys`, if given)."""
        said = self.model_fields_set
        inherited = {
            name: getattr(base, name)
            for name in base.model_fields_set
            if name not in said and (keys is None or name in keys)
        }
        return Rules.model_validate({**{name: getattr(self, name) for name in said}, **inherited})


# What rules under "*" mean for a column that is not the table's own reading: a code such as 0 is "no
# answer" among the scores, and a proper number among the ids.
INHERITED_BY_ALL = frozenset({"missing", "date_order", "formats", "decimal", "thousands", "strip", "whole"})
INHERITED_BY_TEXT = frozenset({"missing", "whole"})


class Filter(Part):
    """Which records to keep; the others are set aside, counted and listed. Every test that is set must hold."""

    column: Names
    one_of: Texts | None = None
    none_of: Texts | None = None
    at_least: float | date | None = None
    below: float | date | None = None

    @model_validator(mode="after")
    def _tests_something(self) -> "Filter":
        if all(test is None for test in (self.one_of, self.none_of, self.at_least, self.below)):
            raise ValueError("must have one of the tests one_of, none_of, at_least, below")
        return self

    def sentence(self) -> str:
        """The rule in words, for the list of records set aside."""
        tests = [
            f"is one of {', '.join(self.one_of)}" if self.one_of is not None else "",
            f"is none of {', '.join(self.none_of)}" if self.none_of is not None else "",
            f"is at least {_as_text(self.at_least)}" if self.at_least is not None else "",
            f"is below {_as_text(self.below)}" if self.below is not None else "",
        ]
        return f"kept only where {self.column[0]} " + " and ".join(test for test in tests if test)


# --- a source -------------------------------------------------------------------------------------------


class Source(Part):
    """One `[data.<name>]` of cycle.toml: files, how to read them, and what fills which column.

    table: the fact table; files: names or globs, relative to the data folder; reader: by the file's
    ending where not given; encoding, delimiter: found out where not given; quote: "" where quotes are
    ordinary characters; escape: the character that escapes a quote, where quotes are not doubled;
    sheet: names of sheets (of SQLite: of tables or views), or "*" for all, the first where not given;
    header_row: the row of the headers, 0 where there is none (columns are then named "#1", "#2" ...); columns,
    attributes, items: forms; values: rules by target, attribute or item, "*" for all; filters; unique: targets
    that together are a key, of which the last row is kept.

    >>> source = Source.model_validate({"table": "sales", "files": "*.csv", "columns": {"amount": "Total"}})
    >>> source.columns["amount"].names
    ('Total',)
    """

    table: Table
    files: Names
    reader: Reader | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quote: str = '"'
    escape: str = ""
    sheet: Texts = ()
    header_row: int = Field(1, ge=0)
    columns: dict[str, AnyForm] = {}
    attributes: dict[str, AnyForm] = {}
    items: dict[str, AnyForm] = {}
    values: dict[str, Rules] = {}
    filters: tuple[Filter, ...] = ()
    unique: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                codecs.lookup(value)
            except LookupError as error:
                raise ValueError(f"is no known encoding: {value!r}; try utf-8, cp1252 or utf-16") from error
        return value

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, value: str | None) -> str | None:
        value = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";"}.get(value or "", value)
        if value is not None and (len(value) != 1 or value in '"\r\n\0'):
            raise ValueError(f'must be one character such as ";" or "\\t"; got {value!r}')
        return value

    @field_validator("quote", "escape")
    @classmethod
    def _at_most_one_character(cls, value: str) -> str:
        if len(value) > 1 or value in ("\r", "\n", "\0"):
            raise ValueError(f"must be one character, or empty; got {value!r}")
        return value

    @field_validator("files")
    @classmethod
    def _inside_the_folder(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_below_the_folder(name) for name in value)

    @field_validator("attributes")
    @classmethod
    def _attribute_names(cls, value: dict[str, Form]) -> dict[str, Form]:
        for name in value:
            if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
                raise ValueError(
                    f"an attribute's name must be letters, digits and underscores, a letter first; got {name!r}"
                )
        return value

    @model_validator(mode="after")
    def _marks_differ(self) -> "Source":
        marks = [mark for mark in (self.delimiter, self.quote, self.escape) if mark]
        if len(set(marks)) < len(marks):
            raise ValueError(f"delimiter, quote and escape must differ; got {' '.join(map(repr, marks))}")
        return self

    @property
    def fact_schema(self) -> Schema:
        """The fact table's schema."""
        return SCHEMAS[self.table]

    @property
    def measure(self) -> str | None:
        """The target that holds the table's reading, such as an answer's value."""
        return MEASURES.get(self.table)

    @property
    def is_wide(self) -> bool:
        """Whether one record holds several facts, one column an item."""
        return bool(self.items)

    def forms(self) -> Iterator[tuple[str, str, Form]]:
        """Every (section, name, form) of columns, attributes and items."""
        for section in ("columns", "attributes", "items"):
            for name, form in getattr(self, section).items():
                yield section, name, form

    def lookups(self) -> Iterator[tuple[str, str, Lookup]]:
        """Every look into another file, with the section and the name that it is for."""
        for section, name, form in self.forms():
            yield from ((section, name, lookup) for lookup in form.lookups())

    def rules_for(self, name: str) -> Rules:
        """The rules of a target, an attribute or an item: its own, then the measure's, then those of "*"."""
        own = self.values.get(name, Rules())
        every = self.values.get(EVERY, Rules())
        if name in self.items and self.measure:
            own = own.over(self.values.get(self.measure, Rules()))
        if name in self.items or name == self.measure:
            return own.over(every)
        column = self.fact_schema.column(name)
        is_text = column is None or column.type == "text"
        return own.over(every, INHERITED_BY_TEXT if is_text else INHERITED_BY_ALL)

    def date_rules_for(self, name: str) -> Rules:
        """The rules for a date inside a form of `name`: its own, then those of the table's date."""
        moment = "at" if self.table == "measurements" else "since" if self.table == "customers" else "date"
        base = self.values.get(moment, Rules()).over(self.values.get(EVERY, Rules()), INHERITED_BY_ALL)
        return self.values.get(name, Rules()).over(base, INHERITED_BY_ALL)

    def faults(self) -> Iterator[Fault]:
        """What is wrong in view of the table's schema: unknown targets, required ones that nothing fills."""
        yield from self._unknown_targets()
        yield from self._unfilled_targets()
        yield from self._useless_rules()

    def _unknown_targets(self) -> Iterator[Fault]:
        known = [column.name for column in self.fact_schema.columns]
        for name in self.columns:
            if self.fact_schema.column(name) is None:
                yield Fault(
                    ("columns", name),
                    f"is no column of the table {self.table}{_near(name, known)} (it has {', '.join(known)}); "
                    f"to keep it beside them, put it under attributes",
                )
        for name in self.attributes:
            if self.fact_schema.column(name) is not None or name.startswith(ATTRIBUTE_PREFIX):
                yield Fault(("attributes", name), f"is a column of the table {self.table}; put it under columns")
        for name in self.unique:
            if name not in self.columns and name not in self.attributes:
                yield Fault(("unique",), f"names {name!r}, which is neither under columns nor under attributes")

    def _unfilled_targets(self) -> Iterator[Fault]:
        by_items: set[str] = set()
        if self.items:
            if self.table not in ITEM_TARGETS:
                yield Fault(
                    ("items",), f"items fill only the tables {' and '.join(ITEM_TARGETS)}, not {self.table}"
                )
                return
            by_items = {ITEM_TARGETS[self.table], MEASURES[self.table]}
            for name in sorted(by_items & self.columns.keys()):
                yield Fault(("columns", name), "is filled by items already; leave one of the two out")
        for name in self.fact_schema.required:
            if name not in self.columns and name not in by_items:
                column = self.fact_schema.column(name)
                meaning = column.meaning if column else ""
                yield Fault(("columns",), f'must say where {name} comes from ({meaning}); add {name} = "..."')

    def _useless_rules(self) -> Iterator[Fault]:
        names = {name for _, name, _ in self.forms()} | {EVERY, self.measure or EVERY}
        for name in self.values:
            if name not in names:
                yield Fault(
                    ("values", name),
                    f"has rules, but no column, attribute or item is called so{_near(name, names)}",
                )


def _near(name: str, known: "Mapping[str, Any] | list[str] | set[str]") -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, [str(other) for other in known], n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(near)}?" if near else ""
