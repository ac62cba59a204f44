"""A source while it is being mapped: the page's form and the mapping that it stands for.

A mapping here is what TOML would say of a source (`[data.<name>]`). The form shows most of it; what it cannot show
it keeps: a field that is sent back as it was shown leaves the mapping as it was.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from nonagon.deliverables.mistakes import cleaned, dotted, said
from nonagon.facts.schemas import SCHEMAS
from nonagon.imports.guess import toml_value
from nonagon.imports.headers import find
from nonagon.imports.mapping import ITEM_TARGETS, Source
from nonagon.pipeline.texts import source_as_said
from nonagon.process import documents, registry
from nonagon.process.models import Cycle
from nonagon.workspace.uploads import Refused

Said = dict[str, Any]
"""A mapping as TOML says it."""

TABLES = {
    "customers": gettext_lazy("customers: one row a customer"),
    "answers": gettext_lazy("answers: of a survey, to questions on a scale"),
    "verbatims": gettext_lazy("verbatims: what customers said in their own words"),
    "sales": gettext_lazy("sales: what was sold, when, for how much"),
    "measurements": gettext_lazy("measurements: of a process"),
}
ENCODINGS = ("utf-8", "cp1252", "latin-1", "utf-16", "utf-8-sig", "mac-roman", "cp437", "cp1256")
DELIMITERS = {",": gettext_lazy("comma"), ";": gettext_lazy("semicolon"), "\t": gettext_lazy("tab"), "|": "|"}
HOWS = {
    "": gettext_lazy("not filled"),
    "constant": gettext_lazy("the same in every row"),
    "numbered": gettext_lazy("the record's number"),
    "file": gettext_lazy("out of the file's name (a pattern with one group)"),
    "written": gettext_lazy("as written (TOML)"),
}
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def sources_of(cycle: Cycle) -> dict[str, Source]:
    """The cycle's sources by name."""
    head, _number = documents.current(cycle, registry.HEAD)
    return dict(head.data)  # type: ignore[attr-defined]


def refuse_in_use(cycle: Cycle, file: str) -> None:
    """Raises Refused for a file that a source reads by its name: without it the next import would fail."""
    for name, source in sources_of(cycle).items():
        if file in source.files:
            told = _("“%(name)s” is what the source “%(source)s” reads; remove the source first.")
            raise Refused(told % {"name": file, "source": name})


def as_said(source: Source) -> Said:
    """The mapping of a source, in the short forms that people write."""
    return dict(source_as_said(source))


def mark_of(source: Source | None) -> str:
    """A fingerprint of a source, to see whether somebody changed it meanwhile; "" for none."""
    if source is None:
        return ""
    return hashlib.sha256(json.dumps(source.model_dump(mode="json")).encode()).hexdigest()[:16]


# --- text -----------------------------------------------------------------------------------------------


def to_toml(mapping: Said) -> str:
    """The mapping as TOML."""
    import tomli_w  # noqa: PLC0415

    return tomli_w.dumps({name: value for name, value in mapping.items() if value not in ({}, [], None)})


def from_text(text: str) -> Said:
    """The mapping that TOML or JSON says; a header `[data.<name>]` around it is taken off. Raises Refused."""
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refused(_("The text is neither TOML nor JSON: %(why)s") % {"why": error}) from error
    if not isinstance(found, dict):
        raise Refused(_("The text must say a table of keys such as table, files, columns."))
    inner = found.get("data")
    if isinstance(inner, dict) and len(found) == 1 and len(inner) == 1:
        found = next(iter(inner.values()))
    return found


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing wrong with a mapping: the dotted key, and why."""

    key: str
    message: str


def read(mapping: Said) -> tuple[Source | None, list[Wrong]]:
    """The source that a mapping says, or what is wrong with it."""
    try:
        source = Source.model_validate(mapping)
    except ValidationError as error:
        return None, [Wrong(dotted(cleaned(one["loc"])), said(Source, one)) for one in error.errors()]
    return source, [Wrong(dotted(fault.path), fault.message) for fault in source.faults()]


# --- mapping -> form ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column of the file: what is in it, and what it is used for."""

    place: int
    title: str
    about: str
    examples: tuple[str, ...]
    use: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class SpecialRow:
    """What no single column of the file fills. how: a key of HOWS; what: the text for it."""

    section: str
    name: str
    meaning: str
    required: bool
    how: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """The value rules of one target, attribute or item, as texts. kind: text, number, date, or every."""

    name: str
    kind: str
    about: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FilterRow:
    """One filter, as texts."""

    place: int
    column: str = ""
    one_of: str = ""
    none_of: str = ""
    at_least: str = ""
    below: str = ""


Shown = tuple[str, str, tuple[str, ...]]
"""A column of the file: title, what is in it, examples."""


def column_rows(mapping: Said, columns: Sequence[Shown]) -> list[ColumnRow]:
    """Every column of the file with its use in the mapping."""
    uses = _uses(mapping, [title for title, _about, _examples in columns])
    return [
        ColumnRow(place, title, about, examples, *uses.get(title, ("", "")))
        for place, (title, about, examples) in enumerate(columns)
    ]


def _uses(mapping: Said, titles: Sequence[str]) -> dict[str, tuple[str, str]]:
    """What each column is used for, where a plain name in the mapping says so: title -> (use, name)."""
    uses: dict[str, tuple[str, str]] = {}
    for section, name, form in _forms(mapping):
        names = _names(form)
        place = find(names, titles) if names else None
        if place is None or titles[place] in uses:
            continue
        uses[titles[place]] = (f"columns.{name}", "") if section == "columns" else (section, name)
    return uses


def _forms(mapping: Said) -> Iterator[tuple[str, str, Any]]:
    for section in ("columns", "attributes", "items"):
        for name, form in (mapping.get(section) or {}).items():
            yield section, name, form


def _names(form: Any) -> tuple[str, ...]:
    """The names of a form that only names a column."""
    if isinstance(form, dict) and form.keys() <= {"from", "optional"}:
        form = form.get("from", ())
    return (form,) if isinstance(form, str) else tuple(form) if isinstance(form, list | tuple) else ()


def special_rows(mapping: Said, titles: Sequence[str]) -> list[SpecialRow]:
    """Targets that no single column of this file fills, and attributes and items made otherwise."""
    table = mapping.get("table", "answers")
    in_rows = {(use, name) for use, name in _uses(mapping, titles).values()}
    by_items = {ITEM_TARGETS.get(table, ""), "value"} if mapping.get("items") else set()
    rows = []
    for column in SCHEMAS[table].columns:
        if (f"columns.{column.name}", "") in in_rows or column.name in by_items:
            continue
        form = (mapping.get("columns") or {}).get(column.name)
        how, what = _special(form)
        rows.append(SpecialRow("columns", column.name, column.meaning, column.required, how, what))
    for section, name, form in _forms(mapping):
        is_shown = (f"columns.{name}", "") in in_rows if section == "columns" else (section, name) in in_rows
        if not is_shown and (section != "columns" or SCHEMAS[table].column(name) is None):
            rows.append(SpecialRow(section, name, "", False, *_special(form)))
    return rows


def _special(form: Any) -> tuple[str, str]:
    if form is None:
        return "", ""
    if isinstance(form, dict) and form.keys() == {"constant"}:
        return "constant", str(form["constant"])
    if form == {"numbered": True}:
        return "numbered", ""
    if isinstance(form, dict) and form.keys() == {"file"}:
        return "file", str(form["file"])
    return "written", toml_value(form)


LISTS = ("missing", "not_answers", "formats", "strip")
PLAIN = ("date_order", "decimal", "thousands", "lower", "upper")


def rule_rows(mapping: Said, more: Sequence[str] = ()) -> list[RuleRow]:
    """Rules of everything, of the readings, numbers and dates that are mapped, and of what has some already."""
    schema = SCHEMAS[mapping.get("table", "answers")]
    values = mapping.get("values") or {}
    mapped = [name for _section, name, _form in _forms(mapping)]
    kinds = {column.name: column.type for column in schema.columns}
    measure = {"answers": "value", "measurements": "value"}.get(schema.name)
    names = [
        "*",
        *([measure] if measure and (mapping.get("items") or measure in mapped) else []),
        *(name for name in mapped if kinds.get(name) in {"number", "date", "timestamp"}),
        *values,
        *(name for name in more if name in mapped),
    ]
    return [
        _rule_row(name, kinds.get(name, "number" if name in (mapping.get("items") or {}) else "text"), values)
        for name in dict.fromkeys(names)
    ]


def _rule_row(name: str, kind: str, values: Mapping[str, Any]) -> RuleRow:
    rules = values.get(name) or {}
    about = _("every column") if name == "*" else name
    return RuleRow(
        name, "date" if kind == "timestamp" else "every" if name == "*" else kind, about, rule_texts(rules)
    )


def rule_texts(rules: Mapping[str, Any]) -> dict[str, str]:
    """Rules as the texts of the form."""
    found = {key: in_list(rules[key]) for key in LISTS if key in rules}
    found |= {key: str(rules[key]) for key in PLAIN if rules.get(key) not in (None, "")}
    if rules.get("cap"):
        found |= {"cap_at": _number(rules["cap"]["at"]), "cap_then": str(rules["cap"].get("then", "refuse"))}
    if rules.get("whole"):
        found["whole"] = "yes"
    if rules.get("map"):
        found["map"] = "\n".join(f"{key} = {value}" for key, value in rules["map"].items())
    return found


def in_list(value: Any) -> str:
    """A list of texts in one line, divided by semicolons."""
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _number(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def filter_rows(mapping: Said) -> list[FilterRow]:
    """The filters, and a blank one to fill in."""
    found = [
        FilterRow(
            place,
            in_list(one.get("column", "")),
            *(in_list(one[key]) if one.get(key) is not None else "" for key in FILTER_LISTS),
            *(str(one[key]) if one.get(key) is not None else "" for key in FILTER_BOUNDS),
        )
        for place, one in enumerate(mapping.get("filters") or ())
    ]
    return [*found, FilterRow(len(found))]


FILTER_LISTS, FILTER_BOUNDS = ("one_of", "none_of"), ("at_least", "below")


# --- form -> mapping ------------------------------------------------------------------------------------


def from_form(sent: Mapping[str, str], base: Said) -> Said:
    """The mapping that the form says. base: the mapping that the form was made of. Raises Refused."""
    table = sent.get("table", base.get("table", "answers"))
    if table not in SCHEMAS:
        raise Refused(_("There is no table “%(table)s”.") % {"table": table})
    mapping: Said = {"table": table}
    files = [line.strip() for line in sent.get("files", "").splitlines() if line.strip()]
    mapping["files"] = files[0] if len(files) == 1 else files
    for key in ("reader", "quote", "escape"):
        if key in base:
            mapping[key] = base[key]
    _written(sent, mapping)
    for section, forms in _sections(sent, base, table).items():
        if forms:
            mapping[section] = forms
    values = _values(sent, base)
    if values:
        mapping["values"] = values
    filters = list(_filters(sent, base))
    if filters:
        mapping["filters"] = filters
    unique = [one.strip() for one in re.split(r"[;,]", sent.get("unique", "")) if one.strip()]
    if unique:
        mapping["unique"] = unique
    return mapping


def _written(sent: Mapping[str, str], mapping: Said) -> None:
    """How the file is written."""
    for key in ("encoding", "delimiter"):
        if sent.get(key):
            mapping[key] = sent[key]
    sheets = _texts(sent.get("sheet", ""))
    if sheets:
        mapping["sheet"] = sheets[0] if len(sheets) == 1 else sheets
    row = sent.get("header_row", "").strip()
    if row and row != "1":
        mapping["header_row"] = int(row) if row.isdigit() else row


def _sections(sent: Mapping[str, str], base: Said, table: str) -> dict[str, Said]:
    found: dict[str, Said] = {"columns": {}, "attributes": {}, "items": {}}
    was = {section: dict(base.get(section) or {}) for section in found}
    for place in _places(sent, "header"):
        title, use = sent[f"header.{place}"], sent.get(f"use.{place}", "")
        if not use:
            continue
        section, _dot, name = use.partition(".")
        name = name or sent.get(f"as.{place}", "").strip() or plain_name(title)
        if section not in found or not name:
            continue
        if section == "columns" and SCHEMAS[table].column(name) is None:
            continue  # a target of the table that was chosen before
        if name in found[section]:
            said_ = _("Two columns are used for “%(name)s”; choose one.")
            raise Refused(said_ % {"name": name})
        before = was[section].get(name)
        found[section][name] = before if _is_same_column(before, title) else title
    for key in sent:
        at = re.fullmatch(r"how\.(columns|attributes|items)\.(.+)", key)
        if at is None or not sent[key]:
            continue
        section, name = at[1], at[2]
        if name not in found[section] and (section != "columns" or SCHEMAS[table].column(name) is not None):
            found[section][name] = _special_form(sent[key], sent.get(f"what.{section}.{name}", ""), name)
    return {section: _in_order(forms, was[section]) for section, forms in found.items()}


def _is_same_column(before: Any, title: str) -> bool:
    names = _names(before) if before is not None else ()
    return bool(names) and find(names, [title]) is not None


def _special_form(how: str, what: str, name: str) -> Any:
    if how == "numbered":
        return {"numbered": True}
    if how == "constant":
        return {"constant": what}
    if how == "file":
        return {"file": what}
    try:
        return tomllib.loads(f"form = {what}")["form"]
    except tomllib.TOMLDecodeError as error:
        said_ = _("What stands for “%(name)s” is no TOML value: %(why)s")
        raise Refused(said_ % {"name": name, "why": error}) from error


def _in_order(forms: Said, before: Said) -> Said:
    """The forms in the order that they had; new ones after them."""
    names = [*(name for name in before if name in forms), *(name for name in forms if name not in before)]
    return {name: forms[name] for name in names}


def _values(sent: Mapping[str, str], base: Said) -> Said:
    was = base.get("values") or {}
    shown = [key.removeprefix("rules.") for key in sent if key.startswith("rules.")]
    found = {name: rules for name, rules in was.items() if name not in shown}
    for name in shown:
        rules = _rules(sent, name, was.get(name) or {})
        if rules:
            found[name] = rules
    return _in_order(found, was)


def _rules(sent: Mapping[str, str], name: str, before: Said) -> Said:
    """The rules of one name. What the form did not ask about stays."""
    start = f"rule.{name}."
    asked = {key.removeprefix(start): value.strip() for key, value in sent.items() if key.startswith(start)}
    shown = rule_texts(before)
    rules = {key: value for key, value in before.items() if ("cap_at" if key == "cap" else key) not in asked}
    for key, text in asked.items():
        if not text or key == "cap_then":
            continue
        rule = "cap" if key == "cap_at" else key
        is_same = _lines(text) == _lines(shown.get(key, "")) and (
            key != "cap_at" or asked.get("cap_then") == shown.get("cap_then")
        )
        rules[rule] = before[rule] if is_same and rule in before else _rule(key, text, asked)
    return {
        key: rules[key] for key in [*(k for k in before if k in rules), *(k for k in rules if k not in before)]
    }


def _rule(key: str, text: str, asked: Mapping[str, str]) -> Any:
    if key in LISTS:
        return _texts(text)
    if key == "cap_at":
        return {"at": _value(text, "lower"), "then": asked.get("cap_then") or "refuse"}
    if key == "whole":
        return True
    if key == "map":
        return dict(_pairs(text))
    return _value(text, key)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if line.strip():
            key, is_pair, value = line.rpartition("=")
            if not is_pair:
                raise Refused(
                    _("Each line must say “what stands in the file = what it stands for”; got “%s”.") % line
                )
            yield key.strip(), value.strip()


def _value(text: str, key: str) -> Any:
    """A bound as a number where it is one; a date stays a text, which the mapping reads."""
    if key in {"lower", "upper"}:
        try:
            number = float(text)
        except ValueError:
            return text
        return int(number) if number.is_integer() and "." not in text else number
    return " " if key == "thousands" and text == "blank" else text


def _filters(sent: Mapping[str, str], base: Said) -> Iterator[Said]:
    was = {row.place: row for row in filter_rows(base)}
    kept = list(base.get("filters") or ())
    for place in _places(sent, "filter", "column"):
        texts = {
            key: sent.get(f"filter.{place}.{key}", "").strip() for key in ("column", *FILTER_LISTS, *FILTER_BOUNDS)
        }
        if not texts["column"]:
            continue
        row = was.get(place)
        if row is not None and place < len(kept) and all(getattr(row, key) == text for key, text in texts.items()):
            yield kept[place]
            continue
        rule: Said = {"column": _texts(texts["column"])}
        rule |= {key: _texts(texts[key]) for key in FILTER_LISTS if texts[key]}
        rule |= {key: _value(texts[key], "lower") for key in FILTER_BOUNDS if texts[key]}
        yield rule


def _places(sent: Iterable[str], start: str, end: str = "") -> list[int]:
    pattern = re.compile(rf"{start}\.(\d{{1,4}})" + (rf"\.{end}" if end else ""))
    return sorted(int(at[1]) for key in sent if (at := pattern.fullmatch(key)))


def _texts(text: str) -> list[str]:
    return [one.strip() for one in text.split(";") if one.strip()]


def plain_name(text: str) -> str:
    """A name for an attribute, an item or a source, made of a header or a file's name."""
    from nonagon.imports.spelling import plain_id  # noqa: PLC0415

    return plain_id(text) or ""


# --- what the page asks of a mapping --------------------------------------------------------------------

WRITTEN = ("table", "files", "reader", "encoding", "delimiter", "quote", "escape", "sheet", "header_row")
"""The keys that say how a file is written: enough to show it before its mapping is right."""


def targets(mapping: Said) -> list[tuple[str, str, bool]]:
    """What a column of the file can fill: name, meaning, whether it must be filled."""
    schema = SCHEMAS.get(mapping.get("table", "answers"), SCHEMAS["answers"])
    return [(one.name, one.meaning, one.required) for one in schema.columns]


def names_of(mapping: Said) -> list[str]:
    """Every name of the mapping that could have value rules."""
    return list(dict.fromkeys(name for _section, name, _form in _forms(mapping)))


def columns_of_items(source: Source, columns: Mapping[str, Any]) -> dict[str, Any]:
    """The column of the file that each item is taken from, by the item's id."""
    titles = list(columns)
    found: dict[str, Any] = {}
    for item, form in source.items.items():
        names = tuple(name for taken in form.sources() for name in taken.names)
        place = find(names, titles) if names else None
        if place is not None:
            found[item] = columns[titles[place]]
    return found


def item_kinds() -> tuple[str, ...]:
    """What a question can measure."""
    from typing import get_args  # noqa: PLC0415

    from nonagon.deliverables.cycle import ItemKind  # noqa: PLC0415

    return get_args(ItemKind)
