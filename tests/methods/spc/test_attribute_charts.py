"""Charts of shares and counts: relations between them, textbook values, limits of the data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.spc.chart_g import chart_g
from nonagon.methods.spc.chart_laney import chart_laney_p, chart_laney_u
from nonagon.methods.spc.chart_p import chart_np, chart_p
from nonagon.methods.spc.chart_u import chart_c, chart_u

counts = st.lists(st.integers(0, 20), min_size=1, max_size=25)


@settings(max_examples=50)
@given(defectives=counts, n=st.integers(20, 60))
def test_np_is_n_times_p(defectives: list[int], n: int) -> None:
    share, number = chart_p(defectives=defectives, n=n), chart_np(defectives=defectives, n=n)
    assert number.ucl == pytest.approx(n * share.ucl)
    assert number.beyond.tolist() == share.beyond.tolist()
    assert np.all((share.lcl >= 0) & (share.ucl <= 1))


@settings(max_examples=50)
@given(defects=counts, units=st.floats(0.5, 100))
def test_u_is_c_a_unit(defects: list[int], units: float) -> None:
    rate, number = chart_u(counts=defects, units=units), chart_c(counts=defects)
    assert rate.ucl * units == pytest.approx(number.ucl)
    assert rate.lcl * units == pytest.approx(number.lcl, abs=1e-9)


def test_defectives_and_good_units_are_mirror_images() -> None:
    bad, sizes = np.array([3, 8, 5, 2, 20]), np.array([50, 80, 60, 40, 90])
    one, other = chart_p(defectives=bad, n=sizes), chart_p(defectives=sizes - bad, n=sizes)
    assert one.above.tolist() == other.below.tolist()
    assert one.lcl == pytest.approx(1 - other.ucl)


def test_nothing_and_everything_defective() -> None:
    for bad in (0, 30):
        chart = chart_p(defectives=[bad] * 4, n=30)
        assert not chart.beyond.any()
        assert chart.lcl.tolist() == chart.ucl.tolist() == [bad / 30] * 4


def test_many_charts_with_their_own_sizes() -> None:
    random = np.random.default_rng(2)
    sizes = random.integers(50, 90, size=(5, 12))
    bad = random.binomial(sizes, 0.2)
    labels = ["a"] * 6 + ["b"] * 6
    for function, names in ((chart_p, ("defectives", "n")), (chart_u, ("counts", "units"))):
        together = function(**dict(zip(names, (bad, sizes), strict=True)), phases=labels)
        for at in range(5):
            alone = function(**dict(zip(names, (bad[at], sizes[at]), strict=True)), phases=labels)
            assert together.ucl[at] == pytest.approx(alone.ucl)


def test_known_center() -> None:
    assert chart_p(defectives=[5], n=100, center=0.1).ucl[0] == pytest.approx(0.1 + 0.3 * 0.3)
    assert chart_c(counts=[4], center=9).ucl[0] == pytest.approx(18)


def test_laney_without_overdispersion_is_near_the_p_chart() -> None:
    random = np.random.default_rng(21)
    sizes = random.integers(400, 600, size=2000)
    chart = chart_laney_p(defectives=random.binomial(sizes, 0.1), n=sizes)
    # sigma_z of pure binomial counts is 1; its standard error over 2,000 points is about 0.02.
    assert float(chart.phases[0].overdispersion) == pytest.approx(1, abs=0.08)


def test_laney_holds_false_alarms_where_p_does_not() -> None:
    random = np.random.default_rng(22)
    sizes = np.full(400, 20_000)
    bad = random.binomial(sizes, np.clip(random.normal(0.1, 0.01, size=400), 0, 1))
    plain, laney = chart_p(defectives=bad, n=sizes), chart_laney_p(defectives=bad, n=sizes)
    assert plain.beyond.mean() > 0.3
    assert laney.beyond.mean() < 0.02
    by_rate = chart_laney_u(counts=bad, units=sizes)
    assert by_rate.beyond.mean() < 0.02


def test_laney_without_variation_is_not_enough_data() -> None:
    with pytest.raises(NotEnoughData, match="every count is 0"):
        chart_laney_u(counts=[0, 0, 0], units=10)
    with pytest.raises(NotEnoughData, match="at least 2 points; it has 1"):
        chart_laney_p(defectives=[1], n=10)


def test_g_chart_by_hand() -> None:
    x = [0, 4, 9, 2, 5]  # mean 4: standard deviation sqrt(4 * 5); with the event counted, mean 5: sqrt(5 * 4)
    assert chart_g(x=x).ucl[0] == pytest.approx(4 + 3 * np.sqrt(20))
    assert chart_g(x=[value + 1 for value in x], counting="including").ucl[0] == pytest.approx(5 + 3 * np.sqrt(20))


@pytest.mark.parametrize("mean", [3, 17, 240])
def test_g_probability_limits_are_quantiles(mean: int) -> None:
    chart = chart_g(x=[mean - 1, mean, mean + 1], limits="probability")
    # scipy counts the event itself, so one less.
    expected = stats.geom.ppf(stats.norm.cdf(3), 1 / (mean + 1)) - 1
    assert chart.ucl[0] == expected
    assert chart.lcl[0] == stats.geom.ppf(stats.norm.cdf(-3), 1 / (mean + 1)) - 1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: chart_p(defectives=[5], n=[4]), ArgumentError, "at most n; got 5 of 4 at point 1"),
        (lambda: chart_p(defectives=[-1], n=4), ArgumentError, "defectives must be at least 0; got -1"),
        (lambda: chart_u(counts=[1], units=0), ArgumentError, "units must be more than 0; got 0"),
        (lambda: chart_p(defectives=[1, 2], n=[4, 4, 4]), ArgumentError, "n must be one number or one a point"),
        (lambda: chart_c(counts=[]), NotEnoughData, "counts"),
        (lambda: chart_p(defectives=[1], n=5, center=2), ArgumentError, "center must be a share"),
        (lambda: chart_g(x=[1.5]), ArgumentError, "x must hold integers"),
        (lambda: chart_g(x=[0, 0]), NotEnoughData, "the mean is 0, which leaves no variation"),
        (lambda: chart_g(x=[1], counting="all"), ArgumentError, r"counting must be one of .*got 'all'"),
    ],
)
def test_messages(call: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
