"""What every deliverable is made of."""

import json
import math
from typing import Any, get_args

import numpy as np
import pytest
from pydantic import ValidationError

from nonagon.deliverables.evidence import Deliverable, Estimate, Finding, Kind, Link, Number, Origin, Value


class Holder(Value):
    number: Number
    maybe: Number | None = None
    many: tuple[Number, ...] = ()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.nan, np.float32("nan"), np.float64("inf")])
@pytest.mark.parametrize("field", ["number", "maybe", "many"])
def test_no_number_is_nan_or_infinite(value: Any, field: str) -> None:
    given = {"number": 1.0, field: (1.0, value) if field == "many" else value}
    with pytest.raises(ValidationError, match="finite"):
        Holder.model_validate(given)


def test_numpy_scalars_become_plain_numbers() -> None:
    held = Holder(number=np.float32(0.5), maybe=np.int64(3), many=(np.float64(2.0),))  # type: ignore[arg-type]
    assert (type(held.number), type(held.maybe), type(held.many[0])) == (float, float, float)
    assert held == Holder(number=0.5, maybe=3, many=(2,))


def test_numbers_are_stored_with_twelve_significant_digits() -> None:
    held = Holder(number=1 / 3, maybe=2e9 / 3, many=(0.1 + 0.2, -1e-20 / 3))
    assert held.number == 1 / 3, "in memory nothing is lost"
    assert json.loads(held.model_dump_json()) == {
        "number": 0.333333333333,
        "maybe": 666666666.667,
        "many": [0.3, -3.33333333333e-21],
    }


def test_storing_again_changes_nothing() -> None:
    held = Holder(number=math.pi, maybe=math.e * 1e7, many=(math.tau,))
    once = Holder.model_validate_json(held.model_dump_json())
    assert once.model_dump_json() == held.model_dump_json()
    assert Holder.model_validate_json(once.model_dump_json()) == once


def test_values_are_frozen_and_know_all_their_fields() -> None:
    held = Holder(number=1)
    with pytest.raises(ValidationError, match="frozen"):
        held.number = 2
    with pytest.raises(ValidationError, match="Extra inputs"):
        Holder.model_validate({"number": 1, "nummer": 2})


def test_every_link_leads_onwards() -> None:
    kinds = get_args(Kind)
    for place, one in enumerate(kinds):
        for other in kinds[place + 1 :]:
            assert Link(from_kind=one, from_id="a", to_kind=other, to_id="b").to_kind == other
        for other in kinds[: place + 1]:
            if one == other == "need":
                continue
            with pytest.raises(
                ValidationError, match=f"a link leads onwards along the trace; got {one} to {other}"
            ):
                Link(from_kind=one, from_id="a", to_kind=other, to_id="b")


def test_a_need_may_lead_to_the_wider_one_and_not_to_itself() -> None:
    assert Link(from_kind="need", from_id="late bus", to_kind="need", to_id="punctual")
    with pytest.raises(ValidationError, match="got need to need"):
        Link(from_kind="need", from_id="punctual", to_kind="need", to_id="punctual")


def test_a_deliverable_comes_back_as_it_was() -> None:
    whole = Deliverable(
        step=3,
        origins={"scores": Origin(data=("answers@1",), method="nonagon.methods.survey.mean", assumptions=("x",))},
        findings=(Finding(kind="shown", sentence="The lowest is late.", headline=2, origin="scores"),),
        links=(Link(from_kind="need", from_id="n", to_kind="characteristic", to_id="c"),),
    )
    assert Deliverable.model_validate_json(whole.model_dump_json()) == whole


def test_an_estimate_without_a_value_says_why() -> None:
    assert Estimate(why="fewer than 10 answers").value is None


@pytest.mark.parametrize(
    ("low", "high", "beyond"),
    [(0.1, 0.5, True), (-0.5, -0.1, True), (-0.1, 0.5, False), (0.0, 0.5, False), (0.1, None, False)],
)
def test_an_interval_that_leaves_0_out_is_beyond_chance(low: float, high: float | None, beyond: bool) -> None:
    assert Estimate(value=0.2, low=low, high=high).beyond_chance is beyond
