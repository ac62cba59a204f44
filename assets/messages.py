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
from collections.abc import Iterable, Iterator
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

NOT_SAID = {"id", "origin", "method", "key", "url", "data", "spec", "encoding", "step_word"}
"""Arguments whose text people do not read as a sentence."""

FAULTS_FILES = (
    "imports",
    "pipeline/folder.py",
    "pipeline/documents.py",
    "pipeline/archive.py",
    "facts/schemas.py",
)
"""Where, beside the rooms, it is worded what is wrong with files and decisions, and what tables hold."""

WORDED = {"Fault", "Mistake", "Unreadable", "Damaged", "Lack", "Column", "Schema", "mistake", "damage", "_wrong"}
"""Calls that get such words."""

WORDS_OF = {"message", "reason", "problem", "sentence", "more", "words", "addition", "why", "hint", "rule"}
"""Names that such words are given first."""

SAID_BY_TEMPLATES = re.compile(r"""\b(?:say|words)\("((?:[^"\\]|\\.)*)\"""")
REPORTS_SAY = {"said", "office", "words", "line", "cell", "heading", "sheet", "slide", "text", "notes"}
"""Calls of the report's formats whose first text is said."""

NOT_OF_REPORTS = {
    "formats.py",
    "letters.py",
    "pdf.py",
    "tongue.py",
    "inputs.py",
    "canvas.py",
    "sheets.py",
    "cells.py",
}
CODE = re.compile(
    r"^[a-z]+(-[a-z0-9]+)+$|^[a-z]*[_#=/.$][^ ]*$|^series-|^=|\[Red\]"
    r"|^(ltr|rtl|en|bar|line|none|top|pdf|html|xlsx)$"
)
"""Colours, formats, keys: no words."""

PLACE = re.compile(r"\{\w+\}")
ACTION = re.compile(
    r"(audit|control|cycle|data|decisions|job|key|member|needs|organization|person|plan|report|results|step"
    r"|aftersales\.case)\.(?!csv|toml|html|txt|json|dumps|loads|pdf|xlsx|pptx|css|typed)[a-z_]+(\.[a-z_]+)?"
)
NOT_DETAIL = {None, "cycle", "organization", "subject", "name"}

SEVERAL_WORDS = re.compile(r"[a-z]{2} [a-z]{2}|[a-z]{2}[,;:] [a-z]")
TOO_FEW = "NotEnoughData"
"""The error of a method whose words stand in a result in place of its number."""

NO_WORDS = re.compile(
    r"</?[a-z]|\bdatum\.|viewBox|[a-z]=\"|sans-serif|^width:|^var\(|^(bold|normal)$"  # drawings
    r"|^\W*[\w{}]+([_.][\w{}]+)+\W*$|^(?=.*\{)[\w{}\[\].-]+$"  # paths of names, and keys such as `chart_{plan}`
    r"|^(not|no longer|ne|nicht)$|^Value error, $|^select \{|^ not indexed$|^date_order = |^# Not used"  # data
)
"""Texts that nobody reads as words."""

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
    "{name} leads with {share}",
    "{count} (at least {low})",
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
    "must look like {pattern}",
    "to",
    "of",
    "The {count} largest customers bring {share} of the revenue of {customers}.",
    "The largest customer brings {share} of the revenue of {customers}.",
    "Weakest: steps {first}, {second}, {share} of the criteria met.",
    "Weakest: steps {first}, {second}, {third}, {share} of the criteria met.",
    "Sum",
    "improvements",
    "aftersales",
    "results",
    "not shown after correcting for {comparisons}",
    "The market segment {segment} is {verdict}.",
    "Our revenue with the {kind} is {verdict}.",
    "{count} interview",
    "{count} interviews",
    "mean since watching began",
    "observed",
    "without the improvement",
    "as observed",
    "corrected",
    "concentrate here",
    "keep up",
    "low priority",
    "possible overkill",
    "log ratio of revenue with to without it",
    "log revenue",
    "the month in which it started left out",
    "no column is a key, so the records are numbered",
    "its sheets: {sheets}",
    "some of the files or sheets have no such column",
    "{column} holds sentences",
    "texts that seem to mean 'no value'",
    "a date and an amount of money stand in each record",
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
    "with those who left taken into account, {adjusted}",
    "on what it cannot have changed nothing was shown, {negative}",
    "{heading}, low",
    "{heading}, high",
    "{heading}, in brackets",
    "{count} deviations",
    "{count} deviation",
    "as of {day}",
    "{name}: {count} customers",
    "{name}: {count} customer",
    "lower limit {limit}",
    "upper limit {limit}",
    "target {target}",
    "done late",
    "not due",
    "{name} (set apart)",
    "{name} (key)",
    "from",
    "is",
    "is not",
    "or",
    "and",
    "must-be",
    "attractive",
    "one-dimensional",
    "indifferent",
    "reverse",
    "questionable",
    "{name}: subgroup means: {count} points, {signals}",
    "{name}: subgroup ranges: {count} points, {signals}",
    "{name}: standard deviations: {count} points, {signals}",
    "{name}: single values: {count} points, {signals}",
    "{name}: moving ranges: {count} points, {signals}",
    "{name}: share: {count} points, {signals}",
    "{name}: rate: {count} points, {signals}",
    "{title}: {count} activities, the last finishes on {day}.",
    "{name}: {phase} against its limits: {count} measurements between {low} and {high}.",
    "{count} signal",
    "{count} signals",
    "{count} comparisons",
    *("a number", "a day", "a moment", "a text"),
    "{name}, by wave: {lines}",
    "{count} sellers",
    "{count} days late",
    "{count} waves",
    "Step {step}, {title}: {state}, the weakest",
    "Step {step}, {title}: {state}",
    "our revenue by whole {unit}; got it: {treated}; did not: {control}",
    "item {item} about us, before and from {start}; got it: {treated}; did not: {control}",
    "acknowledged {share}",
    "closed {share}",
    "{name} by {count} days",
    "{name} by {count} day",
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "done, {count} days late",
    "done, {count} day late",
    "Shares of {where} over time",
    "Shares of {where} over time: {lines}",
    "{name}: sales by month: observed",
    "{name}: sales by month: {lines}",
    "{name}: mean since watching began: mean since watching began",
    "does not earn its cost back within the horizon",
    "the cash cannot pay it beside what is started",
    "takes {months} months, longer than the horizon",
    "waits for {projects}, which is not started",
    "it would push out {others}, worth more for the same money",
    "it would push out {others}, worth more for the same money; putting it in would lose {loss} of value",
    "it excludes {others}, worth more; putting it in would lose {loss} of value",
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
        if re.search(r"[A-Za-z]", text):
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
    ]
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        texts = [*_texts(tree), *_faults(tree)] if file.is_relative_to(SOURCES / "steps") else _texts(tree)
        for text in texts:
            if not NO_WORDS.search(text):
                catalog.add(text, locations=[(_place(file), 0)])
    for text in _names_of_facts():
        catalog.add(text, locations=[("src/nonagon/facts/schemas.py", 0)], auto_comments=["name"])
    for file, action in _actions():
        catalog.add(action, locations=[(_place(file), 0)], auto_comments=["action"])
    for file, text in [*_words_of_faults(), *_words_of_reports()]:
        if not NO_WORDS.search(text):
            catalog.add(text, locations=[(_place(file), 0)])
    return catalog


def _words_of_faults() -> Iterator[tuple[Path, str]]:
    """What files and decisions have wrong, what tables hold, and why a method gives no number."""
    for name in FAULTS_FILES:
        at = SOURCES / name
        for file in sorted(at.glob("*.py")) if at.is_dir() else [at]:
            yield from ((file, text) for text in _faults(ast.parse(file.read_text("utf-8")), given=True))
    for file in sorted((SOURCES / "methods").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and _name(node.exc.func) == TOO_FEW:
                yield from ((file, text) for text in _worded(node.exc))


def _names_of_facts() -> list[str]:
    """Tables and columns of the facts, as the pages of the data name them."""
    from nonagon.facts.schemas import SCHEMAS  # noqa: PLC0415

    return [*SCHEMAS, *dict.fromkeys(column.name for schema in SCHEMAS.values() for column in schema.columns)]


def _actions() -> Iterator[tuple[Path, str]]:
    """What the audit log calls the writes, such as `cycle.new`, and the keys of their details."""
    for file in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and ACTION.fullmatch(node.value):
                yield file, node.value
            elif isinstance(node, ast.Call) and _name(node.func) == "note":
                yield from ((file, str(key.arg)) for key in node.keywords if key.arg not in NOT_DETAIL)


def _words_of_reports() -> Iterator[tuple[Path, str]]:
    """The words of the report's formats: what templates and code say, and every short text of a tuple or table."""
    reports = SOURCES / "reports"
    for file in sorted(reports.rglob("*.j2")):
        yield from ((file, found[1]) for found in SAID_BY_TEMPLATES.finditer(file.read_text("utf-8")))
    for file in sorted(reports.glob("*.py")):
        if file.name in NOT_OF_REPORTS:
            continue
        tree = ast.parse(file.read_text("utf-8"))
        left_out = _left_out(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) in REPORTS_SAY:
                yield from ((file, text) for text in _own(node.args[:1]))
            elif isinstance(node, ast.Tuple | ast.Dict | ast.IfExp | ast.Assign) and id(node) not in left_out:
                parts = getattr(node, "elts", None) or getattr(node, "values", None) or _sides(node)
                yield from ((file, text) for text in _own(parts))
        yield from ((file, text) for text in _texts(tree) if "{{" not in text and not CODE.search(text))


def _sides(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    return [node.value] if isinstance(node, ast.Assign) else []


def _own(nodes: Iterable[ast.expr | None]) -> Iterator[str]:
    """Texts as they stand, places and all."""
    for one in nodes:
        text = one.value if isinstance(one, ast.Constant) else None
        if isinstance(text, str) and re.search(r"[A-Za-z]{2}", text) and not CODE.search(text):
            yield text


def _faults(tree: ast.AST, *, given: bool = False) -> Iterator[str]:
    """Texts of errors, of the calls that word a mistake, and of the names that such words are given first.

    given: also what functions give back.
    """
    for node in ast.walk(tree):
        wording = _wording(node, given=given)
        if wording is not None:
            yield from _worded(wording)


def _wording(node: ast.AST, *, given: bool) -> ast.AST | None:
    """The expression that words a fault; None where a node words none."""
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        return node.exc
    if isinstance(node, ast.Call) and _name(node.func) in WORDED:
        return node
    if isinstance(node, ast.Assign) and {_name(one) for one in node.targets} & WORDS_OF:
        return node.value
    return node.value if given and isinstance(node, ast.Return | ast.Yield) else None


def _worded(node: ast.AST) -> Iterator[str]:
    """Sentences of several words in an expression, its f-strings as patterns."""
    inside: set[int] = set()
    for one in ast.walk(node):
        if isinstance(one, ast.JoinedStr):
            inside.update(id(part) for part in one.values if isinstance(part, ast.Constant))
            pattern = pattern_of(one)
            if re.search(r"[a-z]{3}", PLACE.sub("", pattern)):
                yield pattern
        elif isinstance(one, ast.Constant) and isinstance(one.value, str) and id(one) not in inside:
            yield from [_literal(one.value)] if SEVERAL_WORDS.search(one.value) else []


def _literal(text: str) -> str:
    """A text whose curly brackets are no places."""
    return text.replace("{", "{{").replace("}", "}}")


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
            if len(re.findall(r"[^\W\d_]", PLACE.sub("", pattern))) >= 3:
                yield pattern
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            sentence = " " in text.strip() and re.search(r"[a-z]{2}", text)
            if (sentence or id(node) in short) and re.search(r"[A-Za-z]{2}", text):
                yield _literal(text)
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
