"""Gauge studies: against least squares, the hand-filled form, invariances, coverage, limits of the data."""

import numpy as np
import pytest
from scipy import stats

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.measurement.gauge_rr_anova import gauge_rr_anova
from nonagon.methods.measurement.gauge_rr_xbar_r import gauge_rr_xbar_r


def study(values: np.ndarray) -> dict:
    """Rows of a (parts, operators, trials) array."""
    part, operator, _ = np.indices(values.shape)
    return {"part": part.ravel().tolist(), "operator": operator.ravel().tolist(), "y": values.ravel()}


def drawn(seed: int, shape: tuple[int, int, int] = (10, 3, 3), *, mixed: float = 0.0) -> np.ndarray:
    """Parts with standard deviation 3, operators 0.6, repetition 0.8."""
    random = np.random.default_rng(seed)
    a, b, _ = shape
    return (
        random.normal(0, 3, size=(a, 1, 1))
        + random.normal(0, 0.6, size=(1, b, 1))
        + random.normal(0, mixed, size=(a, b, 1))
        + random.normal(0, 0.8, size=shape)
    )


def residual_squares(y: np.ndarray, *columns: np.ndarray) -> float:
    design = np.column_stack(columns)
    return float(np.sum((y - design @ np.linalg.lstsq(design, y, rcond=None)[0]) ** 2))


def test_sums_of_squares_against_least_squares() -> None:
    values = drawn(1, (5, 3, 2), mixed=1.0)
    found = gauge_rr_anova(**study(values))
    part, operator, _ = np.indices(values.shape)
    y = values.ravel()
    parts, operators = np.eye(5)[part.ravel()], np.eye(3)[operator.ravel()]
    cells = np.eye(15)[(part * 3 + operator).ravel()]
    none, additive = residual_squares(y, np.ones(30)), residual_squares(y, parts, operators)
    assert found.ss_part == pytest.approx(none - residual_squares(y, parts))
    assert found.ss_operator == pytest.approx(none - residual_squares(y, operators))
    assert found.ss_repeatability == pytest.approx(residual_squares(y, cells))
    assert found.ss_interaction == pytest.approx(additive - residual_squares(y, cells))
    f_value = (found.ss_interaction / 8) / (found.ss_repeatability / 15)
    assert found.p_interaction == pytest.approx(stats.f.sf(f_value, 8, 15))


def test_components_add_up_and_the_interaction_rule_is_named() -> None:
    values = drawn(2, mixed=1.5)
    found = gauge_rr_anova(**study(values))
    assert found.interaction_kept
    assert found.var_total == pytest.approx(found.var_grr + found.var_part)
    assert found.var_grr == pytest.approx(found.var_repeatability + found.var_operator + found.var_interaction)
    assert found.study_variation_grr**2 == pytest.approx(found.contribution_grr)
    pooled = gauge_rr_anova(**study(values), keep_interaction=False)
    assert not pooled.interaction_kept
    assert pooled.var_interaction == 0
    pooled_mean = (found.ss_interaction + found.ss_repeatability) / (18 + 60)
    assert pooled.var_repeatability == pytest.approx(pooled_mean)


def test_order_names_and_unit_do_not_matter() -> None:
    rows = study(drawn(3))
    one = gauge_rr_anova(**rows)
    order = np.random.default_rng(4).permutation(90)
    other = gauge_rr_anova(
        part=[f"part {rows['part'][at]}" for at in order],
        operator=[f"op {rows['operator'][at]}" for at in order],
        y=100 + 5 * rows["y"][order],
    )
    assert other.contribution_grr == pytest.approx(one.contribution_grr)
    assert other.var_part == pytest.approx(25 * one.var_part)
    assert (other.low, other.ndc) == (pytest.approx(one.low), one.ndc)


def test_the_form_by_hand() -> None:
    # Parts a, b, c; operators x, y; two trials. Ranges .1 .2 .1 .1 .2 .2, mean .15; K1 .8862, K3(3) .5231.
    values = np.array([[[10.1, 10.2], [10.0, 10.2]], [[12.0, 12.1], [12.2, 12.1]], [[14.0, 14.2], [14.1, 13.9]]])
    found = gauge_rr_xbar_r(**study(values))
    assert found.mean_range == pytest.approx(0.15)
    assert found.part_range == pytest.approx(14.05 - 10.125)
    assert found.ev == pytest.approx(0.15 * 0.8862)
    assert found.av == 0
    assert found.pv == pytest.approx(3.925 * 0.5231)
    assert found.ndc == 21


def test_printed_factors() -> None:
    # AIAG, Measurement Systems Analysis, form sheet: K1 for 2 and 3 trials, K2 for 2 and 3 appraisers, K3 for
    # 2 to 10 parts.
    k3 = [0.7071, 0.5231, 0.4467, 0.4030, 0.3742, 0.3534, 0.3375, 0.3249, 0.3146]
    for parts, factor in zip(range(2, 11), k3, strict=True):
        found = gauge_rr_xbar_r(**study(drawn(5, (parts, 3, 3))))
        assert (found.k1, found.k2, found.k3) == (0.5908, 0.5231, factor)
    two = gauge_rr_xbar_r(**study(drawn(5, (4, 2, 2))))
    assert (two.k1, two.k2) == (0.8862, 0.7071)


def test_both_methods_agree_on_a_large_study() -> None:
    values = drawn(6, (60, 3, 3))
    by_ranges, by_squares = gauge_rr_xbar_r(**study(values)), gauge_rr_anova(**study(values))
    assert by_ranges.ev == pytest.approx(np.sqrt(by_squares.var_repeatability), rel=0.05)


def test_one_operator_has_no_reproducibility() -> None:
    found = gauge_rr_anova(**study(drawn(7, (8, 1, 3))))
    assert found.var_operator == found.var_interaction == 0
    assert found.p_interaction is None
    assert found.reason is not None
    assert "one operator" in found.reason


def coverage(runs: int, seed: int) -> float:
    # Operators fixed in number at 6, so that the interval is not all of 0 to 1.
    truth = np.sqrt((0.6**2 + 0.8**2) / (0.6**2 + 0.8**2 + 9))
    hits = 0
    for run in range(runs):
        found = gauge_rr_anova(**study(drawn(seed + run, (10, 6, 2))), draws=2000, keep_interaction=False)
        hits += found.low <= truth <= found.high
    return hits / runs


def test_interval_covers() -> None:
    assert 0.91 <= coverage(200, 1000) <= 0.99


@pytest.mark.slow
def test_interval_covers_at_length() -> None:
    assert 0.93 <= coverage(3000, 5000) <= 0.97


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"part": [1, 1], "operator": [1, 1], "y": [1, 2]}, NotEnoughData, "at least 2 parts; got 1"),
        (
            {"part": [1, 1, 2], "operator": [1, 1, 1], "y": [1, 2, 3]},
            NotEnoughData,
            r"1 measured 2 1\s+time\(s\), others 2",
        ),
        ({"part": [1, 2], "operator": [1, 1], "y": [1, 2]}, NotEnoughData, "at least 2 trials"),
        ({"part": [1, 1, 2, 2], "operator": [1] * 4, "y": [5] * 4}, NotEnoughData, "all measurements are equal"),
        ({"part": [1], "operator": [1, 1], "y": [1, 2]}, ArgumentError, "equally long"),
    ],
)
def test_messages(arguments: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        gauge_rr_anova(**arguments)


def test_ranges_need_two_operators() -> None:
    with pytest.raises(NotEnoughData, match="at least 2 operators; got 1"):
        gauge_rr_xbar_r(part=[1, 1, 2, 2], operator=[1] * 4, y=[1, 2, 3, 4])


def test_describe() -> None:
    rows = study(drawn(8))
    assert "95% interval" in gauge_rr_anova(**rows).describe()
    assert "no interval" in gauge_rr_xbar_r(**rows).describe()
