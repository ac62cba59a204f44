"""From sums of answers to estimates: one way for every step that reports mean scores."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonagon.basics.errors import NotEnoughData
from nonagon.deliverables.cycle import Settings
from nonagon.deliverables.evidence import Estimate
from nonagon.methods.survey.mean import Mean, mean, mean_difference

Sums = dict[str, NDArray[Any]]
"""Columns n, weights, weights_squared, total, total_of_squares: one row a group."""

VARIANT = "weighted where the answers carry weights; Student's t with Kish's effective number"


def means(sums: Sums, places: Sequence[int], confidence: float) -> Mean:
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


def score(sums: Sums, place: int, settings: Settings, *, origin: str, unit: str = "points") -> Estimate:
    """One group's mean with its interval; withheld below the smallest group that may be shown."""
    n = int(sums["n"][place])
    if n < settings.group_minimum:
        return Estimate(why=f"fewer than {settings.group_minimum} answers", unit=unit, origin=origin)
    try:
        found = means(sums, [place], settings.confidence)
    except NotEnoughData as error:
        return Estimate(why=str(error), unit=unit, origin=origin)
    return Estimate(
        value=found.mean.item(),
        low=found.low.item(),
        high=found.high.item(),
        confidence=settings.confidence,
        n=n,
        unit=unit,
        origin=origin,
    )


def difference(
    sums: Sums, one: int, two: int, settings: Settings, *, origin: str, unit: str = "points"
) -> Estimate:
    """Mean of group `one` minus mean of group `two` with Welch's interval; withheld where either is too small."""
    smallest = int(min(sums["n"][one], sums["n"][two]))
    if smallest < settings.group_minimum:
        return Estimate(why=f"fewer than {settings.group_minimum} answers", unit=unit, origin=origin)
    try:
        first, second = (means(sums, [place], settings.confidence) for place in (one, two))
        found = mean_difference(one=first, two=second, confidence=settings.confidence)
    except NotEnoughData as error:
        return Estimate(why=str(error), unit=unit, origin=origin)
    return Estimate(
        value=found.difference.item(),
        low=found.low.item(),
        high=found.high.item(),
        confidence=settings.confidence,
        n=int(sums["n"][one] + sums["n"][two]),
        unit=unit,
        origin=origin,
    )
