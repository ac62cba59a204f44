"""Failure mode and effects analysis: which failures to prevent first.

Question: what may go wrong that is severe, frequent and hard to notice?
Used by: steps 5, 6 and 7.
Source: MIL-P-1629, 1949; AIAG, "Potential Failure Mode and Effects Analysis", 4th edition, 2008.
Checked against: hand computation in the tests. The product of ordinal ratings is a habit, not a measure: a
severe failure must not hide behind a small product, so severity decides between equal products and failures of
the highest severity are listed apart.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, real_array, same_length


@dataclass(frozen=True, slots=True)
class FmeaRpn:
    """rpn: risk priority number, severity x occurrence x detection, 1 to 1000. order: positions from the
    highest down, counted from 0; equal products by severity, then occurrence, then as given. severe:
    positions with severity of `severe_from` or more, whatever their product.
    """

    severity: Floats
    occurrence: Floats
    detection: Floats
    rpn: Floats
    order: NDArray[np.int64]
    severe: tuple[int, ...]
    severe_from: int

    def describe(self) -> str:
        """One sentence with the first failure mode and the caveat."""
        first = int(self.order[0])
        return (
            f"Failure mode {first + 1} of {self.rpn.size} has the highest risk priority number "
            f"({self.rpn[first]:g} of "
            f"1000); {len(self.severe)} have severity {self.severe_from} or more and need action whatever "
            f"their "
            "number, which ranks opinions and carries no interval."
        )


def fmea_rpn(*, severity: ArrayLike, occurrence: ArrayLike, detection: ArrayLike, severe_from: int = 9) -> FmeaRpn:
    """Risk priority numbers and their order.

    severity, occurrence, detection: ratings from 1 to 10, one a failure mode; 10 is worst (for detection: it
    will not be noticed). severe_from: ratings of severity listed apart.
    Raises ArgumentError for ratings outside 1 to 10 or unequal lengths.

    >>> result = fmea_rpn(severity=[9, 5], occurrence=[2, 6], detection=[3, 4])
    >>> result.rpn.tolist(), result.order.tolist(), result.severe
    ([54.0, 120.0], [1, 0], (0,))
    """
    rated = {}
    for name, given in (("severity", severity), ("occurrence", occurrence), ("detection", detection)):
        array = real_array(name, given, ndim=1)
        if array.min() < 1 or array.max() > 10:
            raise ArgumentError(f"{name} must lie from 1 to 10; got {array[(array < 1) | (array > 10)][0]:g}")
        rated[name] = array
    same_length(**rated)
    rpn = rated["severity"] * rated["occurrence"] * rated["detection"]
    return FmeaRpn(
        severity=rated["severity"],
        occurrence=rated["occurrence"],
        detection=rated["detection"],
        rpn=rpn,
        order=np.lexsort((-rated["occurrence"], -rated["severity"], -rpn)),
        severe=tuple(np.flatnonzero(rated["severity"] >= severe_from).tolist()),
        severe_from=severe_from,
    )
