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


def decaying_sum(x: Floats, keep: float, start: Floats | float, *, gain: float = 1.0) -> Floats:
    """y[t] = keep * y[t - 1] + gain * x[t] along the last axis, y[-1] = start (one a series, or one for all).

    >>> decaying_sum(np.array([1.0, 1.0, 1.0]), 0.5, 0.0)
    array([1.  , 1.5 , 1.75])
    """
    result = np.empty(x.shape)
    weights = _weights(keep)
    part = np.empty((*x.shape[:-1], min(BLOCK, x.shape[-1])))
    last: Floats | float = start
    for begin in range(0, x.shape[-1], BLOCK):
        at = np.s_[..., begin : begin + BLOCK]
        length = min(BLOCK, x.shape[-1] - begin)
        # What is left of the sum so far goes in with the block's first point and decays as that does.
        scaled = np.multiply(x[at], gain, out=part[..., :length])
        scaled[..., 0] += keep * last
        np.matmul(scaled, weights[:length, :length], out=result[at])
        last = result[..., begin + length - 1]
    return result


@lru_cache(maxsize=64)
def _weights(keep: float) -> Floats:
    """The matrix that turns a block of x into its part of y; many charts share a weight."""
    age = np.arange(BLOCK)
    weights = np.where(age[:, None] <= age, keep ** np.maximum(age - age[:, None], 0).astype(float), 0.0)
    weights.flags.writeable = False
    return weights
