"""The record of who mentioned what: in how many interviews each heard need came up.

Question: what has to be counted before anything can be said about needs that nobody mentioned?
Used by: `incidence_richness`, `beta_binomial` and `unknown_needs` (step 3).
Source: R. K. Colwell et al., Journal of Plant Ecology 5 (2012), 3-21 (the incidence model).
Checked against: counting by hand in the tests.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import real_array


@dataclass(frozen=True, slots=True)
class Incidence:
    """Needs against interviews.

    n_units: interviews (or other units: comments, customers). frequency: for each heard need, in how many
    units it came up, from 1 to n_units. alone: for each unit, how many needs only it mentioned, or None where
    the single units are not known. absent_together: heard needs x heard needs, how many units mentioned
    neither, or None.
    """

    n_units: int
    frequency: NDArray[np.int64]
    alone: NDArray[np.int64] | None = None
    absent_together: NDArray[np.int64] | None = None

    def describe(self) -> str:
        """One sentence with its caveat."""
        return (
            f"{self.observed} needs came up in {self.n_units} interviews with {self.mentions} mentions, "
            f"{self.once} of them in a single one; how many were never mentioned this does not say."
        )

    @property
    def observed(self) -> int:
        """How many different needs were heard."""
        return len(self.frequency)

    @property
    def once(self) -> int:
        """How many needs came up in exactly one unit."""
        return int(np.sum(self.frequency == 1))

    @property
    def twice(self) -> int:
        """How many needs came up in exactly two units."""
        return int(np.sum(self.frequency == 2))

    @property
    def mentions(self) -> int:
        """All mentions: the sum of the frequencies."""
        return int(np.sum(self.frequency))


def incidence(
    *,
    frequency: ArrayLike | None = None,
    n_units: int | None = None,
    matrix: ArrayLike | None = None,
) -> Incidence:
    """The incidence record from frequencies and the number of units, or from a matrix of units x needs.

    frequency: for each need, in how many of the n_units units it came up (whole numbers, 0 to n_units; zeros
    are needs of a prepared list that nobody mentioned, and are dropped). matrix: units in rows, needs in
    columns; above 0 means mentioned. Give either frequency and n_units, or matrix.
    Raises ArgumentError for other values, NotEnoughData where no need was heard.

    >>> record = incidence(frequency=[4, 2, 1, 1, 0], n_units=5)
    >>> record.observed, record.once, record.mentions
    (4, 2, 8)
    """
    if matrix is not None:
        if frequency is not None or n_units is not None:
            raise ArgumentError("give matrix alone, or frequency with n_units; got both")
        return _of_matrix(matrix)
    if frequency is None or n_units is None:
        raise ArgumentError("give frequency and n_units, or matrix; got neither whole")
    counts = whole_numbers("frequency", frequency)
    units = int(n_units)
    if units != n_units or units < 1:
        raise ArgumentError(f"n_units must be a whole number of at least 1; got {n_units!r}")
    heard = counts[counts > 0]
    if not len(heard):
        raise NotEnoughData("frequency holds no need that was mentioned; code some answers first")
    if heard.max() > units:
        raise ArgumentError(f"frequency must not exceed n_units ({units}); got {heard.max()}")
    return Incidence(n_units=units, frequency=heard)


def _of_matrix(matrix: ArrayLike) -> Incidence:
    mentioned = real_array("matrix", matrix, ndim=2) > 0
    mentioned = mentioned[:, mentioned.any(axis=0)]
    if not mentioned.size:
        raise NotEnoughData("matrix holds no mention of any need; code some answers first")
    frequency = mentioned.sum(axis=0)
    absent = (~mentioned).astype(np.int64)
    return Incidence(
        n_units=len(mentioned),
        frequency=frequency.astype(np.int64),
        alone=mentioned[:, frequency == 1].sum(axis=1).astype(np.int64),
        absent_together=absent.T @ absent,
    )


def whole_numbers(name: str, values: ArrayLike) -> NDArray[np.int64]:
    """`values` as whole numbers of at least 0."""
    numbers = real_array(name, values, ndim=1)
    if np.any(numbers < 0) or np.any(numbers != np.round(numbers)):
        bad = numbers[(numbers < 0) | (numbers != np.round(numbers))][0]
        raise ArgumentError(f"{name} must hold whole numbers of at least 0; got {bad:g}")
    return numbers.astype(np.int64)
