"""Subgroups of measured values, of equal or different size, and what each of them says about spread.

Question: how far do values taken close together lie apart (the process's own variation)?
Used by: step 7 (mean, range and standard deviation charts, capability).
Source: Montgomery, Introduction to Statistical Quality Control, chapter 6; the names of the estimators of
sigma as in SAS/QC and R's qcc.
Checked against: R's qcc 2.7 (tests/reference).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, real_array
from nonagon.methods.spc.spc_constants import mean_deviation, mean_range, spread_of_range

Estimator = Literal["uwave_r", "uwave_sd", "mvlue_r", "mvlue_sd", "rmsdf"]
ESTIMATORS: tuple[Estimator, ...] = ("uwave_r", "uwave_sd", "mvlue_r", "mvlue_sd", "rmsdf")

SHORT, BLOCK = 32, 4096
"""Up to SHORT values a subgroup, sums run over a first axis, BLOCK subgroups at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Subgroups:
    """Subgroup statistics: mean, range and standard deviation (n - 1), each (..., subgroups), and the sizes.

    sizes has the same shape, or only the axis of subgroups where all charts share it. values:
    (..., subgroups, values); inside: which of them count, None where all do. size_at_points: the sizes, to be
    broadcast over the points: a single one where all are equal, which costs no memory.
    """

    values: Floats
    inside: NDArray[np.bool_] | None
    sizes: Floats
    mean: Floats
    range: Floats
    deviation: Floats
    size_at_points: Floats

    @property
    def count(self) -> int:
        """How many subgroups there are in a chart."""
        return int(self.mean.shape[-1])

    def part(self, start: int, stop: int) -> "Subgroups":
        """The subgroups from start to stop (excluded)."""
        at, rows = np.s_[..., start:stop], np.s_[..., start:stop, :]
        inside = None if self.inside is None else self.inside[rows]
        size = self.size_at_points if self.size_at_points.shape[-1] == 1 else self.size_at_points[at]
        return Subgroups(
            self.values[rows], inside, self.sizes[at], self.mean[at], self.range[at], self.deviation[at], size
        )


def read_subgroups(
    subgroups: ArrayLike | Sequence[Sequence[float]], sizes: ArrayLike | None = None, *, least: int = 2
) -> Subgroups:
    """Statistics of each subgroup.

    subgroups: one sequence a subgroup (sizes may differ), or an array (..., subgroups, values) for one or
    many charts. sizes: with an array, how many of each subgroup's first values count (the rest is filling);
    (subgroups,) or (..., subgroups). least: the smallest size allowed.
    Raises NotEnoughData for a smaller subgroup, ArgumentError for values that are not finite numbers.
    """
    values, count = _padded(subgroups, sizes)
    if count.size == 0 or values.shape[-1] == 0:
        raise NotEnoughData("subgroups must hold at least one subgroup; got none")
    smallest, largest = count.min(), count.max()
    if smallest < least:
        at = int(np.argmin(count.reshape(-1, count.shape[-1]).min(axis=0)))
        raise NotEnoughData(
            f"each subgroup needs at least {least} values; subgroup {at + 1} has {int(smallest)}: leave it "
            "out, or chart single values with chart_imr"
        )
    inside = None
    if smallest < values.shape[-1]:
        inside = np.arange(values.shape[-1]) < count[..., None]
    mean, spread, squares = _moments(values, inside, count)
    # Equal values must not seem to vary because their mean is rounded.
    squares[spread == 0] = 0.0
    deviation = np.sqrt(squares / np.maximum(count - 1, 1))
    size = count[..., :1] if smallest == largest else count
    return Subgroups(values, inside, count, mean, spread, deviation, size)


def _moments(values: Floats, inside: NDArray[np.bool_] | None, count: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean, range and sum of squares about the mean of each subgroup."""
    shape, width = values.shape[:-1], values.shape[-1]
    if width > SHORT:
        return _moments_along(values, inside, count, axis=-1)
    # Sums over a short last axis are slow; along a first one, a block at a time, they run in the cache.
    rows = values.reshape(-1, width)
    inside = None if inside is None else np.broadcast_to(inside, values.shape).reshape(-1, width)
    count = np.broadcast_to(count, shape).reshape(-1)
    found = np.empty((3, rows.shape[0]))
    for begin in range(0, rows.shape[0], BLOCK):
        block = np.s_[begin : begin + BLOCK]
        counted = None if inside is None else inside[block].T
        found[:, block] = _moments_along(rows[block].T.copy(), counted, count[block], axis=0)
    return found[0].reshape(shape), found[1].reshape(shape), found[2].reshape(shape)


def _moments_along(
    values: Floats, where: NDArray[np.bool_] | None, count: Floats, *, axis: int
) -> tuple[Floats, Floats, Floats]:
    if where is None:
        mean = np.asarray(values.sum(axis=axis) / count)
        spread = np.asarray(values.max(axis=axis) - values.min(axis=axis))
        away = values - np.expand_dims(mean, axis)
        return mean, spread, np.asarray(np.square(away, out=away).sum(axis=axis))
    mean = np.asarray(values.sum(axis=axis, where=where) / count)
    largest = values.max(axis=axis, where=where, initial=-np.inf)
    spread = np.asarray(largest - values.min(axis=axis, where=where, initial=np.inf))
    return mean, spread, np.asarray(((values - np.expand_dims(mean, axis)) ** 2).sum(axis=axis, where=where))


def _padded(subgroups: ArrayLike | Sequence[Sequence[float]], sizes: ArrayLike | None) -> tuple[Floats, Floats]:
    if isinstance(subgroups, np.ndarray) or sizes is not None:
        values = real_array("subgroups", np.asarray(subgroups))
        if values.ndim < 2:
            raise ArgumentError(f"subgroups must have axes (..., subgroups, values); got shape {values.shape}")
        if sizes is None:
            return values, np.full(values.shape[-2], float(values.shape[-1]))
        count = real_array("sizes", sizes)
        if count.shape not in {values.shape[-2:-1], values.shape[:-1]}:
            raise ArgumentError(
                f"sizes must have one number a subgroup, shape {values.shape[:-1]}; got {count.shape}"
            )
        if np.any(count > values.shape[-1]) or np.any(count != np.floor(count)):
            raise ArgumentError(
                f"sizes must be integers of at most {values.shape[-1]} (values a subgroup); got {count.max():g}"
            )
        return values, count
    if not isinstance(subgroups, Sequence):
        raise ArgumentError(
            f"subgroups must be one sequence of numbers a subgroup; got {type(subgroups).__name__}"
        )
    rows = [real_array(f"subgroup {at + 1}", row, least=0) for at, row in enumerate(subgroups)]
    if any(row.ndim != 1 for row in rows):
        return _padded(np.asarray(subgroups), sizes)
    count = np.array([float(row.size) for row in rows])
    values = np.zeros((len(rows), int(count.max(initial=0))))
    for at, row in enumerate(rows):
        values[at, : row.size] = row
    return values, count


def within_sigma(groups: Subgroups, estimator: Estimator, *, printed: bool = False) -> Floats:
    """The process's standard deviation from within the subgroups, one a chart; see sigma_within."""
    sizes = groups.sizes
    if estimator == "rmsdf":
        freedom = np.broadcast_to(sizes - 1, groups.mean.shape)
        total = freedom.sum(axis=-1)
        pooled = np.sqrt(np.sum(groups.deviation**2 * freedom, axis=-1) / total)
        return np.asarray(pooled / mean_deviation(total + 1))
    by_range = estimator.endswith("_r")
    sizes = groups.size_at_points
    factor = mean_range(sizes, printed=printed) if by_range else mean_deviation(sizes)
    each = groups.range if by_range else groups.deviation
    if factor.shape == (1,):
        # Subgroups of one size: the plain and the weighted mean are the same.
        return np.asarray(each.mean(axis=-1) / factor[0])
    single = each / factor
    if estimator.startswith("uwave"):
        return np.asarray(single.mean(axis=-1))
    error = spread_of_range(sizes) if by_range else np.sqrt(1 - factor**2)
    relative_error = error / factor
    weight = np.broadcast_to(1 / relative_error**2, single.shape)
    return np.asarray(np.sum(single * weight, axis=-1) / weight.sum(axis=-1))


def effective_freedom(groups: Subgroups, estimator: Estimator, *, printed: bool = False) -> Floats:
    """Degrees of freedom of a standard deviation that would scatter as much as this estimate, one a chart."""
    sizes = np.broadcast_to(groups.sizes, groups.mean.shape)
    if estimator == "rmsdf":
        return np.asarray((sizes - 1).sum(axis=-1))
    if estimator.endswith("_r"):
        relative_error = spread_of_range(sizes) / mean_range(sizes, printed=printed)
    else:
        factor = mean_deviation(sizes)
        relative_error = np.sqrt(1 - factor**2) / factor
    square = relative_error**2
    if estimator.startswith("uwave"):
        return freedom_of(np.asarray(square.sum(axis=-1) / square.shape[-1] ** 2))
    return freedom_of(np.asarray(1 / (1 / square).sum(axis=-1)))


def freedom_of(relative_variance: Floats) -> Floats:
    """Degrees of freedom whose standard deviation, free of bias, has this relative variance.

    With f degrees of freedom it is 1 / c4^2 - 1 = 1 / (2 f) + 1 / (8 f^2) + ..., solved for f to that order.

    >>> float(freedom_of(np.array(np.pi / 2 - 1)).round(2))  # one degree of freedom: c4 = sqrt(2 / pi)
    1.08
    """
    return np.asarray((1 + np.sqrt(1 + 2 * relative_variance)) / (4 * relative_variance))
