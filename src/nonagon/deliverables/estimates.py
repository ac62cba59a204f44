"""From a method's result to an estimate, and back to its standard error: one way for all steps."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nonagon.basics.errors import NotEnoughData
from nonagon.deliverables.cycle import Settings
from nonagon.deliverables.evidence import Estimate
from nonagon.methods.checks import Floats
from nonagon.methods.survey.mean import Mean, mean, mean_difference
from nonagon.methods.survey.proportion import proportion
from nonagon.methods.survey.standard_error import standard_error

Sums = dict[str, NDArray[Any]]
"""Columns n, weights, weights_squared, total, total_of_squares: one row a group."""

VARIANT = "weighted where the answers carry weights; Student's t with Kish's effective number"
"""How the means of sums are computed, for their origin."""


class Bounded(Protocol):
    """A method's result with an interval; low or high is None where there is no such end."""

    @property
    def low(self) -> Any: ...
    @property
    def high(self) -> Any: ...
    @property
    def confidence(self) -> float: ...


def estimate_of(
    value: Any, result: Bounded, *, n: float | None = None, unit: str = "", origin: str = ""
) -> Estimate:
    """A value with the interval of the result that it is part of.

    value: a number, or an array of one. result: of a method such as `proportion`, for one group.
    """
    low, high = result.low, result.high
    return Estimate(
        value=value,
        low=low,
        high=high,
        confidence=None if low is None and high is None else result.confidence,
        n=None if n is None else int(n),
        unit=unit,
        origin=origin,
    )


def estimates_of(
    values: Floats, result: Bounded, *, n: NDArray[Any] | None = None, unit: str = "", origin: str = ""
) -> list[Estimate]:
    """`estimate_of` for a result of many groups."""
    counts = [None] * len(values) if n is None else [int(one) for one in n]
    return [
        Estimate(
            value=float(value),
            low=float(low),
            high=float(high),
            confidence=result.confidence,
            n=count,
            unit=unit,
            origin=origin,
        )
        for value, low, high, count in zip(values, result.low, result.high, counts, strict=True)
    ]


def share_estimate(
    part: float,
    whole: float,
    settings: Settings,
    *,
    origin: str,
    n: int | None = None,
    why: str = "nothing to take a share of",
) -> Estimate:
    """The share of `whole` that `part` is, with Wilson's interval.

    part, whole: counts, or effective (weighted) numbers; n: the count behind it, where that is not `whole`.
    why: the reason that is given where the whole is nothing.
    """
    if whole <= 0:
        return Estimate(unit="share", why=why, origin=origin)
    found = proportion(x=part, n=whole, confidence=settings.confidence)
    return estimate_of(found.p, found, n=whole if n is None else n, unit="share", origin=origin)


def means(sums: Sums, places: Sequence[int] | NDArray[np.int64], confidence: float) -> Mean:
    """Means of the groups at `places`. Raises NotEnoughData for a group of fewer than two answers."""
    at = np.asarray(places, dtype=np.int64)
    return mean(
        n=sums["n"][at],
        total=sums["total"][at],
        total_of_squares=sums["total_of_squares"][at],
        total_of_weights=sums["weights"][at],
        total_of_squared_weights=sums["weights_squared"][at],
        confidence=confidence,
    )


def effective(sums: Sums) -> Floats:
    """Kish's effective number of answers of each group."""
    found: Floats = np.asarray(
        sums["weights"] ** 2 / np.maximum(sums["weights_squared"], 1e-300), dtype=np.float64
    )
    return found


def enough(sums: Sums, settings: Settings) -> NDArray[np.bool_]:
    """Which groups' means may be shown and have an interval."""
    least = max(2, settings.group_minimum)
    return np.asarray((sums["n"] >= least) & (effective(sums) > 1), dtype=np.bool_)


def mean_estimates(sums: Sums, settings: Settings, *, origin: str, unit: str = "points") -> list[Estimate]:
    """Every group's mean with its interval; withheld below the smallest group that may be shown."""
    shown = np.flatnonzero(enough(sums, settings))
    found = [_too_few(sums, at, settings, unit, origin) for at in range(len(sums["n"]))]
    if len(shown):
        result = means(sums, shown, settings.confidence)
        known = estimates_of(result.mean, result, n=result.n, unit=unit, origin=origin)
        for at, one in zip(shown, known, strict=True):
            found[at] = one
    return found


def mean_estimate(sums: Sums, place: int, settings: Settings, *, origin: str, unit: str = "points") -> Estimate:
    """`mean_estimates` of the group at `place` alone."""
    alone = {name: column[[place]] for name, column in sums.items()}
    return mean_estimates(alone, settings, origin=origin, unit=unit)[0]


def difference_estimate(
    sums: Sums, one: int, two: int, settings: Settings, *, origin: str, unit: str = "points"
) -> Estimate:
    """Mean of group `one` minus mean of group `two` with Welch's interval; withheld where either is too small."""
    small = [at for at in (one, two) if not enough(sums, settings)[at]]
    if small:
        return _too_few(sums, small[0], settings, unit, origin)
    first, second = (means(sums, [at], settings.confidence) for at in (one, two))
    try:
        found = mean_difference(one=first, two=second, confidence=settings.confidence)
    except NotEnoughData as error:
        return Estimate(why=str(error), unit=unit, origin=origin)
    both = sums["n"][one] + sums["n"][two]
    return estimate_of(found.difference, found, n=both, unit=unit, origin=origin)


def error_of(estimate: Estimate) -> float:
    """The standard error behind an estimate's interval; 0 where it has none."""
    if estimate.low is None or estimate.high is None:
        return 0.0
    n = None if estimate.n is None else [estimate.n]
    found = standard_error(low=[estimate.low], high=[estimate.high], confidence=estimate.confidence or 0.95, n=n)
    return float(found[0])


def _too_few(sums: Sums, at: int, settings: Settings, unit: str, origin: str) -> Estimate:
    least = max(2, settings.group_minimum)
    few = sums["n"][at] < least
    why = f"fewer than {least} answers" if few else "the weights rest on a single answer"
    return Estimate(why=why, unit=unit, origin=origin)
