"""How long until an EWMA chart signals: average run lengths.

Question: how many points pass before a false alarm, or before a shift is found, with this weight and width?
Used by: step 7 (choice of chart).
Source: S. V. Crowder, "A Simple Method for Studying Run-Length Distributions of Exponentially Weighted Moving
Average Charts", Technometrics 29 (1987), 401-407 (integral equation, Gauss-Legendre nodes).
Checked against: tests/reference, Lucas and Saccucci's printed values and simulation (tests/methods/spc).
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, at_least, one_of, real_array
from nonagon.methods.spc.absorbing_chain import steps_to_absorption
from nonagon.methods.spc.arl_shewhart import RunLengths
from nonagon.methods.spc.chart_ewma import LIMITS

SETTLED = 1e-12
"""Limits count as constant when their variance lacks less than this share of its final value."""


def arl_ewma(
    *, weight: float = 0.2, width: float = 3.0, shifts: ArrayLike = (0.0,), limits: str = "asymptotic"
) -> RunLengths:
    """Average run length of a two-sided EWMA chart that starts at its centre.

    weight: lambda, more than 0 and at most 1. width: L, more than 0. shifts: (shifts,) in standard errors of
    the plotted value, present from the start. limits: "asymptotic" or "exact" (see chart_ewma).
    Assumes independent normal values and known sigma.
    Raises ArgumentError for values out of range.

    >>> arl_ewma(weight=0.1, width=2.814, shifts=[0, 1]).arl.round(1).tolist()
    [499.6, 10.3]
    """
    if not 0 < weight <= 1:
        raise ArgumentError(f"weight must be more than 0 and at most 1; got {weight!r}")
    width = at_least("width", width, np.nextafter(0, 1))
    one_of("limits", limits, LIMITS)
    shift = real_array("shifts", shifts, ndim=1)
    arl = np.array([_run_length(weight, width, float(one), exact=limits == "exact") for one in shift])
    return RunLengths(
        shifts=shift, arl=arl, chart=f"EWMA chart (weight {weight:g}, width {width:g}, {limits} limits)"
    )


def _run_length(weight: float, width: float, shift: float, *, exact: bool) -> float:
    half = width * np.sqrt(weight / (2 - weight))
    # The kernel is as narrow as the weight: several nodes must fall into its width.
    nodes, weights = np.polynomial.legendre.leggauss(int(np.clip(20 * half / weight, 80, 600)))
    v = half * nodes
    kernel = half * weights * _density(v, v[:, None], weight, shift)
    reach_up, reach_down = ((half - sign * (1 - weight) * v) / weight - sign * shift for sign in (1, -1))
    settled = steps_to_absorption(kernel, special.ndtr(-reach_up) + special.ndtr(-reach_down))
    if not exact:
        return float(1 + (half * weights * _density(v, np.zeros(1), weight, shift)) @ settled)
    return _from_the_start(weight, half, shift, nodes, weights, settled)


def _from_the_start(
    weight: float, half: float, shift: float, nodes: Floats, weights: Floats, settled: Floats
) -> float:
    """Backward from the time when the limits have settled to the first point, whose limits are narrowest."""
    keep = 1 - weight
    times = 1 if keep == 0 else max(1, int(np.ceil(np.log(SETTLED) / (2 * np.log(keep)))))
    after, reach = settled, half
    for time in range(times, 0, -1):
        reach_before = half * np.sqrt(1 - keep ** (2 * (time - 1))) if time > 1 else 0.0
        start = reach_before * nodes if time > 1 else np.zeros(1)
        kernel = reach * weights * _density(reach * nodes, start[:, None], weight, shift)
        after, reach = 1 + kernel @ after, reach_before
    return float(after[0])


def _density(v: Floats, u: Floats, weight: float, shift: float) -> Floats:
    """Density of the next average at v, when the last one was u."""
    z = (v - (1 - weight) * u) / weight - shift
    return np.asarray(np.exp(-z * z / 2) / np.sqrt(2 * np.pi) / weight)
