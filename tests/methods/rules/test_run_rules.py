"""Run rules: against plain loops over windows, phases, known run lengths, limits of the data."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.rules.chart_signals import chart_signals
from nonagon.methods.rules.nelson_rules import nelson_rules
from nonagon.methods.rules.western_electric import western_electric
from nonagon.methods.spc.chart_imr import chart_imr
from nonagon.methods.spc.chart_p import chart_p

Window = Sequence[float]


def one_side(zone: float, hits: int) -> Callable[[Window], bool]:
    return lambda w: max(sum(z > zone for z in w), sum(z < -zone for z in w)) >= hits


def monotone(w: Window) -> bool:
    steps = np.diff(w)
    return bool(np.all(steps > 0) or np.all(steps < 0))


def alternating(w: Window) -> bool:
    steps = np.sign(np.diff(w))
    return bool(np.all(steps[1:] * steps[:-1] < 0))


# Nelson (1984) and the Western Electric handbook (1956), written as predicates on a window of z.
NELSON: dict[str, tuple[int, Callable[[Window], bool]]] = {
    "rule1": (1, lambda w: abs(w[0]) > 3),
    "rule2": (9, one_side(0, 9)),
    "rule3": (6, monotone),
    "rule4": (14, alternating),
    "rule5": (3, one_side(2, 2)),
    "rule6": (5, one_side(1, 4)),
    "rule7": (15, lambda w: all(abs(z) < 1 for z in w)),
    "rule8": (8, lambda w: all(abs(z) > 1 for z in w)),
}
WESTERN = {"we1": NELSON["rule1"], "we2": NELSON["rule5"], "we3": NELSON["rule6"], "we4": (8, one_side(0, 8))}


def loop(z: Window, size: int, meets: Callable[[Window], bool]) -> list[int]:
    return [end for end in range(size - 1, len(z)) if meets(z[end - size + 1 : end + 1])]


zs = st.lists(
    st.one_of(st.floats(-4, 4), st.sampled_from([-3.0, -2, -1, 0, 1, 2, 3, 1.5, 2.5])), min_size=1, max_size=60
)
walks = st.tuples(zs, st.sampled_from([0.1, 0.5, 1.0])).map(lambda pair: [z * pair[1] for z in pair[0]])


@settings(max_examples=100)
@given(z=st.one_of(zs, walks))
def test_rules_against_loops(z: list[float]) -> None:
    for found, rules in (
        (nelson_rules(x=z, center=0, sigma=1), NELSON),
        (western_electric(x=z, center=0, sigma=1), WESTERN),
    ):
        for name, (size, meets) in rules.items():
            assert np.flatnonzero(found.rule(name)).tolist() == loop(z, size, meets), name


@pytest.mark.parametrize(
    ("name", "size", "series"),
    [
        ("rule2", 9, [0.5] * 12),
        ("rule3", 6, [0.1 * step for step in range(9)]),
        ("rule4", 14, [(-1.0) ** step * 0.5 for step in range(18)]),
        ("rule7", 15, [0.3, -0.4] * 9),
        ("rule8", 8, [1.5, -1.6] * 6),
    ],
)
def test_long_patterns_do_signal(name: str, size: int, series: list[float]) -> None:
    found = np.flatnonzero(nelson_rules(x=series, center=0, sigma=1).rule(name))
    assert found.tolist() == list(range(size - 1, len(series)))


@settings(max_examples=50)
@given(z=zs)
def test_last_point_in_zone_keeps_only_points_that_contribute(z: list[float]) -> None:
    strict = nelson_rules(x=z, center=0, sigma=1, last_point_in_zone=True)
    free = nelson_rules(x=z, center=0, sigma=1)
    for name, zone in (("rule5", 2), ("rule6", 1)):
        size, meets = NELSON[name]
        for at in range(len(z)):
            window = z[max(at - size + 1, 0) : at + 1]
            side = [value for value in window if value * np.sign(z[at]) > zone]
            expected = len(window) == size and meets(side + [0.0] * (size - len(side))) and abs(z[at]) > zone
            assert strict.rule(name)[at] == expected
        assert not np.any(strict.rule(name) & ~free.rule(name))


@settings(max_examples=30)
@given(z=zs, shift=st.integers(-50, 50), scale=st.sampled_from([0.5, 2.0, 4.0]))
def test_mirror_and_unit(z: list[float], shift: int, scale: float) -> None:
    z = np.round(np.array(z) * 8) / 8  # exact in binary, so that zone borders stay borders
    one = nelson_rules(x=z, center=0, sigma=1).signals
    assert np.array_equal(one, nelson_rules(x=-z, center=0, sigma=1).signals)
    assert np.array_equal(one, nelson_rules(x=shift + scale * z, center=shift, sigma=scale).signals)


def test_windows_stop_at_the_edge_of_a_phase() -> None:
    x = np.full(12, 0.5)
    labels = ["before"] * 6 + ["after"] * 6
    assert nelson_rules(x=x, center=0, sigma=1, rules=[2]).any.any()
    assert not nelson_rules(x=x, center=0, sigma=1, rules=[2], phases=labels).any.any()
    random = np.random.default_rng(1)
    z, labels = random.normal(0.4, 1, size=80), ["a"] * 33 + ["b"] * 47
    found = nelson_rules(x=z, center=0, sigma=1, phases=labels).signals
    parts = [nelson_rules(x=part, center=0, sigma=1).signals for part in (z[:33], z[33:])]
    assert np.array_equal(found, np.concatenate(parts, axis=1))


def test_chart_signals_uses_each_points_own_limits() -> None:
    bad, sizes = [5, 12, 30, 9, 3, 60], [50, 100, 150, 90, 40, 300]
    chart = chart_p(defectives=bad, n=sizes, phases=["a"] * 3 + ["b"] * 3, baseline="a")
    signals = chart_signals(chart=chart, rule_set="western_electric", rules=[1, 4])
    assert signals.rules == ("we1", "we4")
    assert (
        signals.rule("we1").tolist()
        == (np.abs(chart.statistic - chart.center) > 3 * chart.standard_error).tolist()
    )
    first = chart_signals(chart=chart_imr(x=np.random.default_rng(2).normal(size=(4, 40))).individuals)
    assert first.signals.shape == (8, 4, 40)


def test_without_variation_only_departures_signal() -> None:
    still = nelson_rules(x=[0.1] * 20, center=np.mean([0.1] * 20), sigma=0)
    assert not still.any.any()
    moved = nelson_rules(x=[5.0, 5.0, 6.0], center=5, sigma=0)
    assert moved.rule("rule1").tolist() == [False, False, True]


def test_average_run_length_of_the_western_electric_rules() -> None:
    # Champ and Woodall (1987), table 1: all four rules signal a stable process every 91.75 points.
    z = np.random.default_rng(3).normal(size=(4000, 1200))
    met = western_electric(x=z, center=0, sigma=1, last_point_in_zone=True).any
    lengths = np.where(met.any(axis=1), met.argmax(axis=1) + 1, met.shape[1])
    assert lengths.mean() == pytest.approx(91.75, abs=4 * lengths.std() / np.sqrt(lengths.size))


def test_one_center_a_chart() -> None:
    x = np.array([[1.0, 1.0, 9.0], [5.0, 5.0, 9.0]])
    found = nelson_rules(x=x, center=[1, 5], sigma=[1, 1], rules=[1])
    assert found.any.tolist() == [[False, False, True], [False, False, True]]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": [], "center": 0, "sigma": 1}, NotEnoughData, "x needs at least 1"),
        ({"x": [1], "center": 0, "sigma": -1}, ArgumentError, "sigma must be at least 0; got -1"),
        (
            {"x": [1, 2, 3], "center": [0, 1], "sigma": 1},
            ArgumentError,
            r"center must be one number.*shape \(2,\)",
        ),
        (
            {"x": [1], "center": 0, "sigma": 1, "rules": [9]},
            ArgumentError,
            r"rules must be some of 1 to 8; got \[9\]",
        ),
        ({"x": [1], "center": 0, "sigma": 1, "rules": []}, ArgumentError, "rules must be some of 1 to 8"),
    ],
)
def test_messages(arguments: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        nelson_rules(**arguments)


def test_describe_and_unknown_name() -> None:
    found = nelson_rules(x=[0, 4.0], center=0, sigma=1, rules=[1])
    assert "rule1 (a point beyond 3 sigma) at 1 point" in found.describe()
    with pytest.raises(ArgumentError, match="name must be one of rule1; got 'rule9'"):
        found.rule("rule9")
