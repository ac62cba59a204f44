"""Does a chart show a pattern that chance rarely makes: Nelson's eight rules.

Question: although no point need lie beyond the limits, do shifts, trends, cycles or mixtures show?
Used by: step 7, step 9.
Source: L. S. Nelson, Journal of Quality Technology 16 (1984), 237-239.
Checked against: tests/reference and a plain loop over windows (tests/methods/rules).
"""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import ArgumentError
from nonagon.methods.rules.windows import Bools, Rule, RunSignals, Zones, apply_rules

ALL = (1, 2, 3, 4, 5, 6, 7, 8)


def nelson_rules(
    *,
    x: ArrayLike,
    center: ArrayLike,
    sigma: ArrayLike,
    phases: Sequence[Hashable] | None = None,
    rules: Sequence[int] = ALL,
    last_point_in_zone: bool = False,
) -> RunSignals:
    """Which of Nelson's rules is met at which point.

    x: (points,) or (charts, points), the plotted statistic in order of time. center, sigma: its centre and
    standard error: a number, one a chart, or one a point (a ControlChart's center and standard_error).
    phases: a label a point; no window reaches from one phase into another. rules: which of 1 to 8.
    A signal stands at the last point of its window. last_point_in_zone: for rules 5 and 6 the last point must
    itself lie in the zone, so that a signal falls on a point that contributes to it.

    1: a point more than 3 sigma from the centre. 2: 9 in a row on one side. 3: 6 in a row rising or falling.
    4: 14 in a row going up and down in turn. 5: 2 of 3 more than 2 sigma out on one side. 6: 4 of 5 more than
    1 sigma out on one side. 7: 15 in a row within 1 sigma. 8: 8 in a row all more than 1 sigma out, on either
    side.

    Rules 5 to 8 assume a symmetric, roughly normal statistic: not for ranges or rare counts. All eight
    together call a stable process out of control about every 60 points; choose before looking.
    Raises ArgumentError for values out of range, NotEnoughData without points.

    >>> found = nelson_rules(x=[0.1, 0.4, 3.2, 0.2, 0.9], center=0, sigma=1, rules=[1, 5])
    >>> found.rule("rule1").tolist()
    [False, False, True, False, False]
    """
    unknown = [rule for rule in rules if rule not in ALL]
    if unknown or not rules:
        raise ArgumentError(f"rules must be some of 1 to 8; got {list(rules)!r}")
    chosen = {f"rule{number}": RULES[number] for number in dict.fromkeys(rules)}
    return apply_rules(
        chosen, x=x, center=center, sigma=sigma, phases=phases, last_point_in_zone=last_point_in_zone
    )


def _beyond_three(zones: Zones, last: bool) -> Bools:  # noqa: ARG001
    return np.abs(zones.z) > 3


def _nine_on_one_side(zones: Zones, last: bool) -> Bools:  # noqa: ARG001
    return zones.beyond(0, 9, 9)


def _six_rising_or_falling(zones: Zones, last: bool) -> Bools:  # noqa: ARG001
    steps = np.diff(zones.x, axis=-1, prepend=zones.x[..., :1])
    met = zones.of_window(steps > 0, 5, 5) | zones.of_window(steps < 0, 5, 5)
    return met & (zones.since >= 5)


def _fourteen_alternating(zones: Zones, last: bool) -> Bools:  # noqa: ARG001
    direction = np.sign(np.diff(zones.x, axis=-1, prepend=zones.x[..., :1]))
    turns = np.zeros(zones.x.shape, dtype=np.bool_)
    turns[..., 1:] = direction[..., 1:] * direction[..., :-1] < 0
    return zones.of_window(turns, 12, 12) & (zones.since >= 13)


def _two_of_three(zones: Zones, last: bool) -> Bools:
    return zones.beyond(2, 2, 3, last=last)


def _four_of_five(zones: Zones, last: bool) -> Bools:
    return zones.beyond(1, 4, 5, last=last)


def _fifteen_within(zones: Zones, last: bool) -> Bools:  # noqa: ARG001
    return zones.of_window(np.abs(zones.z) < 1, 15, 15)


def _eight_outside(zones: Zones, last: bool) -> Bools:  # noqa: ARG001
    return zones.of_window(np.abs(zones.z) > 1, 8, 8)


RULES: dict[int, tuple[str, Rule]] = {
    1: ("a point beyond 3 sigma", _beyond_three),
    2: ("9 in a row on one side of the centre", _nine_on_one_side),
    3: ("6 in a row rising or falling", _six_rising_or_falling),
    4: ("14 in a row alternating up and down", _fourteen_alternating),
    5: ("2 of 3 beyond 2 sigma on one side", _two_of_three),
    6: ("4 of 5 beyond 1 sigma on one side", _four_of_five),
    7: ("15 in a row within 1 sigma", _fifteen_within),
    8: ("8 in a row beyond 1 sigma on either side", _eight_outside),
}
