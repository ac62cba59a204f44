"""How long until a Shewhart chart signals: average run lengths.

Question: how many points pass before a false alarm, or before a shift is found?
Used by: step 7 (choice of chart and sample size).
Source: W. A. Shewhart (1931); the run length is geometric for independent points and known limits.
Checked against: R's pnorm (tests/reference).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, at_least, real_array


@dataclass(frozen=True, slots=True, eq=False)
class RunLengths:
    """arl: mean number of points up to and with the signal, one a shift; shifts in sigma of single values."""

    shifts: Floats
    arl: Floats
    chart: str

    def describe(self) -> str:
        """One sentence with the lengths and their caveat."""
        words = ", ".join(
            f"{arl:.4g} for a shift of {shift:g}" for shift, arl in zip(self.shifts, self.arl, strict=True)
        )
        return f"{self.chart}: on average points until a signal: {words}; for independent normal values."


def arl_shewhart(*, width: float = 3.0, n: int = 1, shifts: ArrayLike = (0.0,)) -> RunLengths:
    """Average run length of a chart of means with limits of `width` standard errors on both sides.

    width: more than 0. n: values in a subgroup, at least 1. shifts: (shifts,) of the mean in standard
    deviations of single values. Assumes independent normal values and known limits; with estimated limits
    run lengths vary more and false alarms come earlier.
    Raises ArgumentError for values out of range.

    >>> arl_shewhart(shifts=[0, 1]).arl.round(1).tolist()
    [370.4, 43.9]
    """
    width, n = at_least("width", width, np.nextafter(0, 1)), int(at_least("n", n, 1))
    shift = real_array("shifts", shifts, ndim=1)
    signal = special.ndtr(shift * np.sqrt(n) - width) + special.ndtr(-shift * np.sqrt(n) - width)
    if np.any(signal <= 0):
        raise ArgumentError(f"width must leave a chance of a signal; got {width!r}")
    return RunLengths(shifts=shift, arl=1 / signal, chart=f"Shewhart chart (width {width:g}, n {n})")
