"""Subgroups of measured values, of equal or different size, and what each of them says about spread.

Question: how far do values taken close together lie apart (the process's own variation)?
Used by: step 7 (mean, range and standard deviation charts, capability).
Source: Montgomery, Introduction to Statistical Quality Control, chapter 6; the names of the estimators of
sigma as in SAS/QC and R's qcc.
Checked against: R's qcc 2.7 (tests/reference).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
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


@dataclass(frozen=True, eq=False)  # without slots, so that what not every chart needs can be kept once it is there
class Subgroups:
    """Subgroup statistics: mean, range and standard deviation (n - 1), each (..., subgroups), and the sizes.

    values: (..., subgroups, values); inside: which of them count, None where all do. size_at_points: the
    sizes, to be broadcast over the points: one without axes where all are equal, which costs no memory.
    """

    values: Floats
    inside: NDArray[np.bool_] | None
    mean: Floats
    range: Floats
    size_at_points: Floats

    @cached_property
    def deviation(self) -> Floats:
        """Standard deviation of each subgroup, with n - 1."""
        (squares,) = _for_each_subgroup(_squares, 1, self.values, self.inside, self.mean)
        # Equal values must not seem to vary because their mean is rounded.
        squares[self.range == 0] = 0.0
        return np.asarray(np.sqrt(squares / np.maximum(self.size_at_points - 1, 1)))

    @property
    def sizes(self) -> Floats:
        """The size of each subgroup: (..., subgroups), or (subgroups,) where all charts share it."""
        size = self.size_at_points
        return size if size.ndim else np.broadcast_to(size, (self.count,))

    @property
    def count(self) -> int:
        """How many subgroups there are in a chart."""
        return int(self.mean.shape[-1])

    def part(self, start: int, stop: int) -> "Subgroups":
        """The subgroups from start to stop (excluded)."""
        if (start, stop) == (0, self.count):
            return self
        at, rows = np.s_[..., start:stop], np.s_[..., start:stop, :]
        inside = None if self.inside is None else self.inside[rows]
        size = self.size_at_points if self.size_at_points.ndim == 0 else self.size_at_points[at]
        return Subgroups(self.values[rows], inside, self.mean[at], self.range[at], size)


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
    if values.size == 0:
        raise NotEnoughData("subgroups must hold at least one subgroup; got none")
    smallest = largest = float(values.shape[-1])
    if count is not None:
        smallest, largest = float(count.min()), float(count.max())
    if smallest < least:
        at = 0 if count is None else int(np.argmin(count.reshape(-1, count.shape[-1]).min(axis=0)))
        raise NotEnoughData(
            f"each subgroup needs at least {least} values; subgroup {at + 1} has {int(smallest)}: leave it "
            "out, or chart single values with chart_imr"
        )
    inside = None
    if count is not None and smallest < values.shape[-1]:
        inside = np.arange(values.shape[-1]) < count[..., None]
    size = np.asarray(smallest) if count is None or smallest == largest else count
    total, spread = _for_each_subgroup(_total_and_range, 2, values, inside)
    return Subgroups(values, inside, total / size, spread, size)


def _for_each_subgroup(
    measure: Callable[..., None],
    numbers: int,
    values: Floats,
    inside: NDArray[np.bool_] | None,
    *statistics: Floats,
) -> Floats:
    """(numbers, ..., subgroups): what `measure` finds in the values of each subgroup, given its statistics."""
    shape, width = values.shape[:-1], values.shape[-1]
    if width > SHORT:
        whole = np.empty((numbers, *shape))
        measure(values, inside, -1, whole, *statistics)
        return whole
    # Sums over a short last axis are slow; along a first one, a block at a time, they run in the cache.
    if values.ndim == 2 and shape[0] <= BLOCK and inside is None:
        found = np.empty((numbers, *shape))
        measure(values.T.copy(), None, 0, found, *statistics)
        return found
    rows = values.reshape(-1, width)
    flat = [statistic.reshape(-1) for statistic in statistics]
    inside = None if inside is None else np.broadcast_to(inside, values.shape).reshape(-1, width)
    found = np.empty((numbers, rows.shape[0]))
    for begin in range(0, rows.shape[0], BLOCK):
        block = slice(begin, begin + BLOCK)
        counted = None if inside is None else inside[block].T
        measure(rows[block].T.copy(), counted, 0, found[:, block], *(one[block] for one in flat))
    return found.reshape(numbers, *shape)


def _total_and_range(values: Floats, where: NDArray[np.bool_] | None, axis: int, out: Floats) -> None:
    """Sum and range along an axis."""
    total, spread = out
    if where is None:
        np.add.reduce(values, axis, None, total)
        np.maximum.reduce(values, axis, None, spread)
        spread -= np.minimum.reduce(values, axis)
    else:
        np.add.reduce(values, axis=axis, out=total, where=where)
        np.maximum.reduce(values, axis=axis, out=spread, where=where, initial=-np.inf)
        spread -= np.minimum.reduce(values, axis=axis, where=where, initial=np.inf)


def _squares(values: Floats, where: NDArray[np.bool_] | None, axis: int, out: Floats, mean: Floats) -> None:
    """Sum of squares about the mean along an axis."""
    away = values - np.expand_dims(mean, axis)
    np.square(away, out=away)
    np.add.reduce(away, axis=axis, out=out[0], where=True if where is None else where)


def _padded(
    subgroups: ArrayLike | Sequence[Sequence[float]], sizes: ArrayLike | None
) -> tuple[Floats, Floats | None]:
    """Values (..., subgroups, values), and how many count where that is not all of them."""
    if isinstance(subgroups, np.ndarray) or sizes is not None:
        values = real_array("subgroups", np.asarray(subgroups))
        if values.ndim < 2:
            raise ArgumentError(f"subgroups must have axes (..., subgroups, values); got shape {values.shape}")
        if sizes is None:
            return values, None
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
    if estimator == "rmsdf":
        freedom = np.broadcast_to(groups.size_at_points - 1, groups.mean.shape)
        total = freedom.sum(axis=-1)
        pooled = np.sqrt(np.sum(groups.deviation**2 * freedom, axis=-1) / total)
        return np.asarray(pooled / mean_deviation(total + 1))
    by_range = estimator.endswith("_r")
    sizes = groups.size_at_points
    factor = mean_range(sizes, printed=printed) if by_range else mean_deviation(sizes)
    each = groups.range if by_range else groups.deviation
    if factor.ndim == 0:
        # Subgroups of one size: the plain and the weighted mean are the same.
        return np.asarray(np.add.reduce(each, -1) / each.shape[-1] / factor[()])
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
