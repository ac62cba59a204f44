"""Queries on measurements, each against plain Python over the same rows."""

import statistics
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import random_rows
from builders.facts import facts_of
from builders.same import assert_same
from nonagon.engine import measurements
from nonagon.engine.facts import Facts

ROWS = random_rows.measurements(2)
DELAYS = sorted((row for row in ROWS if row["characteristic"] == "delay"), key=lambda row: row["at"])
DEFECTS = sorted((row for row in ROWS if row["characteristic"] == "defects"), key=lambda row: row["at"])


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return facts_of(tmp_path_factory.mktemp("facts"), measurements=ROWS)


def test_characteristics(facts: Facts) -> None:
    found = measurements.characteristics(facts)
    assert found["characteristic"].tolist() == ["defects", "delay"]
    for place, own in enumerate((DEFECTS, DELAYS)):
        values = [row["value"] for row in own]
        assert found["n"][place] == len(values)
        assert (found["first"][place], found["last"][place]) == (own[0]["at"].date(), own[-1]["at"].date())
        assert found["mean"][place] == pytest.approx(statistics.fmean(values))
        assert (found["lowest"][place], found["highest"][place]) == (min(values), max(values))


def test_points_in_order_of_time(facts: Facts) -> None:
    names = ("delay", "nothing of this name", "defects")
    (one, found), (other, nothing), (last, sized) = measurements.points(facts, names)
    assert (one, other, last) == names
    for name in ("at", "value", "subgroup", "phase"):
        assert found[name].tolist() == [row[name] for row in DELAYS]
    assert np.isnan(found["size"]).all()
    assert sized["size"].tolist() == [row["size"] for row in DEFECTS]
    assert sized["subgroup"].tolist() == [None] * len(DEFECTS)
    assert [len(column) for column in nothing.values()] == [0] * 5


def test_points_are_the_same_whether_the_table_is_read_once_or_often(
    facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("delay", "defects")
    at_once = list(measurements.points(facts, names))
    monkeypatch.setattr(measurements, "POINTS_AT_ONCE", 1)
    asked: list[Any] = []
    run = facts.opened().run

    def listened(expression: Any) -> Any:
        asked.append(expression)
        return run(expression)

    monkeypatch.setattr(facts.opened(), "run", listened)
    assert_same(list(measurements.points(facts, names)), at_once, within=0)
    assert len(asked) == 2


def test_points_of_one_moment_stand_in_the_order_of_their_files(tmp_path: Path) -> None:
    moment = "2025-01-01T08:00:00"
    rows: list[dict[str, Any]] = [
        {"characteristic": "x", "at": moment, "value": float(value), "file": file}
        for value, file in ((3, "b.csv"), (1, "a.csv"), (2, "a.csv"))
    ]
    ((_, found),) = measurements.points(facts_of(tmp_path, measurements=rows), ("x",))
    assert found["value"].tolist() == [1.0, 2.0, 3.0]


def test_subgroups(facts: Facts) -> None:
    found = measurements.subgroups(facts, "delay")
    groups = [(key, list(own)) for key, own in groupby(DELAYS, key=lambda row: row["subgroup"])]
    assert found["subgroup"].tolist() == [key for key, _ in groups]
    values = [[row["value"] for row in own] for _, own in groups]
    for name, pick in (
        ("mean", statistics.fmean),
        ("sd", statistics.stdev),
        ("lowest", min),
        ("highest", max),
        ("total", sum),
    ):
        np.testing.assert_allclose(found[name], [pick(one) for one in values], rtol=1e-9, err_msg=name)
    assert set(found["n"]) == {3}
    assert found["at"].tolist() == [own[0]["at"] for _, own in groups]
    assert found["phase"].tolist() == [own[0]["phase"] for _, own in groups]
    assert len(measurements.subgroups(facts, "defects")["n"]) == 0


def test_how_rows_are_named_without_those_of_one_source(tmp_path: Path) -> None:
    """By hand: the latest row that names a phase, of two at one moment the last name; typed rows left out."""
    early, late = datetime(2025, 1, 1), datetime(2025, 2, 1)
    rows = [
        {"characteristic": "a", "at": late, "value": 1.0, "phase": "after", "subgroup": "s1"},
        {"characteristic": "a", "at": early, "value": 1.0, "phase": "before", "subgroup": "s2"},
        {"characteristic": "a", "at": datetime(2025, 3, 1), "value": 1.0, "phase": "x", "source": "typed"},
        {"characteristic": "b", "at": late, "value": 1.0, "phase": "after"},
        {"characteristic": "b", "at": late, "value": 1.0, "phase": "before", "subgroup": "s1"},
        {"characteristic": "c", "at": early, "value": 1.0, "phase": "before", "subgroup": "s1"},
        {"characteristic": "c", "at": late, "value": 1.0, "subgroup": "s1"},
        {"characteristic": "d", "at": late, "value": 1.0},
        {"characteristic": "e", "at": late, "value": 1.0, "source": "typed"},
    ]
    found = measurements.naming(facts_of(tmp_path, measurements=rows), but="typed")
    named = zip(*(found[name].tolist() for name in ("characteristic", "grouped", "phased", "phase")), strict=True)
    assert list(named) == [
        ("a", True, True, "after"),
        ("b", False, True, "before"),
        ("c", True, False, "before"),
        ("d", False, False, None),
    ]


def test_by_period(facts: Facts) -> None:
    def monday(row: dict[str, Any]) -> date:
        day: date = row["at"].date()
        return date.fromordinal(day.toordinal() - day.weekday())

    found = measurements.by_period(facts, "delay")
    weeks = [(key, [row["value"] for row in own]) for key, own in groupby(DELAYS, key=monday)]
    assert found["period"].tolist() == [key for key, _ in weeks]
    np.testing.assert_allclose(found["mean"], [statistics.fmean(values) for _, values in weeks])
    np.testing.assert_allclose(found["total"], [sum(values) for _, values in weeks])
    assert found["n"].tolist() == [len(values) for _, values in weeks]
    sized = measurements.by_period(facts, "defects", unit="month")
    assert sized["size"].sum() == sum(row["size"] for row in DEFECTS)


def test_tables_without_the_optional_columns(tmp_path: Path) -> None:
    rows = [{"characteristic": "x", "at": datetime(2025, 1, 1), "value": 2.0}]
    bare = facts_of(tmp_path, without=("subgroup", "phase", "size"), measurements=rows)
    ((_, found),) = measurements.points(bare, ("x",))
    assert (found["value"].tolist(), found["subgroup"].tolist(), found["phase"].tolist()) == (
        [2.0],
        [None],
        [None],
    )
    assert np.isnan(found["size"]).all()
    assert len(measurements.subgroups(bare, "x")["n"]) == 0
    assert measurements.by_period(bare, "x")["n"].tolist() == [1]
