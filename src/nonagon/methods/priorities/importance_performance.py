"""Importance-performance map: four fields by two cross-hairs.

Question: where must we concentrate, and where do we do more than customers ask?
Used by: steps 3 and 5.
Source: J. A. Martilla, J. C. James, Journal of Marketing 41 (1, 1977), 77-79.
Checked against: R (tests/reference). A value on the cross-hair counts as high.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, at_least, real_array, same_length

CONCENTRATE, KEEP_UP, LOW_PRIORITY, OVERKILL = (
    "concentrate here",
    "keep up",
    "low priority",
    "possible overkill",
)
QUADRANTS: tuple[str, ...] = (CONCENTRATE, KEEP_UP, LOW_PRIORITY, OVERKILL)


@dataclass(frozen=True, slots=True)
class ImportancePerformance:
    """quadrant: of each attribute, a name out of QUADRANTS. cross_importance, cross_performance: where the
    cross-hairs stand. p_quadrant: probability (attributes x QUADRANTS) that the true point lies in each
    quadrant, or None without standard errors; the cross-hairs count as fixed.
    """

    importance: Floats
    performance: Floats
    cross_importance: float
    cross_performance: float
    quadrant: tuple[str, ...]
    p_quadrant: Floats | None

    def describe(self) -> str:
        """One sentence with the attributes to concentrate on and its caveat."""
        here = [str(index + 1) for index, name in enumerate(self.quadrant) if name == CONCENTRATE]
        which = f"attribute(s) {', '.join(here)} are" if here else "no attribute is"
        return (
            f"Of {len(self.quadrant)} attributes {which} important and served below the cross-hairs at importance "
            f"{self.cross_importance:.2f} and performance {self.cross_performance:.2f}; points near a cross-hair "
            "may lie on its other side."
        )


def importance_performance(
    *,
    importance: ArrayLike,
    performance: ArrayLike,
    cross_importance: float | None = None,
    cross_performance: float | None = None,
    importance_se: ArrayLike | None = None,
    performance_se: ArrayLike | None = None,
) -> ImportancePerformance:
    """The field of each attribute on the importance-performance map.

    importance, performance: one mean an attribute. cross_importance, cross_performance: where the cross-hairs
    stand; by default at the means of the attributes (then some are always below). importance_se,
    performance_se: standard errors, both or none.
    Raises ArgumentError for unequal lengths.

    >>> importance_performance(importance=[4.5, 2.8], performance=[3.0, 4.1]).quadrant
    ('concentrate here', 'possible overkill')
    """
    wanted = real_array("importance", importance, ndim=1)
    served = real_array("performance", performance, ndim=1)
    same_length(importance=wanted, performance=served)
    cross_x = float(wanted.mean()) if cross_importance is None else float(cross_importance)
    cross_y = float(served.mean()) if cross_performance is None else float(cross_performance)
    # On the line counts as high, also where the mean of equal values is off by rounding.
    important = wanted >= cross_x - 1e-12 * max(1.0, abs(cross_x))
    good = served >= cross_y - 1e-12 * max(1.0, abs(cross_y))
    code = np.where(important, np.where(good, 1, 0), np.where(good, 3, 2))
    return ImportancePerformance(
        importance=wanted,
        performance=served,
        cross_importance=cross_x,
        cross_performance=cross_y,
        quadrant=tuple(QUADRANTS[index] for index in code),
        p_quadrant=_probabilities(wanted - cross_x, served - cross_y, importance_se, performance_se),
    )


def _probabilities(
    above: Floats, better: Floats, importance_se: ArrayLike | None, performance_se: ArrayLike | None
) -> Floats | None:
    if importance_se is None and performance_se is None:
        return None
    if importance_se is None or performance_se is None:
        raise ArgumentError("importance_se and performance_se must be given both or neither; got only one")
    high = _chance_positive("importance_se", above, importance_se)
    good = _chance_positive("performance_se", better, performance_se)
    return np.stack([high * (1 - good), high * good, (1 - high) * (1 - good), (1 - high) * good], axis=1)


def _chance_positive(name: str, distance: Floats, se: ArrayLike) -> Floats:
    spread = real_array(name, se, ndim=1)
    same_length(attributes=distance, **{name: spread})
    at_least(name, float(spread.min()), 0)
    scaled = np.divide(distance, spread, out=np.where(distance >= 0, 40.0, -40.0), where=spread > 0)
    chance: Floats = special.ndtr(scaled)
    return chance
