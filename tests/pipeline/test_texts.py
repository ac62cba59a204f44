"""What is written reads back as the same document, whatever people wrote; and stays readable where it can."""

import csv
import io
import json
import tomllib
import types
import typing
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.documents import documents
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.evidence import Number, Value
from nonagon.deliverables.plain import plain
from nonagon.pipeline.documents import read_document
from nonagon.pipeline.rooms import ROOMS
from nonagon.pipeline.texts import texts_of

MODELS: dict[str, Any] = {room.word: room.decisions() for room in ROOMS}


def round_trip(document: Any, lists: dict[str, str]) -> tuple[Any, dict[str, str]]:
    """What reads back, and the files."""
    files = texts_of(document, "whole.toml", lists, title="A title")
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, encoding="utf-8", newline="")
        reading = read_document(type(document), Path(folder) / "whole.toml", lists)
    assert reading.mistakes == (), files
    return reading.value, files


@pytest.mark.parametrize("word", MODELS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_decisions_read_back_as_they_were(word: str, data: st.DataObject) -> None:
    document = data.draw(documents(MODELS[word]))
    value = round_trip(document, MODELS[word].lists)[0]
    assert value == document
    assert json.dumps(plain(value)) == json.dumps(plain(document)), "the same key: nothing is computed anew"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(cycle=documents(Cycle))
def test_any_cycle_reads_back_as_it_was(cycle: Cycle) -> None:
    assert round_trip(cycle, {"items": "items.csv"})[0] == cycle


@pytest.mark.parametrize("word", MODELS)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_decisions_are_plain_values_and_back(word: str, data: st.DataObject) -> None:
    document = data.draw(documents(MODELS[word]))
    again = type(document).model_validate(json.loads(json.dumps(plain(document))))
    assert again == document
    assert json.dumps(plain(again)) == json.dumps(plain(document))


@pytest.mark.parametrize("word", MODELS)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_cell_is_a_formula(word: str, data: st.DataObject) -> None:
    for name, text in texts_of(data.draw(documents(MODELS[word])), "whole.toml", MODELS[word].lists).items():
        if name.endswith(".csv"):
            for row in csv.reader(io.StringIO(text, newline="")):
                for cell in row:
                    assert not cell.startswith(("=", "@", "\t", "\r"))
                    assert not cell.startswith(("+", "-")) or cell.strip("+-") == "" or float(cell) is not None


# --- where a list stands


class Task(Value):
    id: str
    note: str = ""
    days: Number = 1
    whole: int | None = None
    done: bool = False
    start: date | None = None
    after: tuple[str, ...] = ()
    more: dict[str, str] = {}  # noqa: RUF012


class Plan(Value):
    name: str = ""
    channels: tuple[str, ...] = ("mail",)
    tasks: tuple[Task, ...] = ()


LISTS = {"tasks": "tasks.csv"}


def test_a_list_stands_in_a_csv_with_the_columns_that_say_something() -> None:
    plan = Plan(
        tasks=(
            Task(id="A", days=2, start=date(2026, 1, 31), done=True),
            Task(id="B", days=0.1, after=("A", "two words"), note='says "no", twice\nand again'),
        )
    )
    value, files = round_trip(plan, LISTS)
    assert value == plan
    assert files == {
        "tasks.csv": "id,note,days,done,start,after\n"
        "A,,2,true,2026-01-31,\n"
        'B,"says ""no"", twice\nand again",0.1,false,,A; two words\n'
    }


@pytest.mark.parametrize(
    "task",
    [
        Task(id="A", after=("B;C",)),
        Task(id="A", after=("",)),
        Task(id="", note=""),
        Task(id="A", more={"a": "b"}),
        Task(id="=1+1"),
        Task(id="@SUM(A1)"),
        Task(id="A", note="+1 for this"),
        Task(id="A", note="-cmd|' /C calc'!A0"),
        Task(id="A", after=("=B",)),
    ],
    ids=[
        "a semicolon in a list of texts",
        "an empty text in a list of texts",
        "a blank row",
        "a table",
        "a formula",
        "a function",
        "a plus before words",
        "a minus before words",
        "a formula in a list of texts",
    ],
)
def test_a_list_stands_in_the_toml_where_no_csv_can_hold_it(task: Task) -> None:
    value, files = round_trip(Plan(tasks=(task,)), LISTS)
    assert value == Plan(tasks=(task,))
    assert list(files) == ["whole.toml"]


@pytest.mark.parametrize("note", ["++", "--", "+", "-3.5", "+1e5", "25.000", "1;2"])
def test_signs_and_numbers_as_text_may_stand_in_a_csv(note: str) -> None:
    value, files = round_trip(Plan(tasks=(Task(id="A", note=note),)), LISTS)
    assert value == Plan(tasks=(Task(id="A", note=note),))
    assert list(files) == ["tasks.csv"]


@pytest.mark.parametrize("days", [0.0, -2.5, 25.0, 25000.0, 1e300, 5e-324, 1 / 3, 2.0**53 + 2, 1234567890123.25])
def test_numbers_keep_every_digit(days: float) -> None:
    plan = Plan(tasks=(Task(id="A", days=days), Task(id="B", days=days, more={"in": "the TOML"})))
    value, files = round_trip(plan, LISTS)
    assert value == plan
    assert list(files) == ["whole.toml"]
    plan = Plan(tasks=(Task(id="A", days=days),))
    value, files = round_trip(plan, LISTS)
    assert value == plan
    assert list(files) == ["tasks.csv"]


def test_a_number_beyond_64_bits_stays_a_float() -> None:
    """TOML's whole numbers need have no more."""
    plan = Plan(tasks=(Task(id="A", days=1e300, more={"in": "the TOML"}),))
    assert "days = 1e+300," in texts_of(plan, "plan.toml", LISTS)["plan.toml"]


def test_defaults_are_left_out_and_an_emptied_default_is_said() -> None:
    assert texts_of(Plan(), "plan.toml", LISTS) == {}
    assert texts_of(Plan(channels=()), "plan.toml", LISTS) == {"plan.toml": "channels = []\n"}
    assert texts_of(Plan(name="x"), "plan.toml", LISTS, title="Step 1") == {
        "plan.toml": '# Step 1\n\nname = "x"\n'
    }


def test_days_are_days_and_whole_numbers_whole() -> None:
    task = Task(id="A", days=3, start=date(2026, 1, 31), more={"a": "b"})
    (text,) = texts_of(Plan(tasks=(task,)), "plan.toml", LISTS).values()
    assert tomllib.loads(text)["tasks"] == [{"id": "A", "days": 3, "start": date(2026, 1, 31), "more": {"a": "b"}}]
    assert "days = 3," in text


def test_what_toml_cannot_say_is_never_needed() -> None:
    """TOML has no null: a field may only be empty where empty is what it is without being said."""

    def check(model: type[Value]) -> None:
        for name, field in model.model_fields.items():
            parts = typing.get_args(field.annotation)
            is_union = typing.get_origin(field.annotation) in {typing.Union, types.UnionType}
            if is_union and type(None) in parts:
                default = field.get_default(call_default_factory=True)
                assert not field.is_required(), f"{model.__name__}.{name}"
                assert default is None, f"{model.__name__}.{name}"
            for part in (field.annotation, *parts):
                if isinstance(part, type) and issubclass(part, Value):
                    check(part)

    for model in (*MODELS.values(), Cycle):
        check(model)
