"""The catalogues of the pages' language: what is there to translate, and the files that the pages load.

`python assets/messages.py` reads the sources and brings `django.po` (what the pages say) and `sentences.po`
(what the rooms write: sections, criteria, findings, names and help of decisions) up to date: new messages come in
empty, those that the sources no longer have go. `python assets/messages.py compile` makes the .mo files, which
are build products.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src" / "nonagon"
LOCALE = SOURCES / "ui" / "locale"
LANGUAGE = "ar"
HEAD = "# Arabic for Nonagon: docs/explanation/arabic.md holds the words that are used.\n"

KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}

ROOMS_FILES = ("section.py", "criteria.py", "wording.py", "analysis", "decisions.py")
"""What in a room writes sentences that are stored and shown."""

NOT_SAID = {"id", "origin", "method", "key", "mend", "url", "data", "spec", "encoding", "step_word"}
"""Arguments whose text people do not read as a sentence."""

SHOWN = {"Figure", "Heading", "Table", "Chart", "Paragraph", "plural", "listed", "Criterion", "Finding", "Lack"}
"""Calls whose short texts are shown, even of one word."""

JOINED = (
    "{title}: {count} rows, first {first} at {value}.",
    "{title}: {count} activities, the last finishes on {day}. The money runs out in {month}.",
    "{name}: subgroup means",
    "{name}: subgroup ranges",
    "{name}: standard deviations",
    "{name}: single values",
    "{name}: moving ranges",
    "{name}: share",
    "{name}: rate",
    "{name}: sales by month",
    "Needs known after so many interviews",
    "Lowest score",
    "Our",
    "In the segment {segment} our",
    "{verbatims} verbatims of {customers} customers were read by rule; {share} speak of at least one known need, "
    "and {denied} matches were set aside since they deny it.",
    "{one} hinders {other}; both matter to customers.",
    "{one} hinders {other}; not both carry much weight.",
    "Settled: {how}.",
    "The selected projects are worth {worth} today by people's own bounds.",
    "{improvement} raised satisfaction by {change}; {checks}.",
    "{improvement} raised sales by {change}; {checks}.",
    "at a date when nothing was changed (placebo) nothing was shown, {interval}",
    "on what it cannot have changed nothing was shown, {interval}",
    "{low} percentage points {interval} a year",
    "Counted are {counted}.",
    "Importance: as customers stated it.",
    "Two coders agree beyond chance by kappa {kappa}.",
    "Withheld are scores of too few answers, and those from which the score of a smaller group could be found by "
    "subtraction.",
    "Wholly withheld: {classes}.",
    "{count} competitors: {names}",
    "{done} of {fields} fields",
    "{count} activity on the critical path, until {finish}",
    "{count} activities on the critical path, until {finish}",
    "{rated} rated needs, stated",
    "versions: {names}",
    "revenue, {currency}",
    "{count} largest customers bring",
    "largest customer brings",
    "The chain is not whole yet: {met} exit criteria are met; open are the steps {steps}.",
)
"""Texts that the rooms put together of several pieces, so that no one place of the sources holds them whole."""


# --- what the pages say -------------------------------------------------------------------------------


def page_messages() -> Catalog:
    """Every message of templates and Python files that goes through gettext, and the nine titles."""
    from django.conf import settings  # noqa: PLC0415
    from django.utils.translation.template import templatize  # noqa: PLC0415

    if not settings.configured:
        settings.configure(USE_I18N=False)
    catalog = Catalog(locale=LANGUAGE, domain="django")
    for file in sorted([*SOURCES.rglob("*.html"), *SOURCES.rglob("*.txt"), *SOURCES.rglob("*.py")]):
        if "static" in file.parts or (file.suffix != ".py" and "templates" not in file.parts):
            continue
        text = file.read_text(encoding="utf-8")
        python = text if file.suffix == ".py" else templatize(text)
        if not re.search(r"\b(_|gettext\w*|ngettext\w*|n?pgettext)\(", python):
            continue
        found = extract("python", io.BytesIO(python.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"})
        for _line, message, _comments, context in found:
            catalog.add(message, locations=[(_place(file), 0)], context=context)
    for title in _titles():
        catalog.add(title, locations=[("src/nonagon/pipeline/rooms.py", 0)])
    return catalog


def _titles() -> list[str]:
    from nonagon.pipeline.rooms import ROOMS  # noqa: PLC0415

    return [one.title for one in ROOMS]


def _place(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


# --- what the rooms write -----------------------------------------------------------------------------


def sentence_messages() -> Catalog:
    """Fixed texts and f-strings of the rooms, and what the models of the decisions say of their fields."""
    catalog = Catalog(locale=LANGUAGE, domain="sentences")
    for text in JOINED:
        catalog.add(text, locations=[("joined", 0)])
    for text, flag in _of_models():
        catalog.add(text, locations=[("decisions", 0)], auto_comments=[flag])
    files = [
        *(
            file
            for room in sorted((SOURCES / "steps").glob("step*"))
            for name in ROOMS_FILES
            for file in (sorted((room / name).rglob("*.py")) if (room / name).is_dir() else [room / name])
            if file.exists()
        ),
        *sorted((SOURCES / "charts").glob("*.py")),
        *sorted((SOURCES / "deliverables").glob("*.py")),
        SOURCES / "reports" / "headlines.py",
    ]
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for text in _texts(tree):
            catalog.add(text, locations=[(_place(file), 0)])
    return catalog


def _of_models() -> Iterator[tuple[str, str]]:
    """Labels, help and choices of every field of the nine documents and of the cycle's head."""
    from nonagon.pipeline.folder import CycleFile  # noqa: PLC0415
    from nonagon.pipeline.rooms import ROOMS  # noqa: PLC0415
    from nonagon.ui.fields import FormField, form_fields  # noqa: PLC0415

    def walk(fields: tuple[FormField, ...]) -> Iterator[tuple[str, str]]:
        for one in fields:
            yield one.label, "label"
            if one.help:
                yield one.help, "help"
            for choice in one.choices:
                yield choice.replace("_", " "), "choice"
            yield from walk(one.fields)

    for model in [CycleFile, *(room.decisions() for room in ROOMS)]:
        yield from dict.fromkeys(walk(form_fields(model)))


def _texts(tree: ast.AST) -> Iterator[str]:
    """Constants and f-strings that people read, in the order of the file."""
    left_out = _left_out(tree)
    short = _short_but_shown(tree)
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        if isinstance(node, ast.JoinedStr):
            pattern = pattern_of(node)
            if len(re.findall(r"[^\W\d_]", re.sub(r"\{\w+\}", "", pattern))) >= 3:
                yield pattern
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            sentence = " " in text.strip() and re.search(r"[a-z]{2}", text)
            if (sentence or id(node) in short) and re.search(r"[A-Za-z]{2}", text):
                yield text.replace("{", "{{").replace("}", "}}") if "{" in text else text
        elif isinstance(node, ast.Call) and _name(node.func) == "plural":
            yield from _plural(node)


def _left_out(tree: ast.AST) -> set[int]:  # noqa: PLR0912  (one branch a kind of node)
    """Nodes inside docstrings, errors, comparisons, annotations, keys, and arguments that nobody reads."""
    gone: set[int] = set()

    def leave(node: ast.AST | None) -> None:
        if node is not None:
            gone.update(id(one) for one in ast.walk(node))

    for node in ast.walk(tree):
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if docstring or isinstance(node, ast.Raise | ast.Compare | ast.Import | ast.ImportFrom):
            leave(node)
        elif isinstance(node, ast.Subscript):
            leave(node.slice)
        elif isinstance(node, ast.Dict):
            for key in node.keys:
                leave(key)
        elif isinstance(node, ast.AnnAssign):
            leave(node.annotation)
        elif isinstance(node, ast.FormattedValue):
            leave(node.format_spec)
        elif isinstance(node, ast.JoinedStr):
            gone.update(id(one) for one in node.values if isinstance(one, ast.Constant))
        elif isinstance(node, ast.Call):
            if _name(node.func) in {"Field", "getattr", "partition", "removeprefix", "replace", "get", "join"}:
                for one in node.args:
                    if isinstance(one, ast.Constant):
                        leave(one)
                if _name(node.func) == "Field":
                    leave(node)
            for keyword in node.keywords:
                if keyword.arg in NOT_SAID:
                    leave(keyword.value)
        elif isinstance(node, ast.FunctionDef):
            leave(node.returns)
            for argument in [*node.args.args, *node.args.kwonlyargs]:
                leave(argument.annotation)
    return gone


def _short_but_shown(tree: ast.AST) -> set[int]:
    """Constants of one word that stand where people read them: headings, column names, either-or of a sentence."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in SHOWN:
            found.update(id(one) for one in node.args if isinstance(one, ast.Constant))
            found.update(id(one.value) for one in node.keywords if isinstance(one.value, ast.Constant))
        elif isinstance(node, ast.Tuple) and len(node.elts) >= 2 and isinstance(node.elts[0], ast.Constant):
            found.add(id(node.elts[0]))
        elif isinstance(node, ast.IfExp):
            found.update({id(node.body), id(node.orelse)})
        elif isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            found.add(id(node.values[-1]))
    return found


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def pattern_of(node: ast.JoinedStr) -> str:
    """An f-string as a message with named places.

    >>> pattern_of(ast.parse('f"{len(found)} of {plural(n, chr(97))} are met"').body[0].value)
    '{found} of {n} are met'
    """
    parts: list[str] = []
    used: dict[str, int] = {}
    for one in node.values:
        if isinstance(one, ast.Constant):
            parts.append(str(one.value).replace("{", "{{").replace("}", "}}"))
        elif isinstance(one, ast.FormattedValue):
            word = _word(one.value)
            used[word] = used.get(word, 0) + 1
            parts.append("{" + (word if used[word] == 1 else f"{word}_{used[word]}") + "}")
    return "".join(parts)


def _word(node: ast.AST) -> str:
    """What a place in a sentence is called: after what it shows."""
    if isinstance(node, ast.Name):
        return node.id.strip("_") or "value"
    if isinstance(node, ast.Attribute):
        return node.attr if node.attr not in {"value", "name", "id"} else _word(node.value)
    if isinstance(node, ast.Call) and node.args:
        return _word(node.args[0])
    if isinstance(node, ast.Call):
        return _word(node.func)
    if isinstance(node, ast.Subscript):
        return _word(node.value)
    return "value"


def _plural(node: ast.Call) -> Iterator[str]:
    """`plural(n, "need")` writes "1 need" or "4 needs"."""
    words = [one.value for one in node.args[1:] if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    if words:
        yield f"{{count}} {words[0]}"
        yield f"{{count}} {words[1] if len(words) > 1 else words[0] + 's'}"


# --- files --------------------------------------------------------------------------------------------


def held(domain: str) -> Catalog:
    """The catalogue as it stands in the repository."""
    path = LOCALE / LANGUAGE / "LC_MESSAGES" / f"{domain}.po"
    if not path.exists():
        return Catalog(locale=LANGUAGE, domain=domain)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE, domain=domain)


def fresh() -> dict[str, Catalog]:
    """What the sources hold, by domain."""
    return {"django": page_messages(), "sentences": sentence_messages()}


def update() -> None:
    """Writes both catalogues anew, with the translations that are there."""
    for domain, template in fresh().items():
        catalog = held(domain)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        write(catalog, domain)
        missing = sum(1 for one in catalog if one.id and not is_translated(one))
        print(f"{domain}: {len(catalog)} messages, {missing} without Arabic")


def write(catalog: Catalog, domain: str) -> None:
    """Writes a catalogue without dates and line numbers, so that it changes when its messages do."""
    out = io.BytesIO()
    write_po(out, catalog, width=110, include_lineno=False, sort_by_file=False, omit_header=True)
    plain = f'{HEAD}msgid ""\nmsgstr ""\n"Language: ar\\n"\n"MIME-Version: 1.0\\n"\n'
    plain += '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    plain += f'"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    path = LOCALE / LANGUAGE / "LC_MESSAGES" / f"{domain}.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(plain + out.getvalue().decode(), encoding="utf-8")


def is_translated(message: Any) -> bool:
    """Whether every form of a message has Arabic."""
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(strings) and not message.fuzzy


def compile_all() -> None:
    """The .mo files beside the .po files."""
    for path in sorted(LOCALE.rglob("*.po")):
        with path.open("rb") as file:
            catalog = read_po(file, locale=LANGUAGE)
        with path.with_suffix(".mo").open("wb") as out:
            write_mo(out, catalog)


if __name__ == "__main__":
    compile_all() if sys.argv[1:] == ["compile"] else update()
