"""Net present value of projects whose yearly benefit people know only as low, likely and high.

Question: what is a project worth today, how far may that be off, and how likely is a loss?
Used by: step 6.
Source: D. G. Malcolm et al., Operations Research 7 (1959), 646-669 (the beta distribution behind three points);
R. A. Brealey, S. C. Myers, F. Allen, "Principles of Corporate Finance", chapter 2 (present value of an annuity).
Checked against: `business_case` at each of the three points, exact moments of the beta distribution, and
simulation (tests). The value is a straight line in the benefit, so its quantiles need no simulation.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, discount_rate, fraction


@dataclass(frozen=True, slots=True)
class ThreePointNpv:
    """What one project is worth today.

    mean: expected net present value; low, high enclose `confidence` of the outcomes; p_loss: chance that it is
    below zero. annuity: present value of one unit of money a year. payback_years: cost over the expected
    benefit, without discounting, None where the benefit never pays the cost back.
    """

    mean: float
    low: float
    high: float
    p_loss: float
    annuity: float
    payback_years: float | None
    confidence: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        return (
            f"The project is worth {self.mean:,.0f} today ({self.confidence:.0%} of the outcomes between "
            f"{self.low:,.0f} and {self.high:,.0f}, a loss in {self.p_loss:.0%}), if people's bounds are right."
        )


@dataclass(frozen=True, slots=True)
class ThreePointSum:
    """What several projects are worth together, their benefits being independent of each other."""

    mean: float
    low: float
    high: float
    p_loss: float
    confidence: float
    draws: int
    seed: int

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        return (
            f"Together the projects are worth {self.mean:,.0f} ({self.low:,.0f} to {self.high:,.0f} in "
            f"{self.confidence:.0%} of outcomes; a loss in {self.p_loss:.0%}), if their benefits are independent "
            "of each other."
        )


def three_point_npv(
    *,
    cost: float,
    low: float,
    likely: float,
    high: float,
    years: int,
    rate: float,
    confidence: float = 0.95,
) -> ThreePointNpv:
    """Net present value with an interval from a benefit given by three points.

    cost: spent today, 0 or more. low, likely, high: benefit a year in the same currency, low <= likely <= high,
    the same in each year; it follows the beta distribution of the program evaluation and review technique
    (mean (low + 4 likely + high) / 6). years: at the end of how many years it comes, 1 or more. rate: discount
    rate a year above -1. confidence: share of the outcomes between low and high.
    Not for benefits that grow or fade: use `business_case` with the flows themselves.
    Raises ArgumentError for points out of order or values outside their range.

    >>> result = three_point_npv(cost=100, low=40, likely=60, high=80, years=2, rate=0.1)
    >>> round(result.mean, 2), result.low < result.mean < result.high
    (4.13, True)
    """
    points, annuity = _points(low, likely, high), _annuity(years, rate)
    cost, confidence = at_least("cost", cost, 0), fraction("confidence", confidence)
    edges = _quantile(points, np.array([(1 - confidence) / 2, (1 + confidence) / 2]))
    mean = (points[0] + 4 * points[1] + points[2]) / 6
    payback = cost / mean if mean > 0 else None
    return ThreePointNpv(
        mean=mean * annuity - cost,
        low=float(edges[0]) * annuity - cost,
        high=float(edges[1]) * annuity - cost,
        p_loss=_chance_below(points, cost / annuity),
        annuity=annuity,
        payback_years=payback,
        confidence=confidence,
    )


def three_point_sum(
    *,
    costs: Mapping[str, float],
    benefits: Mapping[str, tuple[float, float, float]],
    years: Mapping[str, int],
    rate: float,
    confidence: float = 0.95,
    draws: int = 4000,
    seed: int = 0,
) -> ThreePointSum:
    """Net present value of several projects together.

    costs, benefits (low, likely, high a year) and years: one entry a project, as for `three_point_npv`.
    draws, seed: of the simulation of independent benefits. Benefits that rise and fall together make the
    true interval wider.
    Raises ArgumentError where names differ, NotEnoughData without projects.

    >>> both = three_point_sum(
    ...     costs={"a": 10, "b": 10}, benefits={"a": (5, 5, 5), "b": (1, 6, 11)}, years={"a": 4, "b": 4}, rate=0.0
    ... )
    >>> both.mean, both.p_loss < 0.01
    (24.0, True)
    """
    if not costs:
        raise NotEnoughData("costs is empty: a sum needs at least one project")
    if set(costs) != set(benefits) or set(costs) != set(years):
        odd = sorted(set(costs) ^ set(benefits) | set(costs) ^ set(years))
        raise ArgumentError(f"costs, benefits and years must name the same projects; they differ in {odd}")
    if draws < 100:
        raise ArgumentError(f"draws must be at least 100; got {draws!r}")
    chance = np.random.default_rng(seed).random((len(costs), draws))
    values, mean = np.zeros(draws), 0.0
    for row, name in enumerate(costs):
        points, annuity = _points(*benefits[name]), _annuity(years[name], rate)
        cost = at_least(f"costs[{name}]", costs[name], 0)
        values += _quantile(points, chance[row]) * annuity - cost
        mean += (points[0] + 4 * points[1] + points[2]) / 6 * annuity - cost
    confidence = fraction("confidence", confidence)
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return ThreePointSum(
        mean=mean,
        low=float(low),
        high=float(high),
        p_loss=float(np.mean(values < 0)),
        confidence=confidence,
        draws=draws,
        seed=seed,
    )


def _points(low: float, likely: float, high: float) -> tuple[float, float, float]:
    points = float(low), float(likely), float(high)
    if not np.isfinite(points).all() or not points[0] <= points[1] <= points[2]:
        raise ArgumentError(f"the benefit must satisfy low <= likely <= high; got {low:g}, {likely:g}, {high:g}")
    return points


def _annuity(years: int, rate: float) -> float:
    count, rate = int(at_least("years", years, 1)), discount_rate("rate", rate)
    return float(((1 + rate) ** -np.arange(1, count + 1)).sum())


def _shape(points: tuple[float, float, float]) -> tuple[float, float]:
    low, likely, high = points
    place = (likely - low) / (high - low)
    return 1 + 4 * place, 5 - 4 * place


def _quantile(points: tuple[float, float, float], chance: Floats) -> Floats:
    low, _, high = points
    if high == low:
        return np.full(chance.shape, low)
    a, b = _shape(points)
    found: Floats = low + (high - low) * special.betaincinv(a, b, chance)
    return found


def _chance_below(points: tuple[float, float, float], value: float) -> float:
    low, _, high = points
    if high == low:
        return float(value > low)
    a, b = _shape(points)
    return float(special.betainc(a, b, np.clip((value - low) / (high - low), 0, 1)))
