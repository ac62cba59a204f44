"""What the code says about a method: signatures, docstrings and fields of results as Markdown.

Used by docs/build.py. A function counts as one that users call when all its arguments are keywords, which is
how the methods library marks them.
"""

import ast
import dataclasses
import importlib
import inspect
import re
import textwrap
import typing
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

LIBRARY = "nonagon.methods"
REMARKS = ("Question", "Used by", "Source", "Checked against")


def reference(name: str, *, internal: dict[str, str]) -> str:
    """The generated part of a module's page."""
    module = importlib.import_module(name)
    functions = list(public_functions(module))
    blocks = ["## Reference", f"```python\nfrom {name} import {', '.join(one.__name__ for one in functions)}\n```"]
    for function in functions:
        blocks += [f"### {function.__name__}", _signature(function), prose(inspect.getdoc(function) or "")]
    for result in results(functions):
        blocks += [f"### {result.__name__}", *_fields(result, module, internal)]
    found = remarks(module)
    blocks += ["### Source and checks"]
    blocks += [f"**{remark}.** {prose(found[remark])}" for remark in REMARKS[1:] if remark in found]
    return "\n\n".join(block for block in blocks if block) + "\n"


def summary(module: str) -> str:
    """The first line of a module's docstring, as a cell of a table."""
    text = inspect.getdoc(importlib.import_module(f"{LIBRARY}.{module}")) or ""
    return text.split("\n\n")[0].replace("\n", " ").rstrip(".").replace("|", "\\|")


def public_functions(module: ModuleType) -> Iterator[Callable[..., Any]]:
    """Functions of the module that users call: their arguments are all keywords."""
    for name, function in vars(module).items():
        if name.startswith("_") or not inspect.isfunction(function) or function.__module__ != module.__name__:
            continue
        arguments = inspect.signature(function).parameters.values()
        if arguments and all(one.kind is inspect.Parameter.KEYWORD_ONLY for one in arguments):
            yield function


def remarks(module: ModuleType) -> dict[str, str]:
    """The named remarks of a module's docstring: question, users, source, checks."""
    text = inspect.getdoc(module) or ""
    found = re.split(rf"\b({'|'.join(REMARKS)}): ", text)
    return {name: said.split("\n\n")[0].strip() for name, said in zip(found[1::2], found[2::2], strict=True)}


def results(functions: list[Callable[..., Any]]) -> list[type]:
    """The dataclasses of the library that functions give back or take, and those inside them, each once."""
    found: dict[type, None] = {}
    hints = [typing.get_type_hints(function) for function in functions]
    waiting = [one.pop("return", None) for one in hints]
    waiting += [kind for one in hints for kind in one.values()]
    while waiting:
        kind = waiting.pop(0)
        waiting[:0] = typing.get_args(kind)
        if not (isinstance(kind, type) and dataclasses.is_dataclass(kind)) or kind in found:
            continue
        if kind.__module__.startswith(LIBRARY):
            found[kind] = None
            waiting += [typing.get_type_hints(kind)[one.name] for one in dataclasses.fields(kind)]
            made = [one.fget for one in vars(kind).values() if isinstance(one, property) and one.fget]
            waiting += [typing.get_type_hints(one).get("return") for one in made]
    return list(found)


def _signature(function: Callable[..., Any]) -> str:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    lines = [f"{tree.name}(", "    *,"]
    words: dict[str, tuple[Any, ...]] = {}
    hints = typing.get_type_hints(function)
    for argument, default in zip(tree.args.kwonlyargs, tree.args.kw_defaults, strict=True):
        kind = ast.unparse(argument.annotation) if argument.annotation else "Any"
        value = "" if default is None else f" = {_plain_default(function, argument.arg, default)}"
        lines.append(f"    {argument.arg}: {kind}{value},")
        words |= _literals(kind, hints[argument.arg])
    gives = f" -> {ast.unparse(tree.returns)}" if tree.returns else ""
    text = "```python\n" + "\n".join([*lines, f"){gives}"]) + "\n```"
    for alias, allowed in words.items():
        text += f"\n\n`{alias}`: one of {', '.join(f'`{word!r}`' for word in allowed)}."
    return text


def _plain_default(function: Callable[..., Any], name: str, default: ast.expr) -> str:
    """The default as a value where the source names a constant."""
    value = inspect.signature(function).parameters[name].default
    if isinstance(default, ast.Name | ast.Attribute) and isinstance(value, str | int | float | tuple):
        return repr(value)
    return ast.unparse(default)


def _literals(kind: str, hint: Any) -> dict[str, tuple[Any, ...]]:
    """Named sets of words among an argument's types: the words that it may take."""
    alias = kind.split(" ", maxsplit=1)[0]
    if alias.isidentifier() and typing.get_origin(hint) is typing.Literal:
        return {alias: typing.get_args(hint)}
    return {}


def _fields(result: type, module: ModuleType, internal: dict[str, str]) -> list[str]:
    home = result.__module__.removeprefix(f"{LIBRARY}.")
    if result.__module__ != module.__name__ and home not in internal:
        family, name = home.split(".")
        return [f"See [{name}](../{family}/{name}.md#{result.__name__.lower()})."]
    tree = ast.parse(textwrap.dedent(inspect.getsource(result))).body[0]
    assert isinstance(tree, ast.ClassDef)
    rows = [
        f"| `{one.target.id}` | `{ast.unparse(one.annotation)}` |".replace(" | None", " \\| None")
        for one in tree.body
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
    ]
    rows += [
        f"| `{one.name}{'' if _is_property(one) else '()'}` | {_first_line(one)} |"
        for one in tree.body
        if isinstance(one, ast.FunctionDef) and not one.name.startswith("_")
    ]
    return [prose(inspect.getdoc(result) or ""), "\n".join(["| field | type |", "|---|---|", *rows])]


def _is_property(function: ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "property" for one in function.decorator_list)


def _first_line(function: ast.FunctionDef) -> str:
    text = (ast.get_docstring(function) or "").split("\n\n")[0].replace("\n", " ")
    return text.replace("|", "\\|")


def prose(text: str) -> str:
    """A docstring as Markdown: paragraphs as they stand, doctests as code."""
    blocks = []
    for block in text.split("\n\n"):
        if block.startswith(">>>"):
            blocks.append(f"```pycon\n{block}\n```")
        else:
            blocks.append(re.sub(r"<(?=\w)", "\\<", re.sub(r"(?<=\w)\*(?=\w)", "\\*", block)))
    return "\n\n".join(blocks)
