"""Low scores: whatever part of the answers is looked at first, the same as a plain walk through all of them."""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from builders.facts import facts_of
from nonagon.engine.low_scores import low_scores

HIGHEST = {"q1": 2.0, "q2": 6.0}


def answers(count: int, days: int, chance: Random) -> list[dict[str, Any]]:
    """Answers over so many days up to the end of 2025, with the holes that answers have."""
    return [
        {
            "respondent_id": f"r{number:04d}",
            "item": chance.choice(["q1", "q2", "q3"]),
            "value": float(chance.randint(1, 10)),
            "customer_id": chance.choice([None, "a", "b"]),
            "subject": chance.choice([None, "us", "rival"]),
            "date": chance.choice([None, date(2025, 12, 31) - timedelta(days=chance.randrange(days))]),
        }
        for number in range(count)
    ]


def walked(rows: list[dict[str, Any]], most: int, days: int) -> list[tuple[Any, ...]]:
    """The definition, in plain Python: answers about us, of known customers, of a known day, low, newest first."""
    ours = [one for one in rows if one["subject"] in (None, "us") and one["customer_id"] and one["date"]]
    ours = [one for one in ours if one["item"] in HIGHEST]
    last = max((one["date"] for one in ours), default=date.min)
    low = [one for one in ours if one["value"] <= HIGHEST[one["item"]] and (last - one["date"]).days <= days]
    low.sort(key=lambda one: (-one["date"].toordinal(), one["respondent_id"], one["item"]))
    return [tuple(one[name] for name in NAMES) for one in low[:most]]


NAMES = ("respondent_id", "customer_id", "date", "item", "value")


@pytest.mark.parametrize(
    ("count", "over", "most"),
    [(2000, 120, 5), (2000, 120, 100), (300, 3000, 100), (40, 400, 100)],
    ids=["within days", "within weeks", "sparse", "few"],
)
@pytest.mark.parametrize("days", [3, 90])
def test_the_newest_low_answers(tmp_path: Path, count: int, over: int, most: int, days: int) -> None:
    rows = answers(count, over, Random(count + over))
    found = low_scores(facts_of(tmp_path, answers=rows), highest=HIGHEST, most=most, days=days)
    assert list(zip(*(found[name].tolist() for name in NAMES), strict=True)) == walked(rows, most, days)


def test_days_are_counted_from_the_newest_answer_that_can_be_low(tmp_path: Path) -> None:
    """What others were told in the last months must not hide ours of long before."""
    rival = {"item": "q1", "value": 1, "subject": "rival", "customer_id": "a"}
    nobody = {"item": "q1", "value": 1, "customer_id": None}
    ours = {"item": "q1", "value": 2, "customer_id": "a"}
    rows = [
        {"respondent_id": "r1", "date": date(2025, 12, 1), **rival},
        {"respondent_id": "r2", "date": date(2025, 11, 1), **nobody},
        {"respondent_id": "r3", "date": date(2025, 3, 1), **ours},
        {"respondent_id": "r4", "date": date(2024, 12, 1), **ours},
        {"respondent_id": "r5", "date": date(2024, 11, 30), **ours},
    ]
    found = low_scores(facts_of(tmp_path, answers=rows), highest=HIGHEST)
    # 1 December 2024 is 90 days before 1 March 2025: the last day that counts.
    assert found["respondent_id"].tolist() == ["r3", "r4"]


@pytest.mark.parametrize("without", [("date",), ("customer_id",), ("customer_id", "date", "subject")])
def test_answers_that_name_no_day_or_customer_give_none(tmp_path: Path, without: tuple[str, ...]) -> None:
    rows = [{"respondent_id": "r1", "item": "q1", "value": 1}]
    found = low_scores(facts_of(tmp_path, without=without, answers=rows), highest=HIGHEST)
    assert {name: len(column) for name, column in found.items()} == dict.fromkeys(NAMES, 0)
