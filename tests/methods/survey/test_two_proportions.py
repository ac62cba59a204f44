"""Differences of shares: Newcombe's printed example, symmetry, and exact coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.survey.proportion import proportion
from nonagon.methods.survey.two_proportions import DIFFERENCE_INTERVALS, two_proportions


def test_newcombe_1998_table_2_method_10() -> None:
    # Newcombe (1998), case (a): 56/70 against 48/80, printed .0524 to .3339.
    result = two_proportions(x1=56, n1=70, x2=48, n2=80)
    assert (round(result.low, 4), round(result.high, 4)) == (0.0524, 0.3339)


@given(
    n1=st.integers(1, 300),
    n2=st.integers(1, 300),
    share1=st.floats(0, 1),
    share2=st.floats(0, 1),
    interval=st.sampled_from(DIFFERENCE_INTERVALS),
)
def test_swapping_groups_turns_the_sign(n1: int, n2: int, share1: float, share2: float, interval: str) -> None:
    x1, x2 = round(n1 * share1), round(n2 * share2)
    one = two_proportions(x1=x1, n1=n1, x2=x2, n2=n2, interval=interval)
    other = two_proportions(x1=x2, n1=n2, x2=x1, n2=n1, interval=interval)
    assert one.low == pytest.approx(-other.high, abs=1e-9)
    assert -1 <= one.low <= one.difference <= one.high <= 1
    assert (one.p is None) == (x1 + x2 in (0, n1 + n2))


@pytest.mark.parametrize(("p1", "p2"), [(0.5, 0.4), (0.8, 0.9), (0.2, 0.2), (0.7, 0.3)])
def test_newcombe_covers(p1: float, p2: float) -> None:
    n1, n2 = 40, 30
    inside = np.array(
        [
            [one.low <= p1 - p2 <= one.high for one in row]
            for row in (
                [two_proportions(x1=x1, n1=n1, x2=x2, n2=n2) for x2 in range(n2 + 1)] for x1 in range(n1 + 1)
            )
        ]
    )
    chance = np.outer(binom.pmf(np.arange(n1 + 1), n1, p1), binom.pmf(np.arange(n2 + 1), n2, p2))
    assert 0.93 <= (chance * inside).sum() <= 0.97


@pytest.mark.parametrize("p", [0.1, 0.3, 0.5, 0.85])
@pytest.mark.parametrize("n", [50, 120])
def test_wilson_covers(p: float, n: int) -> None:
    inside = [one.low <= p <= one.high for one in (proportion(x=x, n=n) for x in range(n + 1))]
    assert 0.93 <= binom.pmf(np.arange(n + 1), n, p) @ inside <= 0.975


def test_wilson_covers_on_average() -> None:
    n, shares = 40, np.linspace(0.02, 0.98, 193)
    results = [proportion(x=x, n=n) for x in range(n + 1)]
    covered = [binom.pmf(np.arange(n + 1), n, p) @ [one.low <= p <= one.high for one in results] for p in shares]
    assert 0.93 <= np.mean(covered) <= 0.97


def test_messages() -> None:
    with pytest.raises(NotEnoughData, match="n is 0"):
        two_proportions(x1=1, n1=2, x2=0, n2=0)
    with pytest.raises(ArgumentError, match="interval must be one of newcombe, wald"):
        two_proportions(x1=1, n1=2, x2=1, n2=2, interval="exact")
