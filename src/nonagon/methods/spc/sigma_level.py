"""How good is a process in the words of Six Sigma: defects, yield and sigma level.

Question: how many defects a unit and a million opportunities, what share passes without a fault, and which
sigma level is that?
Used by: step 7, step 9.
Source: M. J. Harry, "The Nature of Six Sigma Quality" (1988) (the shift of 1.5 sigma is a convention, not a
finding); ISO 13053-1.
Checked against: R's qnorm (tests/reference).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, real_array

SHIFT = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class SigmaLevel:
    """sigma: one a value of dpmo; shift: how much was added by convention."""

    dpmo: Floats
    sigma: Floats
    shift: float

    def describe(self) -> str:
        """One sentence with the level and its caveat."""
        words = ", ".join(
            f"{dpmo:,.4g} defects a million are {sigma:.2f} sigma"
            for dpmo, sigma in zip(np.atleast_1d(self.dpmo), np.atleast_1d(self.sigma), strict=True)
        )
        return f"{words}, of which {self.shift:g} are added by convention."


def sigma_level(*, dpmo: ArrayLike, shift: float = SHIFT) -> SigmaLevel:
    """Sigma level of defects per million opportunities.

    dpmo: a number or an array, more than 0 and less than 1,000,000. shift: 1.5 by convention, 0 for the plain
    normal quantile. Raises ArgumentError for values out of range (0 defects have no finite level).

    >>> sigma_level(dpmo=[3.4, 66807]).sigma.round(2).tolist()
    [6.0, 3.0]
    """
    rate = real_array("dpmo", dpmo, least=0)
    if np.any((rate <= 0) | (rate >= 1e6)):
        bad = rate[(rate <= 0) | (rate >= 1e6)].flat[0]
        raise ArgumentError(f"dpmo must be more than 0 and less than 1,000,000; got {bad:g}")
    return SigmaLevel(dpmo=rate, sigma=np.asarray(shift - special.ndtri(rate / 1e6)), shift=float(shift))


@dataclass(frozen=True, slots=True)
class DefectRates:
    """dpu: defects a unit; dpmo: defects a million opportunities; throughput_yield: share of units without a
    defect, exp(-dpu), if defects fall on units independently; sigma: None with `reason` where dpmo is 0 or
    all opportunities failed."""

    defects: float
    units: float
    opportunities: float
    dpu: float
    dpmo: float
    throughput_yield: float
    sigma: float | None
    shift: float
    reason: str | None

    def describe(self) -> str:
        """One sentence with the rates and their caveat."""
        level = "" if self.sigma is None else f" ({self.sigma:.2f} sigma with a shift of {self.shift:g})"
        return (
            f"{self.defects:g} defects in {self.units:g} units: {self.dpu:.4g} a unit, {self.dpmo:,.0f} a million "
            f"opportunities{level}; {self.throughput_yield:.1%} of the units are expected without a defect, if "
            "defects are independent."
        )


def defect_rates(*, defects: float, units: float, opportunities: float = 1, shift: float = SHIFT) -> DefectRates:
    """Defects a unit and a million opportunities.

    defects: at least 0. units: more than 0. opportunities: for a defect in a unit, more than 0; defects are at
    most units * opportunities. Raises ArgumentError for values out of range, NotEnoughData without units.

    >>> rates = defect_rates(defects=25, units=100, opportunities=10)
    >>> rates.dpu, rates.dpmo, round(rates.throughput_yield, 4)
    (0.25, 25000.0, 0.7788)
    """
    defects = at_least("defects", defects, 0)
    if units == 0:
        raise NotEnoughData("units is 0: a rate over no units does not exist; inspect at least one")
    units, opportunities = at_least("units", units, 0), at_least("opportunities", opportunities, 0)
    if opportunities == 0 or defects > units * opportunities:
        raise ArgumentError(
            f"opportunities must allow for the defects (at most units * opportunities); got {opportunities:g} "
            f"for {defects:g} defects in {units:g} units"
        )
    dpmo = defects / (units * opportunities) * 1e6
    finite = 0 < dpmo < 1e6
    return DefectRates(
        defects=defects,
        units=units,
        opportunities=opportunities,
        dpu=defects / units,
        dpmo=dpmo,
        throughput_yield=float(np.exp(-defects / units)),
        sigma=float(sigma_level(dpmo=dpmo, shift=shift).sigma) if finite else None,
        shift=shift,
        reason=None if finite else "no finite sigma level belongs to none or all opportunities failing",
    )


@dataclass(frozen=True, slots=True, eq=False)
class RolledYield:
    """rolled: share of units that pass every step without a fault; normalized: the same yield at each step that
    would give it; total_dpu: defects a unit over all steps, -ln(rolled), None with `reason` where rolled is 0."""

    steps: Floats
    rolled: float
    normalized: float
    total_dpu: float | None
    reason: str | None

    def describe(self) -> str:
        """One sentence with the yield and its caveat."""
        return (
            f"{self.rolled:.1%} of the units pass all {self.steps.size} steps without a fault (as if each step "
            f"passed {self.normalized:.1%}), if faults at different steps are independent."
        )


def rolled_yield(*, fpy: ArrayLike) -> RolledYield:
    """Rolled throughput yield of steps in a row.

    fpy: (steps,), first-pass yield of each step, a fraction from 0 to 1.
    Raises ArgumentError for values out of range, NotEnoughData without steps.

    >>> result = rolled_yield(fpy=[0.98, 0.95, 0.99])
    >>> round(result.rolled, 5), round(result.normalized, 5)
    (0.92169, 0.97318)
    """
    steps = real_array("fpy", fpy, ndim=1)
    if np.any((steps < 0) | (steps > 1)):
        raise ArgumentError(f"fpy must lie from 0 to 1 (a share is a fraction of one); got {steps.max():g}")
    rolled = float(np.prod(steps))
    return RolledYield(
        steps=steps,
        rolled=rolled,
        normalized=rolled ** (1 / steps.size),
        total_dpu=float(-np.log(rolled)) if rolled > 0 else None,
        reason=None if rolled > 0 else "a step without any yield has no finite number of defects a unit",
    )
