"""Exponential smoothing along the last axis, without a loop over points.

Question: what does the recursion y[t] = keep * y[t - 1] + x[t] give for many long series at once?
Used by: chart_ewma (step 7).
Source: the recursion written out over a block of points: a lower triangular matrix of powers.
Checked against: the recursion point by point (tests/methods/spc).
"""

from functools import lru_cache

import numpy as np

from nonagon.methods.checks import Floats

BLOCK = 64
"""Points a matrix product spans; short enough that the matrix stays small."""


def decaying_sum(x: Floats, keep: float, start: Floats | float) -> Floats:
    """y[t] = keep * y[t - 1] + x[t] along the last axis, y[-1] = start (one a series).

    >>> decaying_sum(np.array([1.0, 1.0, 1.0]), 0.5, 0.0)
    array([1.  , 1.5 , 1.75])
    """
    result = np.empty(x.shape)
    last = np.broadcast_to(np.asarray(start, dtype=np.float64), x.shape[:-1])
    powers, weights = _powers(keep)
    for begin in range(0, x.shape[-1], BLOCK):
        part = x[..., begin : begin + BLOCK]
        length = part.shape[-1]
        result[..., begin : begin + length] = part @ weights[:length, :length] + last[..., None] * powers[:length]
        last = result[..., begin + length - 1]
    return result


@lru_cache(maxsize=64)
def _powers(keep: float) -> tuple[Floats, Floats]:
    """keep, keep^2, ...; and the matrix that turns a block of x into its part of y. Many charts share a weight."""
    age = np.arange(BLOCK)
    powers = np.asarray(keep ** (age + 1.0), dtype=np.float64)
    weights = np.where(age[:, None] <= age, keep ** np.maximum(age - age[:, None], 0).astype(float), 0.0)
    powers.flags.writeable = weights.flags.writeable = False
    return powers, weights
