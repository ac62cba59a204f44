"""Lifetime value of a customer by the margin multiple.

Question: what is a customer worth who brings the same margin each period and stays with a fixed probability?
Used by: steps 1, 5 and 9.
Source: S. Gupta, D. R. Lehmann, "Managing Customers as Investments", 2005: margin x r / (1 + i - r).
Checked against: R (tests/reference).
"""

from dataclasses import dataclass

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import fraction


@dataclass(frozen=True, slots=True)
class ClvSimple:
    """Lifetime value with margin from the next period on, and with today's margin added.

    multiple: r / (1 + i - r). clv: margin x multiple. clv_including_first: margin + clv, for a customer whose
    first margin is still to come today.
    """

    margin: float
    retention: float
    discount: float
    multiple: float
    clv: float
    clv_including_first: float

    def describe(self) -> str:
        """One sentence with the value and its caveat."""
        return (
            f"A customer is worth {self.clv:,.2f}, {self.multiple:.2f} times the margin of a period, if margin "
            f"and a retention of {self.retention:.0%} stay the same for ever; it carries no interval."
        )


def clv_simple(*, margin: float, retention: float, discount: float) -> ClvSimple:
    """Lifetime value with constant margin, retention and discount rate.

    margin: contribution a period in one currency, may be negative. retention: probability of staying a
    further period, 0 to 1. discount: rate a period as a fraction, 0 or more.
    Not where retention rises with tenure (it nearly always does): use `sbg_retention` or `bg_nbd` there.
    Raises ArgumentError for values outside their range, NotEnoughData for retention 1 with discount 0.

    >>> round(clv_simple(margin=120, retention=0.8, discount=0.1).clv, 2)
    320.0
    """
    retention = fraction("retention", retention, closed=True)
    if not 0 <= discount < float("inf"):
        raise ArgumentError(f"discount must be a fraction of 0 or more (0.1 is ten percent); got {discount!r}")
    if not abs(margin) < float("inf"):
        raise ArgumentError(f"margin must be a finite amount; got {margin!r}")
    if retention - discount >= 1:
        raise NotEnoughData("with retention 1 and discount 0 the value has no limit; state a discount above 0")
    multiple = retention / (1 + discount - retention)
    return ClvSimple(
        margin=float(margin),
        retention=retention,
        discount=float(discount),
        multiple=multiple,
        clv=margin * multiple,
        clv_including_first=margin * (1 + multiple),
    )
