"""Does the plan pay: net present value, internal rate of return, payback.

Question: what are these cash flows worth today, at which rate do they break even, and when is the outlay back?
Used by: steps 5, 6 and 9.
Source: R. A. Brealey, S. C. Myers, F. Allen, "Principles of Corporate Finance", chapters 2 and 5.
Checked against: R (tests/reference). Payback is interpolated within the year; cash flows fall at the end of
each period, the first one today.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.methods.checks import Floats, discount_rate, fraction, real_array


@dataclass(frozen=True, slots=True)
class BusinessCase:
    """What a series of cash flows is worth.

    npv: net present value in the currency of the flows. irr: the one rate at which it is zero, or None with
    the reason in irr_reason; irr_all: every such rate above -1. payback and discounted_payback: periods until
    the running sum first returns to zero, None where it never does. benefit_cost: present value of the inflows
    over that of the outflows, None without outflows.
    """

    cash_flows: Floats
    rate: float
    npv: float
    present_values: Floats
    irr: float | None
    irr_all: tuple[float, ...]
    irr_reason: str
    payback: float | None
    discounted_payback: float | None
    benefit_cost: float | None

    def describe(self) -> str:
        """One sentence with the net present value and its caveat."""
        back = "never pays back" if self.payback is None else f"pays back after {self.payback:.1f} periods"
        rate = "" if self.irr is None else f" (breaks even at a rate of {self.irr:.1%})"
        return (
            f"At {self.rate:.1%} a period the plan is worth {self.npv:,.0f} today{rate} and {back}, if the stated "
            "cash flows come true; it carries no interval of its own."
        )


def business_case(*, cash_flows: ArrayLike, rate: float) -> BusinessCase:
    """Net present value, internal rate of return, payback and benefit-cost ratio.

    cash_flows: one number a period, the first at time zero; outlays are negative. rate: discount rate a
    period, as a fraction above -1 (0.1 is ten percent).
    Not for comparing plans of different size by internal rate alone: compare their net present values.
    Raises ArgumentError for a rate of -1 or less, NotEnoughData without cash flows.

    >>> result = business_case(cash_flows=[-100, 60, 60], rate=0.1)
    >>> round(result.npv, 2), round(result.irr, 4), round(result.payback, 3)
    (4.13, 0.1307, 1.667)
    """
    flows = real_array("cash_flows", cash_flows, ndim=1)
    rate = discount_rate("rate", rate)
    present = flows * (1 + rate) ** -np.arange(flows.size)
    rates, reason = _internal_rates(flows)
    out = -float(present[present < 0].sum())
    return BusinessCase(
        cash_flows=flows,
        rate=rate,
        npv=float(present.sum()),
        present_values=present,
        irr=rates[0] if len(rates) == 1 else None,
        irr_all=rates,
        irr_reason=reason,
        payback=_payback(flows),
        discounted_payback=_payback(present),
        benefit_cost=float(present[present > 0].sum()) / out if out > 0 else None,
    )


@dataclass(frozen=True, slots=True)
class BusinessCaseRange:
    """Net present value over many draws of uncertain cash flows.

    mean, low, high: of the net present value, low and high enclosing `confidence` of the draws; p_loss: share
    of draws below zero.
    """

    mean: float
    low: float
    high: float
    p_loss: float
    confidence: float
    draws: int
    rate: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        return (
            f"The plan is worth {self.mean:,.0f} today, with {self.confidence:.0%} of the outcomes between "
            f"{self.low:,.0f} and {self.high:,.0f} and a loss in {self.p_loss:.0%} of them, if the stated spread "
            "of the cash flows is right."
        )


def business_case_range(*, draws: ArrayLike, rate: float, confidence: float = 0.9) -> BusinessCaseRange:
    """Net present value with an interval, from draws of the cash flows.

    draws: array draws x periods; each row is one way the future may go. rate: as for `business_case`.
    confidence: the share of outcomes between low and high.
    Raises ArgumentError for a value outside its range.

    >>> business_case_range(draws=[[-10, 5, 5], [-10, 10, 10]], rate=0.0).p_loss
    0.0
    """
    flows = real_array("draws", draws, ndim=2)
    rate, confidence = discount_rate("rate", rate), fraction("confidence", confidence)
    values = flows @ (1 + rate) ** -np.arange(flows.shape[1])
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return BusinessCaseRange(
        mean=float(values.mean()),
        low=float(low),
        high=float(high),
        p_loss=float(np.mean(values < 0)),
        confidence=confidence,
        draws=flows.shape[0],
        rate=rate,
    )


def _internal_rates(flows: Floats) -> tuple[tuple[float, ...], str]:
    if not (np.any(flows > 0) and np.any(flows < 0)):
        return (), "the cash flows do not change sign, so no rate makes their value zero"
    # Roots in the growth factor g = 1 + rate, scaled so that money amounts do not matter.
    roots = np.roots(np.trim_zeros(flows / np.abs(flows).max()))
    real = roots[(np.abs(roots.imag) < 1e-7 * (1 + np.abs(roots.real))) & (roots.real > 1e-9)].real
    rates: list[float] = []
    for growth in np.sort(real):
        rate = _polish(flows, float(growth)) - 1
        if not rates or abs(rate - rates[-1]) > 1e-7:
            rates.append(rate)
    if not rates:
        return (), "no rate above -1 makes the value of these cash flows zero"
    if len(rates) > 1:
        listed = ", ".join(f"{rate:.2%}" for rate in rates)
        return tuple(rates), f"the cash flows change sign more than once and break even at {listed}: use npv"
    return tuple(rates), ""


def _polish(flows: Floats, growth: float) -> float:
    """Newton steps on the present value as a function of the discount factor, for the last digits."""
    factor, powers = 1 / growth, np.arange(flows.size)
    for _ in range(5):
        value = float(np.sum(flows * factor**powers))
        slope = float(np.sum(flows[1:] * powers[1:] * factor ** (powers[1:] - 1)))
        if slope == 0 or factor - value / slope <= 0:
            break
        factor -= value / slope
    return 1 / factor


def _payback(flows: Floats) -> float | None:
    running = np.cumsum(flows)
    below = np.flatnonzero(running < 0)
    if not below.size:
        return 0.0
    back = np.flatnonzero((running >= 0) & (np.arange(flows.size) > below[0]))
    if not back.size:
        return None
    year = int(back[0])
    return year - 1 + float(-running[year - 1] / flows[year])
