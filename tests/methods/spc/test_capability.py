"""Capability: relations, one-sided limits, variants, coverage, many processes, limits of the data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.spc.capability import Capability, Index, capability
from nonagon.methods.spc.chart_imr import chart_imr, freedom_of_moving_ranges
from nonagon.methods.spc.subgroups import ESTIMATORS

INDICES = ("cp", "cpl", "cpu", "cpk", "cpm", "pp", "ppl", "ppu", "ppk")


def numbers(found: Capability) -> list[float]:
    """Every number of the indices and shares."""
    parts: list[object] = [found.mean, found.sigma_within, found.sigma_overall]
    for name in INDICES:
        index: Index | None = getattr(found, name)
        parts += [] if index is None else [index.value, index.low, index.high]
    for tails in (found.expected_within, found.expected_overall, found.observed):
        parts += [] if tails is None else [tails.below, tails.above, tails.total]
    return [float(part) for part in parts if part is not None]


@settings(max_examples=50)
@given(
    x=st.lists(st.floats(-1e4, 1e4), min_size=3, max_size=30),
    low=st.floats(-1e4, 0),
    span=st.floats(0.1, 1e4),
    sides=st.sampled_from(["both", "lower", "upper"]),
)
def test_no_nan_and_ordered(x: list[float], low: float, span: float, sides: str) -> None:
    limits = {"lsl": low, "usl": low + span}
    limits.pop({"both": "", "lower": "usl", "upper": "lsl"}[sides], None)
    try:
        found = capability(x=x, **limits)
    except NotEnoughData:
        return
    assert np.all(np.isfinite(numbers(found)))
    for name in INDICES:
        index = getattr(found, name)
        assert index is None or index.low <= index.value <= index.high
    if sides == "both":
        assert found.cpk.value == min(found.cpl.value, found.cpu.value)
        assert found.cpk.value <= found.cp.value + 1e-9 * max(1.0, found.cp.value)
        assert found.cpm.value <= found.cp.value + 1e-9 * max(1.0, found.cp.value)
        assert found.cp.value == pytest.approx((found.cpl.value + found.cpu.value) / 2, rel=1e-9, abs=1e-6)


def test_one_sided_limits_say_why_an_index_is_missing() -> None:
    found = capability(x=[1, 2, 3, 2, 1, 2], usl=5)
    assert found.cp is found.cpl is found.cpm is found.pp is found.ppl is None
    assert found.cpk.value == found.cpu.value
    assert found.reasons["cp"] == "there is no lower specification limit"
    assert found.expected_overall.below is None
    assert found.observed is not None
    assert found.observed.above == 0


def test_change_of_unit_and_mirror() -> None:
    x = np.random.default_rng(1).normal(10, 1, size=40)
    one = capability(x=x, lsl=7, usl=12, target=9)
    scaled = capability(x=5 + 2 * x, lsl=19, usl=29, target=23)
    mirrored = capability(x=-x, lsl=-12, usl=-7, target=-9)
    for name in INDICES:
        assert getattr(one, name).value == pytest.approx(getattr(scaled, name).value)
    assert one.cpl.value == pytest.approx(mirrored.cpu.value)
    assert one.expected_within.above == pytest.approx(mirrored.expected_within.below)


def test_overall_sigma_of_subgroups_is_that_of_all_values() -> None:
    groups = [[4.0, 5.0, 6.5], [5.0, 5.5], [7.0, 6.0, 6.2, 6.1]]
    found = capability(subgroups=groups, lsl=0, usl=10)
    flat = np.concatenate([np.array(row) for row in groups])
    assert found.sigma_overall == pytest.approx(flat.std(ddof=1))
    assert found.n == 9
    assert found.observed is not None
    assert found.observed.total == 0


def test_expected_shares_are_normal_tails() -> None:
    found = capability(mean=10, sd=2, lsl=6, usl=15)
    assert found.expected_overall.below == pytest.approx(stats.norm.cdf(-2))
    assert found.expected_overall.ppm == pytest.approx(1e6 * (stats.norm.cdf(-2) + stats.norm.sf(2.5)))
    assert found.cp.low is None
    assert "intervals" in found.reasons
    assert capability(mean=10, sd=1, lsl=0, usl=20, negligible=1e-4).expected_within.total == 0


def test_cpm_freedom_variants() -> None:
    # off-target by half a sigma, n = 30: Boyles n (1 + d)^2 / (1 + 2 d), qcc n (1 + d) / (1 + 2 d), d = 0.25.
    for variant, freedom in (("boyles", 30 * 1.25**2 / 1.5), ("qcc", 30 * 1.25 / 1.5)):
        found = capability(mean=1, sd=2, n=30, lsl=-6, usl=6, target=0, cpm_freedom=variant)
        assert found.cpm.low / found.cpm.value == pytest.approx(np.sqrt(stats.chi2.ppf(0.025, freedom) / freedom))


def test_many_processes_equal_one_at_a_time() -> None:
    random = np.random.default_rng(2)
    x = random.normal(size=(6, 30))
    usl = random.uniform(2, 4, size=6)
    together = capability(x=x, lsl=-3, usl=usl)
    for at in range(6):
        alone = capability(x=x[at], lsl=-3, usl=usl[at])
        for name in INDICES:
            one, other = getattr(together, name), getattr(alone, name)
            assert (one.value[at], one.low[at], one.high[at]) == pytest.approx(
                (other.value, other.low, other.high)
            )
        assert together.observed is not None
        assert alone.observed is not None
        assert together.observed.above[at] == alone.observed.above
    assert "Of 6 processes" in together.describe()
    grouped = capability(subgroups=x.reshape(6, 10, 3), lsl=-3, usl=usl)
    assert grouped.cpk.value[2] == pytest.approx(
        capability(subgroups=x[2].reshape(10, 3), lsl=-3, usl=usl[2]).cpk.value
    )


def coverage(runs: int, n: int, seed: int) -> dict[str, float]:
    """How often the intervals of the overall indices hold the true value (mean 0.5, sigma 1, limits -3 and 4)."""
    x = np.random.default_rng(seed).normal(0.5, 1, size=(runs, n))
    found = capability(x=x, lsl=-3, usl=4, side_bounds="two_sided")
    truth = {"pp": 7 / 6, "ppl": 3.5 / 3, "ppu": 3.5 / 3, "ppk": 3.5 / 3}
    one_sided = capability(x=x, lsl=-9, usl=3.5, side_bounds="two_sided")
    inside = {name: getattr(found, name) for name in truth if name != "ppk"}
    shares = {name: float(np.mean((i.low <= truth[name]) & (truth[name] <= i.high))) for name, i in inside.items()}
    shares["ppk"] = float(np.mean((one_sided.ppk.low <= 1) & (one_sided.ppk.high >= 1)))
    return shares


def within_coverage(runs: int, seed: int) -> dict[str, float]:
    """The same for cp and cpk (limits -9 and 3.5, so that the upper one counts), with sigma from within."""
    x = np.random.default_rng(seed).normal(0.5, 1, size=(runs, 60))
    groups, sizes = x.reshape(runs, 12, 5), np.array([2, 3, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5])
    cases: dict[str, dict] = {"mean": {"x": x}, "median": {"x": x, "within": "median_moving_range"}}
    for estimator in ESTIMATORS:
        cases[estimator] = {"subgroups": groups, "sizes": sizes, "sigma_estimator": estimator}
    shares = {}
    for name, values in cases.items():
        found = capability(**values, lsl=-9, usl=3.5)
        shares[f"cp {name}"] = np.mean((found.cp.low <= 12.5 / 6) & (found.cp.high >= 12.5 / 6))
        shares[f"cpk {name}"] = np.mean((found.cpk.low <= 1) & (found.cpk.high >= 1))
    return {name: float(share) for name, share in shares.items()}


def test_intervals_from_within_cover() -> None:
    for name, share in within_coverage(3000, seed=5).items():
        assert 0.93 <= share <= 0.97, (name, share)


def test_counting_values_as_freedom_covers_too_little() -> None:
    # Why "effective" is the default: moving ranges carry about 0.6 (n - 1) degrees of freedom.
    x = np.random.default_rng(6).normal(size=(4000, 60))
    found = capability(x=x, lsl=-3, usl=3, freedom="values")
    assert np.mean((found.cp.low <= 1) & (found.cp.high >= 1)) < 0.90


def test_freedom_of_moving_ranges_by_simulation() -> None:
    x = np.random.default_rng(7).normal(size=(20_000, 80))
    for rule in ("mean_moving_range", "median_moving_range"):
        sigma = chart_imr(x=x, sigma_rule=rule).individuals.standard_error[:, 0]
        freedom = freedom_of_moving_ranges(80, rule)
        assert 1 / (2 * freedom) == pytest.approx(sigma.var() / sigma.mean() ** 2, rel=0.05)


def test_intervals_cover() -> None:
    for name, share in coverage(3000, 50, seed=3).items():
        assert 0.93 <= share <= 0.97, name


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 100, 500])
def test_intervals_cover_at_length(n: int) -> None:
    for name, share in coverage(20_000, n, seed=4).items():
        assert 0.93 <= share <= 0.97, name


def test_describe() -> None:
    words = capability(x=[9.8, 10.1, 10.0, 9.9, 10.3, 10.1], lsl=9, usl=11).describe()
    assert "95% interval" in words
    assert "normally distributed" in words


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": [1, 2, 3]}, ArgumentError, "at least one of lsl and usl"),
        ({"x": [1, 2, 3], "lsl": 5, "usl": 5}, ArgumentError, "lsl must be below usl; got lsl 5 and usl 5"),
        ({"x": [0.1] * 5, "usl": 5}, NotEnoughData, "the values do not vary"),
        ({"x": [[1, 1], [1, 2]], "usl": 5}, NotEnoughData, r"in 1 processes \(first: 1\)"),
        ({"x": [1], "usl": 5}, NotEnoughData, "x needs at least 2"),
        ({"x": [1, 2], "mean": 3, "sd": 1, "usl": 5}, ArgumentError, "in one way"),
        ({"mean": 3, "usl": 5}, ArgumentError, "mean and sd belong together"),
        ({"x": [1, 2], "usl": [5, 6]}, ArgumentError, "usl must be one number or one a process"),
        ({"x": [1, 2], "usl": 5, "confidence": 95}, ArgumentError, "confidence must lie between 0 and 1.*got 95"),
        ({"mean": 0, "sd": 0, "usl": 5}, NotEnoughData, "do not vary"),
    ],
)
def test_messages(arguments: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        capability(**arguments)
