"""The pages about cycle.toml name every key, and their examples are mappings that the program takes."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from nonagon.deliverables.cycle import Cycle, Item, Period, Settings, Wave
from nonagon.deliverables.identity import Identity
from nonagon.facts.schemas import SCHEMAS
from nonagon.imports.mapping import FORMS, Cap, Filter, Rules, Source
from nonagon.imports.rejects import COLUMNS

DOCS = Path(__file__).resolve().parents[2] / "docs"
REFERENCE = DOCS / "reference" / "cycle-toml.md"
HOW_TO = DOCS / "how-to" / "import-files.md"
MODELS: tuple[type[BaseModel], ...] = (Cycle, Item, Wave, Settings, Period, Source, Rules, Filter, Cap, *FORMS)


def keys_of(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_reference_names_every_key(model: type[BaseModel]) -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    assert [key for key in sorted(keys_of(model)) if f"`{key}`" not in text and f"[[{key}]]" not in text] == []


def test_the_reference_names_every_column_of_facts_and_rejects() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    columns = {column.name for schema in SCHEMAS.values() for column in schema.columns} | set(COLUMNS)
    assert [name for name in sorted(columns) if f"`{name}`" not in text] == []
    for schema in SCHEMAS.values():
        for name in schema.required:
            assert f"**`{name}`**" in text


def examples() -> list[str]:
    return [
        block
        for page in (REFERENCE, HOW_TO)
        for block in re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    ]


@pytest.mark.parametrize("text", examples())
def test_the_examples_are_right(text: str) -> None:
    read = tomllib.loads(text)
    for entry in read.pop("data", {}).values():
        assert list(Source.model_validate(entry).faults()) == []
    identity = read.pop("identity", None)
    if identity is not None:
        Identity.model_validate(identity)
    if read:
        Cycle.model_validate(read)
