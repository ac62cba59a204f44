"""Does a chart show a pattern that chance rarely makes: the Western Electric rules.

Question: although no point need lie beyond the limits, has the process shifted?
Used by: step 7, step 9.
Source: Western Electric Company, Statistical Quality Control Handbook (1956), pages 25-28.
Checked against: tests/reference and a plain loop over windows (tests/methods/rules).
"""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import ArgumentError
from nonagon.methods.rules.windows import Bools, Rule, RunSignals, Zones, apply_rules

ALL = (1, 2, 3, 4)


def western_electric(
    *,
    x: ArrayLike,
    center: ArrayLike,
    sigma: ArrayLike,
    phases: Sequence[Hashable] | None = None,
    rules: Sequence[int] = ALL,
    last_point_in_zone: bool = False,
) -> RunSignals:
    """Which of the four Western Electric rules is met at which point.

    Arguments as in nelson_rules. 1: a point more than 3 sigma from the centre. 2: 2 of 3 more than 2 sigma out
    on one side. 3: 4 of 5 more than 1 sigma out on one side. 4: 8 in a row on one side.
    A signal stands at the last point of its window. last_point_in_zone: for rules 2 and 3 the last point must
    itself lie in the zone. All four together call a stable process out of control about every 92 points
    (Champ and Woodall, Technometrics 29 (1987), 393-399).
    Raises ArgumentError for values out of range, NotEnoughData without points.

    >>> found = western_electric(x=[0.3, 2.2, 2.3, -0.4], center=0, sigma=1, last_point_in_zone=True)
    >>> found.rule("we2").tolist()
    [False, False, True, False]
    """
    unknown = [rule for rule in rules if rule not in ALL]
    if unknown or not rules:
        raise ArgumentError(f"rules must be some of 1 to 4; got {list(rules)!r}")
    chosen = {f"we{number}": RULES[number] for number in dict.fromkeys(rules)}
    return apply_rules(
        chosen, x=x, center=center, sigma=sigma, phases=phases, last_point_in_zone=last_point_in_zone
    )


def _beyond_three(zones: Zones, last: bool) -> Bools:  # noqa: ARG001
    return np.abs(zones.z) > 3


def _two_of_three(zones: Zones, last: bool) -> Bools:
    return zones.beyond(2, 2, 3, last=last)


def _four_of_five(zones: Zones, last: bool) -> Bools:
    return zones.beyond(1, 4, 5, last=last)


def _eight_on_one_side(zones: Zones, last: bool) -> Bools:  # noqa: ARG001
    return zones.beyond(0, 8, 8)


RULES: dict[int, tuple[str, Rule]] = {
    1: ("a point beyond 3 sigma", _beyond_three),
    2: ("2 of 3 beyond 2 sigma on one side", _two_of_three),
    3: ("4 of 5 beyond 1 sigma on one side", _four_of_five),
    4: ("8 in a row on one side of the centre", _eight_on_one_side),
}
