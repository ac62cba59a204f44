"""Do two coders agree beyond chance: Cohen's kappa, plain and weighted.

Question: do two people who coded the same comments (or rated the same answers) mean the same?
Used by: step 3 (agreement between coders), step 7 (attribute agreement).
Source: J. Cohen, Educational and Psychological Measurement 20 (1960), 37-46, and Psychological Bulletin 70
(1968), 213-220;
standard error: J. L. Fleiss, J. Cohen, B. S. Everitt, Psychological Bulletin 72 (1969), 323-327.
Checked against: R's packages psych and irr (tests/reference).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, fraction, one_of, real_array

KappaWeights = Literal["none", "linear", "quadratic"]
KAPPA_WEIGHTS: tuple[KappaWeights, ...] = ("none", "linear", "quadratic")


@dataclass(frozen=True, slots=True)
class CohenKappa:
    """Agreement of two raters. observed, expected: (weighted) agreement seen, and by chance; interval: normal."""

    n: float
    categories: int
    observed: float
    expected: float
    kappa: float
    se: float
    low: float
    high: float
    confidence: float
    weights: KappaWeights

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        return (
            f"Two raters agree on {self.observed:.0%} of {self.n:g} units, where chance would give "
            f"{self.expected:.0%}: kappa "
            f"{self.kappa:.2f} ({self.confidence:.0%} interval {self.low:.2f} to {self.high:.2f}); kappa is "
            "low where nearly all "
            "units fall in one category."
        )


def cohen_kappa(*, table: ArrayLike, weights: KappaWeights = "none", confidence: float = 0.95) -> CohenKappa:
    """Kappa from a square table of counts.

    table: k x k, at least 2 x 2, counts of at least 0: rows the first rater's categories, columns the second's,
    in one order (which matters for weights). weights: "none", "linear" or "quadratic" (partial credit falls
    with the distance, or its square).
    Assumes units independent of each other and raters who did not consult. The interval is for many units: of 95 %
    intervals 92.5 to 94.5 % held the true kappa from 30 units up where categories were used evenly, but where
    nine in ten units fall in one category 76 % with 30 units, 90 % with 60 and 93.5 % from 120 on.
    Raises ArgumentError for a table that is not square, NotEnoughData for an empty one or where both raters
    used a single category.

    >>> result = cohen_kappa(table=[[20, 5], [10, 15]])
    >>> round(result.kappa, 3), round(result.se, 3)
    (0.4, 0.127)
    """
    counts = real_array("table", table, ndim=2)
    one_of("weights", weights, KAPPA_WEIGHTS)
    confidence = fraction("confidence", confidence)
    if counts.shape[0] != counts.shape[1] or counts.shape[0] < 2:
        raise ArgumentError(f"table must be square with at least 2 categories; got shape {counts.shape}")
    if np.any(counts < 0):
        raise ArgumentError(f"table must hold counts of at least 0; got {counts.min():g}")
    n = float(counts.sum())
    if n == 0:
        raise NotEnoughData("table holds no unit: agreement needs at least one")
    shares = counts / n
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    credit = _credit(len(rows), weights)
    observed = float((shares * credit).sum())
    expected = float(rows @ credit @ columns)
    if 1 - expected < 1e-12:
        raise NotEnoughData(
            "both raters used one and the same category: agreement by chance is complete, kappa undefined"
        )
    kappa = (observed - expected) / (1 - expected)
    se = _standard_error(shares, credit, observed, expected, n)
    reach = float(special.ndtri((1 + confidence) / 2)) * se
    return CohenKappa(
        n=n,
        categories=len(rows),
        observed=observed,
        expected=expected,
        kappa=kappa,
        se=se,
        low=max(-1.0, kappa - reach),
        high=min(1.0, kappa + reach),
        confidence=confidence,
        weights=weights,
    )


def cross_table(
    *, first: Sequence[object], second: Sequence[object]
) -> tuple[tuple[object, ...], NDArray[np.int64]]:
    """The categories in sorted order, and the table of counts, of two raters' codes of the same units.

    first, second: equally long, one code a unit; a unit that one of them left out (None) is left out.

    >>> cross_table(first=["a", "b", "b"], second=["a", "a", "b"])
    (('a', 'b'), array([[1, 0],
           [1, 1]]))
    """
    if len(first) != len(second):
        raise ArgumentError(f"first and second must be equally long; got {len(first)} and {len(second)}")
    pairs = [(one, two) for one, two in zip(first, second, strict=True) if one is not None and two is not None]
    if not pairs:
        raise NotEnoughData("first and second have no unit that both coded")
    codes = np.asarray([one for one, _ in pairs] + [two for _, two in pairs])
    labels, at = np.unique(codes, return_inverse=True)
    table = np.zeros((labels.size, labels.size), dtype=np.int64)
    np.add.at(table, (at[: len(pairs)], at[len(pairs) :]), 1)
    return tuple(labels.tolist()), table


def _credit(categories: int, weights: KappaWeights) -> Floats:
    if weights == "none":
        return np.eye(categories)
    place = np.arange(categories) / (categories - 1)
    distance = np.abs(place[:, None] - place[None, :])
    return np.asarray(1 - (distance if weights == "linear" else distance**2))


def _standard_error(shares: Floats, credit: Floats, observed: float, expected: float, n: float) -> float:
    """Fleiss, Cohen and Everitt (1969), equation 13, for any agreement credit."""
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    # A category's average credit against all of the other rater's answers.
    average = (credit @ columns)[:, None] + (rows @ credit)[None, :]
    spread = (shares * (credit * (1 - expected) - average * (1 - observed)) ** 2).sum()
    centre = (observed * expected - 2 * expected + observed) ** 2
    return float(np.sqrt(max(0.0, spread - centre) / n) / (1 - expected) ** 2)
