"""The daily test keeps its error under daily looks, finds falls, and its parts obey their laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError
from nonagon.methods.effects.sequential import SequentialTest, sequential_test, sequential_test_of_sums

SCORES = np.arange(11)
GOOD = np.array([3, 1, 1, 2, 2, 5, 6, 12, 25, 20, 23]) / 100
BASELINE = float(GOOD @ SCORES)
BAD = GOOD * np.exp(-0.15 * SCORES) / np.sum(GOOD * np.exp(-0.15 * SCORES))
# Only the two ends of the scale: the largest variance that a mean allows.
EXTREME = np.array([1 - BASELINE / 10, *[0] * 9, BASELINE / 10])


def by_counts(counts: np.ndarray, restarts: bool = True) -> SequentialTest:
    return sequential_test(scores=SCORES, counts=counts, baseline=BASELINE, restarts=restarts)


def by_sums(counts: np.ndarray, restarts: bool = True) -> SequentialTest:
    return sequential_test_of_sums(
        n=counts.sum(axis=1),
        total=counts @ SCORES,
        squares=counts @ SCORES**2,
        lowest=0,
        highest=10,
        baseline=BASELINE,
        restarts=restarts,
    )


def false_warnings(samples: int, days: int, seed: int) -> dict[str, float]:
    """Share of samples that ever warned, with the mean exactly at the baseline, looked at every day."""
    random = np.random.default_rng(seed)
    found = dict.fromkeys(("counts", "sums", "extreme counts", "extreme sums", "once", "upper"), 0)
    for _ in range(samples):
        mild = random.multinomial(12, GOOD, size=days)
        hard = random.multinomial(random.integers(0, 15, days), EXTREME)
        found["counts"] += by_counts(mild).warned
        found["once"] += by_counts(mild, restarts=False).warned
        sums = by_sums(mild)
        found["sums"] += sums.warned
        found["upper"] += bool((sums.upper < BASELINE - 1e-9).any())
        found["extreme counts"] += by_counts(hard).warned
        found["extreme sums"] += by_sums(hard).warned
    return {name: count / samples for name, count in found.items()}


def test_error_is_kept_under_daily_looks_small() -> None:
    assert max(false_warnings(150, 120, 1).values()) <= 0.09


@pytest.mark.slow
def test_error_is_kept_under_daily_looks() -> None:
    """2,000 samples of 365 daily looks: at most 5 percent, allowed two standard errors."""
    assert max(false_warnings(2000, 365, 2).values()) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 2000)


@pytest.mark.parametrize("test", [by_counts, by_sums])
def test_a_fall_is_found_soon_also_late(test: "type[by_counts]") -> None:  # type: ignore[valid-type]
    random = np.random.default_rng(3)
    delays = []
    for _ in range(20):
        counts = np.vstack([random.multinomial(12, GOOD, size=100), random.multinomial(12, BAD, size=150)])
        warned = test(counts).warned_on
        assert warned is None or warned >= 50
        delays.append(np.inf if warned is None else warned - 100)
    assert np.median(delays) < 60
    plain = by_counts(counts, restarts=False).warned_on
    restarted = by_counts(counts).warned_on
    assert restarted is not None
    assert plain is None or plain >= restarted


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), min_size=5, max_size=5), min_size=1, max_size=20), st.floats(1.1, 5.0))
def test_laws(days: list[list[int]], baseline: float) -> None:
    scores = np.arange(1, 6)
    result = sequential_test(scores=scores, counts=days, baseline=baseline)
    assert np.isfinite(result.evidence).all()
    assert np.all(np.diff(result.p) <= 1e-12)
    assert np.all((result.p > 0) & (result.p <= 1))
    assert np.all((result.upper >= 1) & (result.upper <= 5))
    assert np.all(np.diff(result.upper) <= 1e-12)
    assert result.warned == bool((result.evidence >= 20).any())
    # The same counts with the scores in another order, and on another scale, are the same evidence.
    turned = sequential_test(scores=scores[::-1], counts=[day[::-1] for day in days], baseline=baseline)
    # Beyond any doubt a stake that rounding alone keeps from zero may count or not; the verdict is the same.
    beyond = result.evidence > 1e9
    assert turned.evidence[~beyond] == pytest.approx(result.evidence[~beyond])
    assert np.all(turned.evidence[beyond] > 1e8)
    scaled = sequential_test(scores=10 * scores, counts=days, baseline=10 * baseline)
    assert scaled.evidence[~beyond] == pytest.approx(result.evidence[~beyond], rel=1e-6)
    assert np.all(scaled.evidence[beyond] > 1e8)
    # What was said on a day does not change with later days.
    first = sequential_test(scores=scores, counts=days[:1], baseline=baseline)
    assert first.evidence[0] == pytest.approx(result.evidence[0])
    counts = np.array(days)
    sums = sequential_test_of_sums(
        n=counts.sum(axis=1),
        total=counts @ scores,
        squares=counts @ scores**2,
        lowest=1,
        highest=5,
        baseline=baseline,
    )
    assert np.isfinite(sums.evidence).all()
    assert sums.upper == pytest.approx(result.upper)


def test_first_bet_by_hand() -> None:
    """One answer of 0 on a scale of 0 to 1, baseline 0.5: a bet b pays 1 + b / 2; the mean over all bets."""
    from nonagon.methods.effects.sequential import BOLDNESS

    result = sequential_test(scores=[0, 1], counts=[[1, 0]], baseline=0.5, restarts=False)
    assert result.evidence[0] == pytest.approx(np.mean(1 + 2 * BOLDNESS / 2))


def test_quiet_days_and_messages() -> None:
    quiet = sequential_test(scores=[0, 10], counts=[[0, 0], [0, 0]], baseline=8)
    assert quiet.p == pytest.approx([1, 1])
    assert quiet.upper.tolist() == [10, 10]
    assert "No fall" in quiet.describe()
    fallen = sequential_test(scores=[0, 10], counts=[[90, 10]], baseline=8)
    assert fallen.warned_on == 0
    assert "fell below" in fallen.describe()
    with pytest.raises(ArgumentError, match="baseline"):
        sequential_test(scores=[0, 10], counts=[[1, 1]], baseline=11)
    with pytest.raises(ArgumentError, match="one row a day and 2 columns"):
        sequential_test(scores=[0, 10], counts=[[1, 1, 1]], baseline=5)
    with pytest.raises(ArgumentError, match="at least 0; got -1"):
        sequential_test(scores=[0, 10], counts=[[1, -1]], baseline=5)
    with pytest.raises(ArgumentError, match="total must lie between"):
        sequential_test_of_sums(n=[1], total=[11], squares=[121], lowest=0, highest=10, baseline=5)
    with pytest.raises(ArgumentError, match="highest must be above lowest"):
        sequential_test_of_sums(n=[1], total=[1], squares=[1], lowest=1, highest=1, baseline=1)
