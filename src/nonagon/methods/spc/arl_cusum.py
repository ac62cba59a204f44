"""How long until a CUSUM chart signals: average run lengths.

Question: how many points pass before a false alarm, or before a shift is found, with this k and h?
Used by: step 7 (choice of chart).
Source: E. S. Page, Biometrika 41 (1954) (integral equation); K. W. Kemp, Journal of the Royal Statistical
Society B 23 (1961) (two sides); solved by Gauss-Legendre nodes after Nyström.
Checked against: tests/reference, Montgomery's printed values and simulation (tests/methods/spc).
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, at_least, one_of, real_array
from nonagon.methods.spc.absorbing_chain import steps_to_absorption
from nonagon.methods.spc.arl_shewhart import RunLengths

Sides = Literal["two", "upper"]
LONGEST = 1e200
"""Run lengths beyond this are lost in the range of floating point numbers."""


def arl_cusum(
    *, k: float = 0.5, h: float = 5.0, shifts: ArrayLike = (0.0,), sides: Sides = "two", headstart: float = 0.0
) -> RunLengths:
    """Average run length of a tabular CUSUM chart.

    k, h: as in chart_cusum, in standard errors. shifts: (shifts,) in standard errors of the plotted value,
    present from the start. sides: both sums, or the upper one alone. headstart: 0 to h; with two sides it is
    the same for both.
    Assumes independent normal values and known sigma.
    Raises ArgumentError for values out of range.

    >>> arl_cusum(k=0.5, h=4, shifts=[0, 1]).arl.round(2).tolist()
    [167.68, 8.38]
    """
    k, h = at_least("k", k, 0), at_least("h", h, np.nextafter(0, 1))
    if not 0 <= headstart <= h:
        raise ArgumentError(f"headstart must lie from 0 to h ({h:g}); got {headstart!r}")
    one_of("sides", sides, ("two", "upper"))
    shift = real_array("shifts", shifts, ndim=1)
    arl = np.array([_run_length(k, h, float(one), sides, headstart) for one in shift])
    if np.any(arl > LONGEST):
        raise ArgumentError(f"h must leave a chance of a signal that can be computed; got {h:g} with k {k:g}")
    return RunLengths(shifts=shift, arl=arl, chart=f"CUSUM chart (k {k:g}, h {h:g}, {sides} sided)")


def _run_length(k: float, h: float, shift: float, sides: Sides, headstart: float) -> float:
    from_zero, from_head = _one_side(k, h, shift, headstart)
    if sides == "upper":
        return from_head
    other_zero, other_head = _one_side(k, h, -shift, headstart)
    # Kemp (1961), with a head start Lucas and Crosier (1982): the two sums never act on each other, since one is
    # at 0 whenever the other signals.
    return (from_head + from_zero * (other_head / other_zero - 1)) / (1 + from_zero / other_zero)


def _one_side(k: float, h: float, shift: float, headstart: float) -> tuple[float, float]:
    """Run length of the upper sum from 0 and from the head start.

    L(s) = 1 + L(0) Phi(k - s - shift) + integral over 0..h of L(y) phi(y - s + k - shift) dy.
    """
    nodes, weights = np.polynomial.legendre.leggauss(max(60, int(12 * h)))
    y, weights = h * (nodes + 1) / 2, h * weights / 2
    start = np.concatenate([[0.0], y])
    moves = np.empty((start.size, start.size))
    moves[:, 0] = special.ndtr(k - start - shift)
    moves[:, 1:] = weights * _density(y - start[:, None] + k - shift)
    solution = steps_to_absorption(moves, special.ndtr(start + shift - k - h))
    kernel = _density(y - headstart + k - shift)
    from_head = 1 + solution[0] * special.ndtr(k - headstart - shift) + (weights * kernel) @ solution[1:]
    return float(solution[0]), float(from_head)


def _density(x: Floats) -> Floats:
    return np.asarray(np.exp(-x * x / 2) / np.sqrt(2 * np.pi))
