"""Changes apart from who was asked: parts that add up, leavers that fool, coverage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.effects.composition import composition_adjusted_change, standardised_change

SCORES = st.lists(st.integers(0, 10), max_size=12)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), min_size=2, max_size=15), SCORES, SCORES)
def test_the_parts_add_up(pairs: list[tuple[int, int]], left: list[int], joined: list[int]) -> None:
    before, after = zip(*pairs, strict=True)
    change = composition_adjusted_change(
        stayers_before=before, stayers_after=after, leavers_before=left, joiners_after=joined, lowest=0
    )
    assert change.raw == pytest.approx(np.mean([*after, *joined]) - np.mean([*before, *left]))
    assert change.raw == pytest.approx(change.stayers + change.by_leaving + change.by_joining)
    assert change.low <= change.stayers <= change.high
    assert change.at_worst <= change.stayers + change.by_leaving + 1e-9


def test_unhappy_leavers_do_not_look_like_success() -> None:
    """Nobody changes; half of those under 5 leave: the plain mean rises, the stayers' change is 0."""
    random = np.random.default_rng(1)
    scores = random.integers(0, 11, 400)
    leaves = (scores < 5) & (random.random(400) < 0.5)
    change = composition_adjusted_change(
        stayers_before=scores[~leaves],
        stayers_after=scores[~leaves],
        leavers_before=scores[leaves],
        joiners_after=[],
        lowest=0,
    )
    assert change.raw > 0.5
    assert change.stayers == 0
    assert change.by_leaving == pytest.approx(change.raw)
    assert "because" in change.describe()


def test_same_mix_same_change_and_the_mix_alone_is_told() -> None:
    same = standardised_change(
        before_mean=[5, 8],
        before_sd=[1, 2],
        before_n=[40, 60],
        after_mean=[5.5, 8.5],
        after_sd=[1, 2],
        after_n=[40, 60],
    )
    assert same.change == pytest.approx(0.5)
    assert same.by_mix == pytest.approx(0)
    # By hand: 0.4² (1/40 + 1/40) + 0.6² (4/60 + 4/60).
    assert same.se == pytest.approx(np.sqrt(0.16 * 0.05 + 0.36 * 8 / 60))
    mix = standardised_change(
        before_mean=[5, 8],
        before_sd=[1, 2],
        before_n=[40, 60],
        after_mean=[5, 8],
        after_sd=[1, 2],
        after_n=[10, 90],
    )
    assert (mix.change, mix.by_mix) == pytest.approx((0, 0.9))
    assert "unchanged mix" in mix.describe()


def test_interval_covers_small() -> None:
    random = np.random.default_rng(2)
    held = 0
    for _ in range(300):
        before = random.normal(7, 2, 60)
        after = before + random.normal(0.3, 1, 60)
        change = composition_adjusted_change(
            stayers_before=before, stayers_after=after, leavers_before=[], joiners_after=[], lowest=-50
        )
        held += change.low <= 0.3 <= change.high
    assert 0.91 <= held / 300 <= 0.985


def test_messages() -> None:
    with pytest.raises(NotEnoughData, match="at least 2 customers"):
        composition_adjusted_change(
            stayers_before=[1], stayers_after=[1], leavers_before=[], joiners_after=[], lowest=0
        )
    with pytest.raises(ArgumentError, match="lowest"):
        composition_adjusted_change(
            stayers_before=[1, 2], stayers_after=[1, 2], leavers_before=[-1], joiners_after=[], lowest=0
        )
    good = {
        "before_mean": [5],
        "before_sd": [1],
        "before_n": [9],
        "after_mean": [5],
        "after_sd": [1],
        "after_n": [9],
    }
    with pytest.raises(ArgumentError, match="after_sd must be at least 0"):
        standardised_change(**good | {"after_sd": [-1]})
    with pytest.raises(NotEnoughData, match="before_n must be at least 2"):
        standardised_change(**good | {"before_n": [1]})
    with pytest.raises(ArgumentError, match="share"):
        standardised_change(**good, share=[0])
