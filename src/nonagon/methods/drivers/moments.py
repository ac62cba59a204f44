"""The moments of an outcome and its drivers: all that linear models need from the answers.

Question: what must be counted once, where the data are, so that every driver model follows from it?
Used by: steps 3, 5 and 9 through `driver_importance` and `ols`.
Source: the normal equations; sums of products about the mean.
Checked against: numpy.cov in the tests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, real_array, same_length


@dataclass(frozen=True, slots=True)
class Moments:
    """What an outcome y and k drivers come to.

    n: how many answers (or the effective number, when weighted); names: the k drivers; mean: k + 1 means, the
    outcome's first; covariance: (k + 1) x (k + 1) with divisor n - 1, the outcome first.
    """

    n: float
    names: tuple[str, ...]
    mean: Floats
    covariance: Floats

    def describe(self) -> str:
        """One sentence."""
        return f"Means and covariances of an outcome and {len(self.names)} drivers over {self.n:g} answers."


def moments(*, y: ArrayLike, x: Mapping[str, ArrayLike], weights: ArrayLike | None = None) -> Moments:
    """Moments of an outcome and its drivers from answers without gaps.

    y: n answers. x: driver name -> n answers, in y's order. weights: n weights of at least 0, or None; with
    weights, n of the result is Kish's effective number (sum w)² / sum w².
    Raises ArgumentError for lengths that differ or negative weights, NotEnoughData for fewer than 3 answers.
    Leave answers with a missing value out first.

    >>> found = moments(y=[1, 2, 4], x={"speed": [1, 3, 5]})
    >>> found.covariance.round(3).tolist()
    [[2.333, 3.0], [3.0, 4.0]]
    """
    columns = {"y": real_array("y", y, ndim=1)} | {
        f"x[{name}]": real_array(f"x[{name}]", values, ndim=1) for name, values in x.items()
    }
    count = same_length(**columns)
    if count < 3:
        raise NotEnoughData(f"y needs at least 3 answers to relate it to anything; got {count}")
    table = np.stack(list(columns.values()))
    if weights is None:
        return moments_of_table(n=count, names=tuple(x), mean=table.mean(axis=1), covariance=np.cov(table))
    w = real_array("weights", weights, ndim=1)
    same_length(y=table[0], weights=w)
    if np.any(w < 0) or not np.any(w > 0):
        raise ArgumentError(f"weights must be at least 0 and not all 0; got a smallest of {w.min():g}")
    effective = float(w.sum() ** 2 / (w @ w))
    mean = table @ w / w.sum()
    centred = table - mean[:, None]
    covariance = (centred * w) @ centred.T / w.sum() * effective / max(effective - 1, 1e-12)
    return moments_of_table(n=effective, names=tuple(x), mean=mean, covariance=covariance)


def moments_of_table(*, n: float, names: Sequence[str], mean: ArrayLike, covariance: ArrayLike) -> Moments:
    """Moments that were computed elsewhere (a query), checked.

    n: at least 3. names: the k drivers. mean: k + 1 numbers, the outcome's first. covariance: (k + 1) x (k +
    1), symmetric, divisor n - 1, the outcome first.
    Raises ArgumentError where shapes do not fit or the matrix is no covariance matrix, NotEnoughData where
    the outcome or a driver never varies.

    >>> moments_of_table(n=50, names=["speed"], mean=[7, 6], covariance=[[2, 1], [1, 3]]).names
    ('speed',)
    """
    if at_least("n", n, 0) < 3:
        raise NotEnoughData(f"n must be at least 3 answers; got {n:g}")
    labels = tuple(str(name) for name in names)
    size = len(labels) + 1
    if size < 2:
        raise ArgumentError("names must name at least one driver; got none")
    if len(set(labels)) < len(labels):
        raise ArgumentError(f"names must differ from each other; got {labels}")
    means = real_array("mean", mean, ndim=1)
    matrix = real_array("covariance", covariance, ndim=2)
    if means.shape != (size,) or matrix.shape != (size, size):
        raise ArgumentError(
            f"mean and covariance must have the outcome and {size - 1} driver(s), the outcome first; "
            f"got shapes {means.shape} and {matrix.shape}"
        )
    spread = np.diag(matrix)
    for name, variance in zip(("the outcome", *labels), spread, strict=True):
        if variance <= 0:
            raise NotEnoughData(f"{name} never varies (variance {variance:g}): leave it out")
    scale = np.sqrt(np.outer(spread, spread))
    if np.max(np.abs(matrix - matrix.T) / scale) > 1e-8:
        raise ArgumentError("covariance must be symmetric; got one that is not")
    if np.max(np.abs(matrix) / scale) > 1 + 1e-8:
        raise ArgumentError("covariance must not exceed the product of the standard deviations; check the sums")
    return Moments(n=float(n), names=labels, mean=means, covariance=(matrix + matrix.T) / 2)
