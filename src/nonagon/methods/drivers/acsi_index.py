"""A satisfaction index from 0 to 100: weighted items put on one scale.

Question: what single figure says how satisfied customers are, comparable between waves and with others?
Used by: step 9 (customer-centred measure), step 5.
Source: C. Fornell, M. D. Johnson, E. W. Anderson, J. Cha, B. E. Bryant, Journal of Marketing 60 (1996), 7-18.
Checked against: the formula by hand (tests/reference).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, fraction, one_of, real_array, same_length
from nonagon.methods.survey.linearization import DESIGN_INTERVALS, DesignInterval, design, design_interval

FEW = 20
"""Below so many customers even the adjusted interval may fall short where most gave the top answers."""


@dataclass(frozen=True, slots=True)
class AcsiIndex:
    """The index of n customers over k items.

    index: 0 to 100; se, low, high: its standard error and interval (from the scatter of the customers' own index
    values; of the kind that `interval` names), or None for a single customer; names, means, weights (as used,
    summing to 1): of the items.
    """

    index: float
    se: float | None
    low: float | None
    high: float | None
    names: tuple[str, ...]
    means: Floats
    weights: Floats
    n: int
    lowest: float
    highest: float
    confidence: float
    interval: DesignInterval

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        between = (
            f" ({self.low:.1f} to {self.high:.1f} with {self.confidence:.0%} confidence)"
            if self.low is not None and self.high is not None
            else ""
        )
        return (
            f"The satisfaction index is {self.index:.1f} of 100{between} from {self.n} customers, if they "
            "are a random "
            f"sample and the weights are taken as given.{self._few_words()}"
        )

    def _few_words(self) -> str:
        crowded = min(self.index, 100 - self.index) < 20
        if self.low is None or self.n >= FEW or not crowded:
            return ""
        return f" With fewer than {FEW} customers and most at one end of the scale the interval is a rough one."


def acsi_index(
    *,
    items: Mapping[str, ArrayLike],
    weights: ArrayLike | None = None,
    lowest: float = 1.0,
    highest: float = 10.0,
    confidence: float = 0.95,
    interval: DesignInterval = "adjusted",
) -> AcsiIndex:
    """Satisfaction index 100 (sum w mean - lowest sum w) / ((highest - lowest) sum w).

    items: name -> n scores from lowest to highest, no gaps. weights: one an item, at least 0 and not all 0 (from
    a PLS model, say); None for equal ones. lowest, highest: ends of the scale. interval: "adjusted" leans
    towards the long tail of skewed answers (see `linearization.design_interval`), "t" is Student's, "normal" has
    the normal quantile. Coverage of 95 % intervals in simulation: "adjusted" and "t" 94 to 96 % for answers
    spread over the scale, from 5 customers up; where six in ten gave the top answer, "adjusted" 92.5 to 94 %
    from 10 up and "t" 86 % with 10, 89 % with 20, 91 % with 40 and 93 % with 100.
    Raises ArgumentError for scores outside the scale or negative weights.

    >>> result = acsi_index(items={"overall": [8, 9, 7], "expected": [7, 8, 7]}, weights=[0.6, 0.4])
    >>> round(result.index, 4)
    74.8148
    """
    fraction("confidence", confidence)
    one_of("interval", interval, DESIGN_INTERVALS)
    if not items:
        raise NotEnoughData("items must hold at least one item; got none")
    if not highest > lowest:
        raise ArgumentError(f"highest must be above lowest ({lowest:g}); got {highest:g}")
    columns = {name: real_array(name, values, ndim=1) for name, values in items.items()}
    n = same_length(**columns)
    table = np.stack(list(columns.values()), axis=1)
    if np.any((table < lowest) | (table > highest)):
        bad = table[(table < lowest) | (table > highest)][0]
        raise ArgumentError(f"items must hold scores from {lowest:g} to {highest:g}; got {bad:g}")
    given = np.ones(len(columns)) if weights is None else real_array("weights", weights, ndim=1)
    same_length(items=list(columns), weights=given)
    if np.any(given < 0) or not given.sum() > 0:
        raise ArgumentError(f"weights must be at least 0 and not all 0; got {given.tolist()}")
    used = given / given.sum()
    each = 100 * ((table - lowest) @ used) / (highest - lowest)
    index = min(100.0, float(each.mean()))
    se = float(each.std(ddof=1) / np.sqrt(n)) if n > 1 else None
    ends = None if se is None else _ends(each, se, confidence, interval)
    return AcsiIndex(
        index=index,
        se=se,
        low=None if ends is None else min(index, max(0.0, ends[0])),
        high=None if ends is None else max(index, min(100.0, ends[1])),
        names=tuple(columns),
        means=table.mean(axis=0),
        weights=used,
        n=n,
        lowest=lowest,
        highest=highest,
        confidence=confidence,
        interval=interval,
    )


def _ends(each: Floats, se: float, confidence: float, interval: DesignInterval) -> tuple[float, float]:
    """The interval of the mean of the customers' own index values, as of a simple random sample."""
    ones = np.ones(each.size)
    reach = design_interval(
        estimate=float(each.mean()),
        se=se,
        residuals=each - each.mean(),
        weights=ones,
        columns=ones[:, None],
        fitted_with=ones,
        plan=design(n=each.size),
        confidence=confidence,
        interval=interval,
    )
    return reach.low, reach.high
