"""Do two coders agree beyond chance: Cohen's kappa, plain and weighted.

Question: do two people who coded the same comments (or rated the same answers) mean the same?
Used by: step 3 (agreement between coders), step 7 (attribute agreement).
Source: J. Cohen, Educational and Psychological Measurement 20 (1960), 37-46, and Psychological Bulletin 70
(1968), 213-220;
standard error: J. L. Fleiss, J. Cohen, B. S. Everitt, Psychological Bulletin 72 (1969), 323-327; R. A. Fisher's
transformation. The unit that the default interval adds follows A. Agresti, B. Caffo, American Statistician 54
(2000), 280-288 (shares).
Checked against: R's packages psych and irr (tests/reference); coverage by simulation (tests/methods/reliability).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, fraction, one_of, real_array

KappaWeights = Literal["none", "linear", "quadratic"]
KAPPA_WEIGHTS: tuple[KappaWeights, ...] = ("none", "linear", "quadratic")
KappaInterval = Literal["adjusted", "normal"]
KAPPA_INTERVALS: tuple[KappaInterval, ...] = ("adjusted", "normal")
FEW = 20
"""Below so many units no interval was tried."""


@dataclass(frozen=True, slots=True)
class CohenKappa:
    """Agreement of two raters.

    observed, expected: (weighted) agreement seen, and by chance. se: by Fleiss, Cohen and Everitt; low, high: the
    interval of the kind that `interval` names.
    """

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
    interval: KappaInterval

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        return (
            f"Two raters agree on {self.observed:.0%} of {self.n:g} units, where chance would give "
            f"{self.expected:.0%}: kappa "
            f"{self.kappa:.2f} ({self.confidence:.0%} interval {self.low:.2f} to {self.high:.2f}); kappa is "
            "low where nearly all "
            f"units fall in one category.{self._few_words()}"
        )

    def _few_words(self) -> str:
        if self.n >= FEW:
            return ""
        return f" With fewer than {FEW} units the interval is a rough one: have more of them coded twice."


def cohen_kappa(
    *,
    table: ArrayLike,
    weights: KappaWeights = "none",
    confidence: float = 0.95,
    interval: KappaInterval = "adjusted",
) -> CohenKappa:
    """Kappa from a square table of counts.

    table: k x k, at least 2 x 2, counts of at least 0: rows the first rater's categories, columns the second's,
    in one order (which matters for weights). weights: "none", "linear" or "quadratic" (partial credit falls
    with the distance, or its square). interval: "adjusted" adds one unit, half of it spread evenly over all cells
    and half over the agreeing ones, and takes the interval on Fisher's scale; "normal" is kappa plus and minus
    its standard error times the normal quantile, as R's packages have it.
    Assumes units independent of each other and raters who did not consult. Of 95 % intervals "adjusted" held the
    true kappa 94 to 97 % of the time from 20 units up, also where nine in ten units fall in one category; "normal"
    92.5 to 94.5 % from 30 units up where categories were used evenly, but where nine in ten units fall in one 76 %
    with 30 units, 90 % with 60 and 93.5 % from 120 on.
    Raises ArgumentError for a table that is not square, NotEnoughData for an empty one or where both raters
    used a single category.

    >>> result = cohen_kappa(table=[[20, 5], [10, 15]])
    >>> round(result.kappa, 3), round(result.se, 3)
    (0.4, 0.127)
    """
    counts = real_array("table", table, ndim=2)
    one_of("weights", weights, KAPPA_WEIGHTS)
    one_of("interval", interval, KAPPA_INTERVALS)
    confidence = fraction("confidence", confidence)
    if counts.shape[0] != counts.shape[1] or counts.shape[0] < 2:
        raise ArgumentError(f"table must be square with at least 2 categories; got shape {counts.shape}")
    if np.any(counts < 0):
        raise ArgumentError(f"table must hold counts of at least 0; got {counts.min():g}")
    n = float(counts.sum())
    if n == 0:
        raise NotEnoughData("table holds no unit: agreement needs at least one")
    credit = _credit(len(counts), weights)
    seen = _agreement(counts, credit)
    if 1 - seen.expected < 1e-12:
        raise NotEnoughData(
            "both raters used one and the same category: agreement by chance is complete, kappa undefined"
        )
    z = float(special.ndtri((1 + confidence) / 2))
    low, high = _adjusted(counts, credit, z) if interval == "adjusted" else _normal(seen, z)
    return CohenKappa(
        n=n,
        categories=len(counts),
        observed=seen.observed,
        expected=seen.expected,
        kappa=seen.kappa,
        se=seen.se,
        # Kappa itself may lie beyond the interval's end where all agree: the added unit draws the interval in.
        low=min(low, seen.kappa),
        high=max(high, seen.kappa),
        confidence=confidence,
        weights=weights,
        interval=interval,
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


class _Agreement(NamedTuple):
    observed: float
    expected: float
    kappa: float
    se: float


def _agreement(counts: Floats, credit: Floats) -> _Agreement:
    """Agreement seen and by chance, kappa and its standard error; kappa 0 where chance agrees completely."""
    n = float(counts.sum())
    shares = counts / n
    observed = float((shares * credit).sum())
    expected = float(shares.sum(axis=1) @ credit @ shares.sum(axis=0))
    if 1 - expected < 1e-12:
        return _Agreement(observed, expected, 0.0, 0.0)
    kappa = (observed - expected) / (1 - expected)
    return _Agreement(observed, expected, kappa, _standard_error(shares, credit, observed, expected, n))


def _normal(seen: _Agreement, z: float) -> tuple[float, float]:
    return max(-1.0, seen.kappa - z * seen.se), min(1.0, seen.kappa + z * seen.se)


def _adjusted(counts: Floats, credit: Floats, z: float) -> tuple[float, float]:
    """On Fisher's scale, with one more unit: without it a sample that met no disagreement would know no error."""
    k = len(counts)
    one = _agreement(counts + 0.5 * np.eye(k) / k + 0.5 / k**2, credit)
    reach = z * one.se / (1 - one.kappa**2)
    centre = np.arctanh(one.kappa)
    return float(np.tanh(centre - reach)), float(np.tanh(centre + reach))


def _standard_error(shares: Floats, credit: Floats, observed: float, expected: float, n: float) -> float:
    """Fleiss, Cohen and Everitt (1969), equation 13, for any agreement credit."""
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    # A category's average credit against all of the other rater's answers.
    average = (credit @ columns)[:, None] + (rows @ credit)[None, :]
    spread = (shares * (credit * (1 - expected) - average * (1 - observed)) ** 2).sum()
    centre = (observed * expected - 2 * expected + observed) ** 2
    return float(np.sqrt(max(0.0, spread - centre) / n) / (1 - expected) ** 2)
