"""Are several characteristics together stable: Hotelling's T² chart.

Question: which points are unusual in the combination of their values, though each value may look ordinary?
Used by: step 7 (characteristics that move together).
Source: H. Hotelling (1947); N. D. Tracy, J. C. Young, R. L. Mason, Journal of Quality Technology 24 (1992),
88-95 (single observations); Montgomery, Introduction to Statistical Quality Control, chapter 11; the
contributions after R. L. Mason, N. D. Tracy, J. C. Young, Journal of Quality Technology 27 (1995), 99-108.
Checked against: R's qcc 2.7 mqcc (tests/reference).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, fraction, real_array


@dataclass(frozen=True, slots=True, eq=False)
class HotellingT2:
    """T² of each point, and limits for points used for the estimates (phase 1) and for later ones (phase 2).

    center: (variables,); cov: (variables, variables), pooled within subgroups, or of the single points. t2:
    (points,); phase1_ucl, phase2_ucl: limits with `confidence`. beyond: t2 above phase1_ucl. contributions:
    (points, variables): how much T² would fall without that variable. new_t2, new_beyond (against
    phase2_ucl), new_contributions: of the later points, None without them.
    """

    center: Floats
    cov: Floats
    t2: Floats
    beyond: NDArray[np.bool_]
    contributions: Floats
    phase1_ucl: float
    phase2_ucl: float
    confidence: float
    subgroup_size: int
    new_t2: Floats | None
    new_beyond: NDArray[np.bool_] | None
    new_contributions: Floats | None

    def describe(self) -> str:
        """One sentence with the finding and its caveat."""
        found = int(self.beyond.sum())
        later = ""
        if self.new_beyond is not None:
            above = int(self.new_beyond.sum())
            later = f"; of {self.new_beyond.size} later points {above} (above {self.phase2_ucl:.4g})"
        return (
            f"{found} of {self.t2.size} points have a T² above {self.phase1_ucl:.4g}{later}; for jointly normal "
            "values, independent from point to point."
        )


def hotelling_t2(*, x: ArrayLike, new: ArrayLike | None = None, confidence: float | None = None) -> HotellingT2:
    """T² chart of several variables.

    x: (points, variables) for single observations or (points, n, variables) for subgroups of n. new: later
    points of the same kind, held against the phase 2 limit. confidence: of the limits, between 0 and 1;
    (1 - 0.0027)^variables when not given (as R's qcc).
    Assumes jointly normal values and more points than variables. Not when variables are exact sums of others.
    Raises ArgumentError for values out of range, NotEnoughData for too few points or a singular covariance.

    >>> points = [[1.0, 2.1], [1.2, 2.0], [0.9, 1.8], [1.1, 2.2], [1.0, 1.9], [3.0, 0.5]]
    >>> result = hotelling_t2(x=points, confidence=0.95)
    >>> int(result.t2.argmax()), result.contributions.shape
    (5, (6, 2))
    """
    values = _points("x", x)
    m, n, p = values.shape
    level = (1 - 0.0027) ** p if confidence is None else fraction("confidence", confidence)
    freedom = m * n - m - p + 1 if n > 1 else m - p
    if freedom < 1 or (n == 1 and m - p - 1 < 1):
        raise NotEnoughData(
            f"x needs more points than this for {p} variables; got {m} points of {n}: collect more, or "
            "drop variables"
        )
    means = values.mean(axis=1)
    center = means.mean(axis=0)
    spread = values - means[:, None, :] if n > 1 else values - center
    cov = np.einsum("mni,mnj->ij", spread, spread) / (m * (n - 1) if n > 1 else m - 1)
    inverse = _inverse(cov)
    quantile = float(special.fdtri(p, freedom, level))
    if n > 1:
        common = p * (n - 1) / freedom * quantile
        limits = (m - 1) * common, (m + 1) * common
    else:
        # Tracy, Young and Mason (1992): beta for the points that made the estimates, F for later ones.
        beta = float(special.betaincinv(p / 2, (m - p - 1) / 2, level))
        limits = (m - 1) ** 2 / m * beta, p * (m + 1) * (m - 1) / (m * (m - p)) * quantile
    t2, parts = _distances(means - center, inverse, n)
    later, later_parts = None, None
    if new is not None:
        found = _points("new", new)
        if found.shape[1:] != (n, p):
            raise ArgumentError(
                f"new must hold points like those of x, shape (points, {n}, {p}); got {found.shape}"
            )
        later, later_parts = _distances(found.mean(axis=1) - center, inverse, n)
    return HotellingT2(
        center=center,
        cov=cov,
        t2=t2,
        beyond=t2 > limits[0],
        contributions=parts,
        phase1_ucl=float(limits[0]),
        phase2_ucl=float(limits[1]),
        confidence=level,
        subgroup_size=n,
        new_t2=later,
        new_beyond=None if later is None else later > limits[1],
        new_contributions=later_parts,
    )


def _points(name: str, x: ArrayLike) -> Floats:
    values = real_array(name, x)
    if values.ndim == 2:
        values = values[:, None, :]
    if values.ndim != 3 or 0 in values.shape:
        raise ArgumentError(
            f"{name} must have axes (points, variables) or (points, values, variables); got shape {np.shape(x)}"
        )
    return values


def _inverse(cov: Floats) -> Floats:
    scale = np.sqrt(np.diag(cov))
    if np.any(scale <= 0):
        at = int(np.argmin(scale))
        raise NotEnoughData(f"variable {at + 1} does not vary: leave it out")
    correlation = cov / np.outer(scale, scale)
    if np.linalg.cond(correlation) > 1e12:
        raise NotEnoughData(
            "the variables' covariance is singular (one follows from the others): leave one of them out"
        )
    return np.asarray(linalg.inv(correlation) / np.outer(scale, scale))


def _distances(off: Floats, inverse: Floats, n: int) -> tuple[Floats, Floats]:
    pulled = off @ inverse
    t2 = n * np.sum(pulled * off, axis=1)
    # T² without variable j is smaller by (S^-1 d)_j^2 / (S^-1)_jj.
    return t2, n * pulled**2 / np.diag(inverse)
