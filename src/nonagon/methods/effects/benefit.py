"""What a gain in satisfaction is worth: an effect linked to money, with the doubt of both.

Question: the score rose by so much; by how much did (or will) sales move with it?
Used by: steps 5 and 9 (expected and proven benefit against the business plan).
Source: L. A. Goodman, JASA 55 (1960), 708-713 (variance of a product); simulation of the product for the
interval.
Checked against: closed form of the product's moments and coverage by simulation in the tests.
"""

from dataclasses import dataclass

import numpy as np

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import at_least, fraction


@dataclass(frozen=True, slots=True)
class Benefit:
    """Money a period.

    value: effect x slope x customers x adjustment; se, low, high; chance_positive: that it is above 0;
    chance_of_plan: that it reaches the plan, or None without one. adjustment: the share of the link that is
    taken as cause.
    """

    value: float
    se: float
    low: float
    high: float
    chance_positive: float
    chance_of_plan: float | None
    plan: float | None
    adjustment: float
    confidence: float

    @property
    def shown(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0

    def describe(self) -> str:
        """One sentence with the interval and its caveat, also when nothing was shown."""
        said = "is worth" if self.shown else "is not shown to be worth anything:"
        plan = (
            f"; the plan of {self.plan:,.0f} is reached with a chance of {self.chance_of_plan:.0%}"
            if self.plan is not None and self.chance_of_plan is not None
            else ""
        )
        return (
            f"The change {said} {self.value:,.0f} a period ({self.low:,.0f} to {self.high:,.0f} with "
            f"{self.confidence:.0%} confidence){plan}, taking {self.adjustment:.0%} of the link between "
            "score and sales as "
            f"cause."
        )


def benefit(
    *,
    effect: float,
    effect_se: float,
    slope: float,
    slope_se: float,
    customers: float = 1.0,
    adjustment: float = 1.0,
    plan: float | None = None,
    confidence: float = 0.95,
    draws: int = 100_000,
    seed: int = 0,
) -> Benefit:
    """Benefit of an effect on a score through the link of score and sales.

    effect, effect_se: change of the score and its standard error (from `interrupted_time_series` or
    `diff_in_diff`). slope, slope_se: sales a customer and period that go with one point of score, adjusted
    for what else differs between customers (from `ols`). customers: how many the effect reaches, at least 0.
    adjustment: share of the slope taken as cause, 0 to 1: a judgement, stated in the result. plan: the
    benefit planned, or None. confidence, draws, seed: of the interval.
    Assumes that effect and slope were estimated apart and are roughly normal. The slope of customers who
    differ is not what a customer does who changes: hence `adjustment`.

    >>> found = benefit(effect=0.5, effect_se=0.1, slope=20, slope_se=4, customers=1000, plan=8000)
    >>> found.value, bool(found.low > 4000), found.chance_of_plan > 0.6
    (10000.0, True, True)
    """
    fraction("confidence", confidence)
    share = fraction("adjustment", adjustment, closed=True)
    people = at_least("customers", customers, 0)
    at_least("effect_se", effect_se, 0)
    at_least("slope_se", slope_se, 0)
    at_least("draws", draws, 1000)
    if not (np.isfinite(effect) and np.isfinite(slope)):
        raise ArgumentError(f"effect and slope must be finite; got {effect!r} and {slope!r}")
    times = people * share
    random = np.random.default_rng(seed)
    drawn = (
        (effect + effect_se * random.standard_normal(draws))
        * (slope + slope_se * random.standard_normal(draws))
        * times
    )
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    variance = effect**2 * slope_se**2 + slope**2 * effect_se**2 + effect_se**2 * slope_se**2
    return Benefit(
        value=effect * slope * times,
        se=float(np.sqrt(variance)) * times,
        low=float(low),
        high=float(high),
        chance_positive=float(np.mean(drawn > 0)),
        chance_of_plan=None if plan is None else float(np.mean(drawn >= plan)),
        plan=plan,
        adjustment=share,
        confidence=confidence,
    )
