"""Do the questions of a scale hang together: Cronbach's alpha.

Question: may the items be added up to one score, and which item does not belong?
Used by: step 3 (survey quality sheet), step 9 (index).
Source: L. J. Cronbach, Psychometrika 16 (1951), 297-334; interval: L. S. Feldt, Psychometrika 30 (1965), 357-370.
Checked against: R's package psych, alpha (tests/reference).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, fraction, real_array


@dataclass(frozen=True, slots=True)
class CronbachAlpha:
    """Internal consistency of a scale.

    raw: from covariances; standardized: from correlations; average_r: mean correlation between items;
    if_deleted: raw alpha without each item, None for a scale of two; r_drop: each item's correlation with the
    sum of the others; low, high: Feldt's interval of raw, None where n is not known.
    """

    n: float | None
    items: tuple[str, ...]
    raw: float
    standardized: float
    average_r: float
    if_deleted: tuple[float, ...] | None
    r_drop: tuple[float, ...]
    low: float | None
    high: float | None
    confidence: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        interval = (
            f" ({self.confidence:.0%} interval {self.low:.2f} to {self.high:.2f})"
            if self.low is not None and self.high is not None
            else ""
        )
        return (
            f"Cronbach's alpha of {len(self.items)} items is {self.raw:.2f}{interval}; it says how far items "
            "vary together, not that "
            "they measure one thing: see `mcdonald_omega` and `cfa`."
        )


def cronbach_alpha(
    *, answers: ArrayLike, names: Sequence[str] | None = None, confidence: float = 0.95
) -> CronbachAlpha:
    """Alpha from answers.

    answers: respondents by items, at least 2 of each, finite (leave out or fill in respondents with missing
    answers first); items that point the other way must be reversed before. names: of the items.
    Raises ArgumentError for names that do not fit, NotEnoughData for too few or for an item without variation.

    >>> result = cronbach_alpha(answers=[[1, 2, 2], [2, 2, 3], [3, 4, 3], [4, 5, 5]])
    >>> round(result.raw, 3)
    0.962
    """
    values = real_array("answers", answers, ndim=2)
    if values.shape[0] < 2:
        raise NotEnoughData(f"answers need at least 2 respondents; got {values.shape[0]}")
    return cronbach_alpha_from_covariance(
        covariance=np.atleast_2d(np.cov(values, rowvar=False)),
        n=values.shape[0],
        names=names,
        confidence=confidence,
    )


def cronbach_alpha_from_covariance(
    *,
    covariance: ArrayLike,
    n: float | None = None,
    names: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> CronbachAlpha:
    """Alpha from the items' covariances, which a query computed (or their correlations).

    covariance: k x k, symmetric, k at least 2; n: respondents behind it, at least 2, for the interval.
    Other arguments and errors as in `cronbach_alpha`.

    >>> round(cronbach_alpha_from_covariance(covariance=[[1, 0.5], [0.5, 1]]).raw, 4)
    0.6667
    """
    matrix = real_array("covariance", covariance, ndim=2)
    k = matrix.shape[0]
    if matrix.shape != (k, k) or not np.allclose(matrix, matrix.T):
        raise ArgumentError(f"covariance must be square and symmetric; got shape {matrix.shape}")
    if k < 2:
        raise NotEnoughData(f"a scale needs at least 2 items; got {k}")
    named = tuple(names) if names is not None else tuple(f"item {at + 1}" for at in range(k))
    if len(named) != k:
        raise ArgumentError(f"names must name each of the {k} items; got {len(named)}")
    spread = np.diag(matrix)
    if np.any(spread <= 0):
        raise NotEnoughData(f"{named[int(np.argmin(spread))]} has no variation: leave the item out")
    confidence = fraction("confidence", confidence)
    correlation = matrix / np.sqrt(np.outer(spread, spread))
    raw = _alpha(matrix)
    low, high = (None, None) if n is None else _feldt(raw, at_least("n", n, 2), k, confidence)
    return CronbachAlpha(
        n=n,
        items=named,
        raw=raw,
        standardized=_alpha(correlation),
        average_r=float((correlation.sum() - k) / (k * (k - 1))),
        if_deleted=tuple(_alpha(np.delete(np.delete(matrix, at, 0), at, 1)) for at in range(k)) if k > 2 else None,
        r_drop=_with_the_rest(matrix, named),
        low=low,
        high=high,
        confidence=confidence,
    )


def _alpha(matrix: Floats) -> float:
    k, total = len(matrix), float(matrix.sum())
    if total <= 0:
        raise NotEnoughData("the items' sum has no variation: reverse the items that point the other way first")
    return float((1 - np.trace(matrix) / total) * k / (k - 1))


def _with_the_rest(matrix: Floats, names: tuple[str, ...]) -> tuple[float, ...]:
    spread = np.diag(matrix)
    with_rest = matrix.sum(axis=0) - spread
    rest = matrix.sum() - 2 * matrix.sum(axis=0) + spread
    if np.any(rest <= 0):
        raise NotEnoughData(f"the sum of all items but {names[int(np.argmin(rest))]} has no variation")
    return tuple((with_rest / np.sqrt(spread * rest)).tolist())


def _feldt(alpha: float, n: float, k: int, confidence: float) -> tuple[float, float]:
    tail = (1 - confidence) / 2
    between, within = n - 1, (n - 1) * (k - 1)
    return (
        1 - (1 - alpha) * float(special.fdtri(between, within, 1 - tail)),
        1 - (1 - alpha) * float(special.fdtri(between, within, tail)),
    )
