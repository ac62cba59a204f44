"""Every number of a run names what computed it: a module that is there, or a decision."""

import importlib.util
import json
from typing import Any

import pytest

from conftest import Finished
from nonagon.deliverables.record import DECISION
from nonagon.pipeline.rooms import ROOMS


def is_module(method: str) -> bool:
    try:
        return method.startswith("nonagon.") and importlib.util.find_spec(method) is not None
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize("room", ROOMS, ids=[room.word for room in ROOMS])
def test_every_method_is_a_module_or_a_decision(small_cycle: Finished, room: Any) -> None:
    file = small_cycle.folder / "out" / "deliverables" / f"step{room.number}.json"
    origins = json.loads(file.read_text("utf-8"))["origins"]
    assert origins, "the small cycle gives every step something to compute"
    strange = {key: one["method"] for key, one in origins.items() if one["method"] != DECISION}
    assert {key: method for key, method in strange.items() if not is_module(method)} == {}
    undocumented = [key for key, one in origins.items() if one["method"] == DECISION and not one["filter"]]
    assert undocumented == [], "a decision names its document"


def test_a_method_that_is_no_module_is_found() -> None:
    assert is_module("nonagon.methods.survey.mean")
    for method in ("nonagon.methods.survey.mean.mean_of", "nonagon.methods.no_such", "survey.mean", "decisions/x"):
        assert not is_module(method)
