"""Correspondence analysis: a table of counts as a map.

Question: which brands are seen alike, and what sets them apart?
Used by: step 2 (perceptual map).
Source: M. J. Greenacre, "Correspondence Analysis in Practice", 3rd edition, 2017.
Checked against: R's svd (tests/reference). Signs of axes are arbitrary; here the point with the largest
coordinate on each axis is positive.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg, special

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import Floats, at_least, real_array, same_length


@dataclass(frozen=True, slots=True)
class CorrespondenceAnalysis:
    """The map and how much of the table it shows.

    inertia: chi-square over the number of counts. principal_inertia: of each axis, falling; explained: as
    shares of inertia. row_principal, column_principal: coordinates on each axis (rows x axes), in which
    distances between rows (or between columns) are chi-square distances; row_standard, column_standard: the
    same scaled to unit spread. row_quality: share of a row's inertia that the first two axes show. chisq,
    df, p: of independence.
    """

    row_labels: tuple[str, ...]
    column_labels: tuple[str, ...]
    inertia: float
    principal_inertia: Floats
    explained: Floats
    row_principal: Floats
    column_principal: Floats
    row_standard: Floats
    column_standard: Floats
    row_mass: Floats
    column_mass: Floats
    row_quality: tuple[float | None, ...]
    column_quality: tuple[float | None, ...]
    chisq: float
    df: int
    p: float
    n: float

    def describe(self) -> str:
        """One sentence with what the first two axes show and the caveat."""
        shown = float(self.explained[:2].sum())
        beyond = "beyond chance" if self.p < 0.05 else "not beyond chance"
        return (
            f"Two axes show {shown:.1%} of the differences, which are {beyond} (p = {self.p:.3g}, {self.n:g} "
            f"counts "
            "treated as independent); rows lie near rows, and columns near columns, that are seen alike."
        )


def correspondence_analysis(
    *,
    table: ArrayLike,
    row_labels: Sequence[str] | None = None,
    column_labels: Sequence[str] | None = None,
) -> CorrespondenceAnalysis:
    """Coordinates of rows and columns of a table of counts.

    table: counts of 0 or more, at least 2 x 2; no row or column may be empty. row_labels, column_labels: names,
    by default "1", "2", ...
    Raises ArgumentError for negative counts, NotEnoughData for an empty row or column or a table without
    differences.

    >>> result = correspondence_analysis(table=[[10, 0], [0, 10]])
    >>> round(result.inertia, 6), result.principal_inertia.round(6).tolist()
    (1.0, [1.0])
    """
    counts = real_array("table", table, ndim=2)
    at_least("table", float(counts.min()), 0)
    rows, columns = counts.shape
    names = tuple(str(one) for one in (row_labels or range(1, rows + 1)))
    heads = tuple(str(one) for one in (column_labels or range(1, columns + 1)))
    same_length(table_rows=counts, row_labels=names)
    same_length(table_columns=counts.T, column_labels=heads)
    if min(rows, columns) < 2 or (counts.sum(axis=1) == 0).any() or (counts.sum(axis=0) == 0).any():
        raise NotEnoughData("table needs at least 2 rows and 2 columns, none of them empty; leave empty ones out")
    n = float(counts.sum())
    share = counts / n
    mass, weight = share.sum(axis=1), share.sum(axis=0)
    residual = (share - np.outer(mass, weight)) / np.sqrt(np.outer(mass, weight))
    left, singular, right = linalg.svd(residual, full_matrices=False)
    axes = min(rows, columns) - 1
    left, singular, right = left[:, :axes], singular[:axes], right[:axes].T
    inertia = float(np.sum(residual**2))
    if inertia < 1e-14:
        raise NotEnoughData("every row of the table has the same profile: there is nothing to map")
    row_standard, column_standard = left / np.sqrt(mass)[:, None], right / np.sqrt(weight)[:, None]
    top = np.abs(row_standard).argmax(axis=0)
    sign = np.where(row_standard[top, np.arange(axes)] < 0, -1.0, 1.0)
    row_principal, column_principal = row_standard * sign * singular, column_standard * sign * singular
    df = (rows - 1) * (columns - 1)
    return CorrespondenceAnalysis(
        row_labels=names,
        column_labels=heads,
        inertia=inertia,
        principal_inertia=singular**2,
        explained=singular**2 / inertia,
        row_principal=row_principal,
        column_principal=column_principal,
        row_standard=row_standard * sign,
        column_standard=column_standard * sign,
        row_mass=mass,
        column_mass=weight,
        row_quality=_quality(row_principal),
        column_quality=_quality(column_principal),
        chisq=inertia * n,
        df=df,
        p=float(special.chdtrc(df, inertia * n)),
        n=n,
    )


def _quality(principal: Floats) -> tuple[float | None, ...]:
    """Share of each point's distance from the centre that the first two axes show; None at the centre."""
    squares = principal**2
    total, shown = squares.sum(axis=1), squares[:, :2].sum(axis=1)
    return tuple(float(a / b) if b > 1e-14 else None for a, b in zip(shown, total, strict=True))
