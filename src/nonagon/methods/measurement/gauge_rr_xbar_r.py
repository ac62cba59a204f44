"""How much of the measured variation comes from measuring: gauge R&R by averages and ranges.

Question: can the gauge tell parts apart, computed as on AIAG's form?
Used by: step 7 (where the form is asked for; gauge_rr_anova also finds interactions).
Source: AIAG, Measurement Systems Analysis, 4th edition (2010), chapter III section B, average and range method;
the constants K are 1 / d2*, A. J. Duncan, Quality Control and Industrial Statistics, table D3.
Checked against: tests/reference where a case exists, and hand computation (tests/methods/measurement).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import one_of
from nonagon.methods.measurement.gauge_rr_anova import distinct_categories
from nonagon.methods.measurement.study import read_study
from nonagon.methods.spc.spc_constants import spc_constants

PRINTED_DIGITS = 4


@dataclass(frozen=True, slots=True)
class GaugeRrRanges:
    """The form's quantities, all in the unit of y; ev, av, grr, pv, tv are standard deviations.

    mean_range: of the trials, over parts and operators. operator_range: between the operators' means.
    part_range: between the parts' means. ev: equipment variation (repeatability); av: appraiser variation
    (reproducibility); pv: part variation; tv: total. share_grr: grr / tv, a fraction of one. ndc: number of
    distinct categories, at least 1.
    """

    parts: int
    operators: int
    trials: int
    mean_range: float
    operator_range: float
    part_range: float
    k1: float
    k2: float
    k3: float
    ev: float
    av: float
    grr: float
    pv: float
    tv: float
    share_grr: float
    ndc: int
    constants: str

    def describe(self) -> str:
        """One sentence with the share and its caveat."""
        return (
            f"By averages and ranges measuring makes {self.share_grr:.1%} of the total variation and tells "
            f"{self.ndc} categories apart; the method sees no interaction of parts and operators and gives no "
            "interval (gauge_rr_anova does)."
        )


def gauge_rr_xbar_r(
    *,
    part: Sequence[Hashable],
    operator: Sequence[Hashable],
    y: ArrayLike,
    constants: str = "printed",
) -> GaugeRrRanges:
    """Gauge repeatability and reproducibility on AIAG's form.

    part, operator, y: one entry a measurement; every operator measures every part equally often, at least
    twice; at least 2 parts and 2 operators. constants: "printed" takes K1, K2, K3 with the form's four decimals,
    "exact" without rounding.
    Assumptions as for gauge_rr_anova, which is to be preferred.
    Raises ArgumentError for values out of range, NotEnoughData for an incomplete study or one without variation.

    >>> result = gauge_rr_xbar_r(
    ...     part=["a", "a", "a", "a", "b", "b", "b", "b", "c", "c", "c", "c"],
    ...     operator=["x", "x", "y", "y"] * 3,
    ...     y=[10.1, 10.2, 10.0, 10.2, 12.0, 12.1, 12.2, 12.1, 14.0, 14.2, 14.1, 13.9],
    ... )
    >>> round(result.ev, 4), round(result.share_grr, 3), result.ndc
    (0.1329, 0.065, 21)
    """
    one_of("constants", constants, ("printed", "exact"))
    study = read_study(part=part, operator=operator, y=y, least_operators=2)
    parts, operators, trials = study.values.shape
    factors = [1 / spc_constants(n=trials).d2, _factor_of_one_sample(operators), _factor_of_one_sample(parts)]
    k1, k2, k3 = (round(factor, PRINTED_DIGITS) if constants == "printed" else factor for factor in factors)
    mean_range = float(np.ptp(study.values, axis=2).mean())
    operator_range = float(np.ptp(study.values.mean(axis=(0, 2))))
    part_range = float(np.ptp(study.values.mean(axis=(1, 2))))
    ev = mean_range * k1
    # The operators' means scatter also by repeatability, which is taken off again.
    av = float(np.sqrt(max((operator_range * k2) ** 2 - ev**2 / (parts * trials), 0.0)))
    grr, pv = float(np.hypot(ev, av)), part_range * k3
    tv = float(np.hypot(grr, pv))
    if tv <= 0:
        raise NotEnoughData("all measurements are equal: there is no variation to split; measure finer")
    return GaugeRrRanges(
        parts=parts,
        operators=operators,
        trials=trials,
        mean_range=mean_range,
        operator_range=operator_range,
        part_range=part_range,
        k1=k1,
        k2=k2,
        k3=k3,
        ev=ev,
        av=av,
        grr=grr,
        pv=pv,
        tv=tv,
        share_grr=grr / tv,
        ndc=distinct_categories(pv**2, grr**2),
        constants=constants,
    )


def _factor_of_one_sample(n: int) -> float:
    """1 / d2*: the range of a single sample estimates sigma by d2* = sqrt(d2^2 + d3^2)."""
    found = spc_constants(n=n)
    return 1 / float(np.hypot(found.d2, found.d3))
