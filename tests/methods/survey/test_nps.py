"""Net promoter score: published interval, invariances, limits and coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.survey.nps import (
    NPS_INTERVALS,
    nps,
    nps_by_group,
    nps_difference,
    nps_from_scores,
)

COUNTS = st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500)).filter(lambda c: sum(c) >= 2)


@given(counts=COUNTS, interval=st.sampled_from(NPS_INTERVALS))
def test_turning_promoters_and_detractors_round_mirrors_everything(
    counts: tuple[int, int, int], interval: str
) -> None:
    p, n, d = counts
    one = nps(promoters=p, passives=n, detractors=d, interval=interval)
    other = nps(promoters=d, passives=n, detractors=p, interval=interval)
    assert one.nps == pytest.approx(-other.nps)
    assert one.low == pytest.approx(-other.high, abs=1e-9)
    assert -100 <= one.low <= one.high <= 100
    assert np.isfinite([one.se, one.variance, one.low, one.high]).all()


@given(scores=st.lists(st.integers(0, 10), min_size=2, max_size=60), weight=st.floats(0.1, 50))
def test_equal_weights_change_nothing(scores: list[int], weight: float) -> None:
    plain, weighted = (
        nps_from_scores(scores=scores),
        nps_from_scores(scores=scores, weights=[weight] * len(scores)),
    )
    assert weighted.nps == pytest.approx(plain.nps, abs=1e-9)
    assert (weighted.low, weighted.high) == pytest.approx((plain.low, plain.high), abs=1e-8)
    assert weighted.n_effective == pytest.approx(len(scores))
    assert weighted.se_linearized == pytest.approx(plain.se_unbiased, abs=1e-8)


@given(counts=st.lists(COUNTS, min_size=1, max_size=8), interval=st.sampled_from(NPS_INTERVALS))
def test_many_groups_at_once_equal_one_by_one(counts: list[tuple[int, int, int]], interval: str) -> None:
    promoters, passives, detractors = zip(*counts, strict=True)
    many = nps_by_group(promoters=promoters, passives=passives, detractors=detractors, interval=interval)
    for at, (p, n, d) in enumerate(counts):
        one = nps(promoters=p, passives=n, detractors=d, interval=interval)
        assert (many.nps[at], many.low[at], many.high[at]) == pytest.approx((one.nps, one.low, one.high))


def test_all_promoters_still_have_an_interval() -> None:
    result = nps(promoters=30, passives=0, detractors=0)
    assert result.nps == 100
    assert result.se == 0
    assert result.low < 100 == result.high
    assert nps(promoters=30, passives=0, detractors=0, cap=False).high > 100


def test_linearized_error_by_hand() -> None:
    # Scores +1, 0, -1 with weights 1, 2, 1: mean 0, squared residuals 1, 0, 1; 3 / 2 * 2 / 16.
    result = nps_from_scores(scores=[10, 8, 0], weights=[1, 2, 1])
    assert result.se_linearized == pytest.approx(100 * np.sqrt(3 / 16))
    assert result.n_effective == pytest.approx(16 / 6)


def test_difference_from_two_waves_by_hand() -> None:
    # Shares .5/.3/.2 and .6/.25/.15: variances .61 and .5475; se = sqrt(.61/200 + .5475/300).
    first = nps(promoters=100, passives=60, detractors=40)
    second = nps(promoters=180, passives=75, detractors=45)
    change = nps_difference(earlier=first, later=second, interval="wald")
    assert change.difference == pytest.approx(15)
    assert change.se == pytest.approx(100 * np.sqrt(0.61 / 200 + 0.5475 / 300))
    assert change.z == pytest.approx(15 / change.se)
    assert change.high - change.difference == pytest.approx(1.959963984540054 * change.se)
    back = nps_difference(earlier=second, later=first)
    forth = nps_difference(earlier=first, later=second)
    assert (back.low, back.high) == pytest.approx((-forth.high, -forth.low))


def test_difference_without_any_variation_has_no_test() -> None:
    everyone = nps(promoters=20, passives=0, detractors=0)
    change = nps_difference(earlier=everyone, later=everyone)
    assert change.p is None
    assert change.low < 0 < change.high
    assert "no change was shown" in change.describe()


@pytest.mark.parametrize(
    ("shares", "n"),
    [((0.5, 0.3, 0.2), 40), ((0.8, 0.15, 0.05), 40), ((0.1, 0.3, 0.6), 100), ((0.3, 0.6, 0.1), 20)],
)
def test_adjusted_wald_covers(shares: tuple[float, float, float], n: int) -> None:
    drawn = np.random.default_rng(20161).multinomial(n, shares, size=6000)
    result = nps_by_group(promoters=drawn[:, 0], passives=drawn[:, 1], detractors=drawn[:, 2])
    truth = 100 * (shares[0] - shares[2])
    assert 0.93 <= np.mean((result.low <= truth) & (truth <= result.high)) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("n", [15, 50, 200, 1000])
def test_adjusted_wald_covers_on_average_over_shares(n: int) -> None:
    generator = np.random.default_rng(365)
    shares = generator.dirichlet([2, 2, 2], size=40_000)
    drawn = generator.multinomial(n, shares)
    result = nps_by_group(promoters=drawn[:, 0], passives=drawn[:, 1], detractors=drawn[:, 2])
    truth = 100 * (shares[:, 0] - shares[:, 2])
    assert 0.94 <= np.mean((result.low <= truth) & (truth <= result.high)) <= 0.96


def test_messages() -> None:
    with pytest.raises(NotEnoughData, match="all 0"):
        nps(promoters=0, passives=0, detractors=0)
    with pytest.raises(ArgumentError, match=r"scores must be whole numbers from 0 to 10; got 11"):
        nps_from_scores(scores=[9, 11])
    with pytest.raises(NotEnoughData, match="group 1"):
        nps_by_group(promoters=[1, 0], passives=[0, 0], detractors=[0, 0])
    with pytest.raises(NotEnoughData, match="interval 't'"):
        nps(promoters=1, passives=0, detractors=0, interval="t")
