"""Where does the service fall short of what customers expect: SERVQUAL gap scores.

Question: by how much do perceptions miss expectations, item by item and dimension by dimension, and beyond
chance?
Used by: steps 3, 5 and 9.
Source: A. Parasuraman, V. A. Zeithaml, L. L. Berry, "SERVQUAL", Journal of Retailing 64 (1988), 12-40; gap =
perception minus expectation, a dimension's gap is the mean over its items, weights as allocated by customers.
Checked against: R's t.test(paired = TRUE) (tests/reference).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, fraction, real_array, same_length
from nonagon.methods.survey.mean import mean


@dataclass(frozen=True, slots=True)
class Gap:
    """Mean of perception minus expectation with its paired t test.

    n: pairs; se, t, p, low, high are None (reason says why) where fewer than two pairs exist or all are equal.
    """

    name: str
    n: float
    gap: float
    se: float | None
    t: float | None
    p: float | None
    low: float | None
    high: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Servqual:
    """Gap scores: perception minus expectation, in points of the scale.

    items and dimensions in the order given; overall: mean of the dimensions' gaps; weighted_overall: with the
    weights, None without weights; worst_first: the dimensions' names from the most negative gap on.
    """

    items: tuple[Gap, ...]
    dimensions: tuple[Gap, ...]
    overall: float
    weighted_overall: float | None
    weights: tuple[float, ...] | None
    worst_first: tuple[str, ...]
    confidence: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        worst = next(one for one in self.dimensions if one.name == self.worst_first[0])
        interval = (
            f" ({self.confidence:.0%} interval {worst.low:+.2f} to {worst.high:+.2f})"
            if worst.low is not None and worst.high is not None
            else ""
        )
        return (
            f"Perceptions differ from expectations by {self.overall:+.2f} points overall; the widest gap is in "
            f"{worst.name}, "
            f"{worst.gap:+.2f}{interval}, if those who answered are a random sample."
        )


def servqual(
    *,
    expectations: ArrayLike,
    perceptions: ArrayLike,
    dimensions: Sequence[str],
    weights: Mapping[str, float] | None = None,
    items: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> Servqual:
    """Gap scores from paired answers.

    expectations, perceptions: respondents by items, of one shape; a missing answer is None or NaN, and then the
    pair is left out of that item. dimensions: the dimension of each item, in the order of the columns. weights:
    points a dimension (any positive total), None for none. items: names of the columns. A respondent's score in
    a dimension is the mean of the pairs answered.
    Assumes that the same person answered both; for two different samples use `mean_difference` on each item.
    Raises ArgumentError for shapes or names that do not fit, NotEnoughData for an item without a single pair.

    >>> result = servqual(expectations=[[7, 6], [6, 7], [7, 7]], perceptions=[[5, 6], [4, 7], [6, 6]],
    ...                   dimensions=["reliability", "empathy"])
    >>> [(one.name, round(one.gap, 2)) for one in result.dimensions], result.worst_first[0]
    ([('reliability', -1.67), ('empathy', -0.33)], 'reliability')
    """
    expected, perceived = _answers("expectations", expectations), _answers("perceptions", perceptions)
    if expected.shape != perceived.shape:
        raise ArgumentError(
            f"expectations and perceptions must be of one shape; got {expected.shape} and {perceived.shape}"
        )
    named = tuple(items) if items is not None else tuple(f"item {one + 1}" for one in range(expected.shape[1]))
    if len(dimensions) != expected.shape[1] or len(named) != expected.shape[1]:
        raise ArgumentError(
            f"dimensions and items must name each of the {expected.shape[1]} columns; got {len(dimensions)} "
            f"and {len(named)}"
        )
    gaps = perceived - expected
    present = ~np.isnan(gaps)
    if not present.any(axis=0).all():
        missing = named[int(np.flatnonzero(~present.any(axis=0))[0])]
        raise NotEnoughData(f"{missing} has no pair of expectation and perception; leave the item out")
    names = tuple(dict.fromkeys(dimensions))
    membership = np.array([[one == name for one in dimensions] for name in names], dtype=np.float64)
    answered = present.astype(np.float64) @ membership.T
    filled = np.where(present, gaps, 0.0)
    scores = np.where(answered > 0, (filled @ membership.T) / np.where(answered > 0, answered, 1.0), np.nan)
    by_item = _gaps(named, *_sums(gaps), confidence)
    by_dimension = _gaps(names, *_sums(scores), confidence)
    # A dimension's gap is the mean of its items' gaps; with missing answers this is not the mean over
    # respondents.
    of_items = membership @ np.array([one.gap for one in by_item]) / membership.sum(axis=1)
    return _result(by_item, _with_gaps(by_dimension, of_items), weights, confidence)


def servqual_from_sums(
    *,
    names: Sequence[str],
    n: ArrayLike,
    total: ArrayLike,
    total_of_squares: ArrayLike,
    dimensions: Sequence[str] | None = None,
    weights: Mapping[str, float] | None = None,
    confidence: float = 0.95,
) -> Servqual:
    """Gap scores from sums that a query computed: one row an item.

    names: the items; n: pairs of each; total, total_of_squares: the sum of (perception - expectation) and of
    its square.
    dimensions: the dimension of each item; None where each row is a dimension itself, and only then dimensions
    carry tests (the test of a mean over items needs the single respondents). Other arguments and errors as in
    `servqual`.

    >>> result = servqual_from_sums(names=["reliability", "empathy"], n=[8, 8],
    ...                             total=[-12, -2], total_of_squares=[20, 2])
    >>> result.overall, round(result.dimensions[0].t, 3)
    (-0.875, -7.937)
    """
    number, sums = real_array("n", n, ndim=1), real_array("total", total, ndim=1)
    squares = real_array("total_of_squares", total_of_squares, ndim=1)
    same_length(names=names, n=number, total=sums, total_of_squares=squares)
    if np.any(number < 1):
        raise NotEnoughData(
            f"{names[int(np.argmin(number))]} has no pair of expectation and perception; leave it out"
        )
    by_item = _gaps(tuple(names), number, sums, squares, confidence)
    if dimensions is None:
        return _result(by_item, by_item, weights, confidence)
    same_length(names=names, dimensions=dimensions)
    reason = "the test of a mean over items needs the single respondents"
    by_dimension = tuple(
        Gap(
            name=name,
            n=max(one.n for one, of in zip(by_item, dimensions, strict=True) if of == name),
            gap=float(np.mean([one.gap for one, of in zip(by_item, dimensions, strict=True) if of == name])),
            se=None,
            t=None,
            p=None,
            low=None,
            high=None,
            reason=reason,
        )
        for name in dict.fromkeys(dimensions)
    )
    return _result(by_item, by_dimension, weights, confidence)


def _answers(name: str, values: ArrayLike) -> Floats:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"{name} must hold numbers or None; got {values!r:.80}") from error
    if array.ndim != 2 or array.size == 0:
        raise ArgumentError(f"{name} must be respondents by items (two dimensions); got shape {array.shape}")
    if np.isinf(array).any():
        raise ArgumentError(f"{name} must hold finite numbers or None; got an infinite one")
    return array


def _sums(values: Floats) -> tuple[Floats, Floats, Floats]:
    present = ~np.isnan(values)
    filled = np.where(present, values, 0.0)
    return present.sum(axis=0).astype(np.float64), filled.sum(axis=0), (filled**2).sum(axis=0)


def _gaps(names: tuple[str, ...], n: Floats, total: Floats, squares: Floats, confidence: float) -> tuple[Gap, ...]:
    enough = n >= 2
    tested = (
        mean(n=n[enough], total=total[enough], total_of_squares=squares[enough], confidence=confidence)
        if enough.any()
        else None
    )
    place = np.cumsum(enough) - 1
    found = []
    for index, name in enumerate(names):
        centre = float(total[index] / n[index])
        if tested is None or not enough[index]:
            found.append(_untested(name, n[index], centre, "fewer than two pairs"))
            continue
        at = int(place[index])
        se = float(tested.se[at])
        if se == 0:
            found.append(_untested(name, n[index], centre, "all pairs have the same gap"))
            continue
        t = centre / se
        found.append(
            Gap(
                name=name,
                n=float(n[index]),
                gap=centre,
                se=se,
                t=t,
                p=float(2 * special.stdtr(n[index] - 1, -abs(t))),
                low=float(tested.low[at]),
                high=float(tested.high[at]),
                reason=None,
            )
        )
    return tuple(found)


def _untested(name: str, n: float, gap: float, reason: str) -> Gap:
    return Gap(name=name, n=float(n), gap=gap, se=None, t=None, p=None, low=None, high=None, reason=reason)


def _with_gaps(gaps: tuple[Gap, ...], values: Floats) -> tuple[Gap, ...]:
    return tuple(
        Gap(
            name=one.name,
            n=one.n,
            gap=float(value),
            se=one.se,
            t=one.t,
            p=one.p,
            low=one.low,
            high=one.high,
            reason=one.reason,
        )
        for one, value in zip(gaps, values, strict=True)
    )


def _result(
    items: tuple[Gap, ...],
    dimensions: tuple[Gap, ...],
    weights: Mapping[str, float] | None,
    confidence: float,
) -> Servqual:
    confidence = fraction("confidence", confidence)
    gaps = np.array([one.gap for one in dimensions])
    shares = None if weights is None else _shares(weights, tuple(one.name for one in dimensions))
    return Servqual(
        items=items,
        dimensions=dimensions,
        overall=float(gaps.mean()),
        weighted_overall=None if shares is None else float(shares @ gaps),
        weights=None if shares is None else tuple(float(one) for one in shares),
        worst_first=tuple(dimensions[at].name for at in np.argsort(gaps, kind="stable")),
        confidence=confidence,
    )


def _shares(weights: Mapping[str, float], names: tuple[str, ...]) -> Floats:
    missing = [name for name in names if name not in weights]
    if missing or len(weights) != len(names):
        raise ArgumentError(f"weights must name the dimensions {', '.join(names)}; got {', '.join(weights)}")
    given = real_array("weights", [weights[name] for name in names], ndim=1)
    if np.any(given < 0) or given.sum() <= 0:
        raise ArgumentError(f"weights must be at least 0 with a positive total; got {given.tolist()}")
    shares: Floats = given / given.sum()
    return shares
