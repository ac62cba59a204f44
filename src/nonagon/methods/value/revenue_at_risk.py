"""How much revenue goes when customers leave as they did before.

Question: what part of the key customers' revenue must we expect to lose within a year, and how sure is that?
Used by: step 1.
Source: a ratio of revenue lost to revenue at stake, with Wilson's interval (E. B. Wilson,
JASA 22 (1927), 209-212) at the effective number of customers (L. Kish, Survey Sampling (1965), section 11.7).
Checked against: `proportion` where all customers bring the same, and coverage by simulation, in the tests.
"""

from dataclasses import dataclass

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import at_least, fraction
from nonagon.methods.survey.proportion import proportion


@dataclass(frozen=True, slots=True)
class RevenueAtRisk:
    """Revenue that must be expected to go, with its interval.

    share: revenue of those who left over the revenue of all who could leave, a fraction of one, between low
    and high with `confidence`; at_risk, at_risk_low, at_risk_high: the same shares of the revenue now.
    customers, lost: how many could leave and did; effective: the number of equal customers that their
    revenues come to.
    """

    share: float
    low: float
    high: float
    at_risk: float
    at_risk_low: float
    at_risk_high: float
    revenue_now: float
    customers: int
    lost: int
    effective: float
    confidence: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        return (
            f"{self.lost} of {self.customers} such customers left within a year and took {self.share:.1%} of "
            f"their revenue along ({self.confidence:.0%} interval {self.low:.1%} to {self.high:.1%}); as often "
            f"again, {self.at_risk:,.0f} of {self.revenue_now:,.0f} would go ({self.at_risk_low:,.0f} to "
            f"{self.at_risk_high:,.0f}), if they leave independently of each other."
        )


def revenue_at_risk(
    *,
    customers: int,
    lost: int,
    revenue: float,
    revenue_squared: float,
    revenue_lost: float,
    revenue_now: float,
    confidence: float = 0.95,
) -> RevenueAtRisk:
    """Expected loss of revenue from customers who may leave, from what such customers did before.

    customers: how many were observed, at least 1; lost: how many of them left, 0 to customers. revenue: what
    they brought before, together, above 0; revenue_squared: the sum of the squares of each one's revenue;
    revenue_lost: the part of those who left, 0 to revenue. revenue_now: what the customers of today bring in
    the same length of time. Assumes that customers leave independently of each other and that leaving has
    little to do with size within the group: few very large customers give a wide interval. Not for customers
    bound together, such as branches of one firm: count these as one. Raises ArgumentError for a value outside
    its range, NotEnoughData where nobody was observed.

    >>> result = revenue_at_risk(customers=20, lost=3, revenue=2000, revenue_squared=200_000,
    ...                          revenue_lost=300, revenue_now=1000)
    >>> round(result.share, 2), round(result.low, 3), round(result.high, 3), round(result.at_risk)
    (0.15, 0.052, 0.36, 150)
    """
    if customers < 1:
        raise NotEnoughData("customers is 0: nobody could leave; wait for a year of sales")
    if not 0 <= lost <= customers:
        raise ArgumentError(f"lost must lie from 0 to customers ({customers}); got {lost!r}")
    fraction("confidence", confidence)
    at_least("revenue_now", revenue_now, 0)
    if at_least("revenue", revenue, 0) == 0:
        raise NotEnoughData("revenue is 0: a share of nothing does not exist")
    if not 0 <= revenue_lost <= revenue * (1 + 1e-9):
        raise ArgumentError(f"revenue_lost must lie from 0 to revenue ({revenue:g}); got {revenue_lost!r}")
    if not revenue**2 / customers * (1 - 1e-9) <= revenue_squared <= revenue**2 * (1 + 1e-9):
        raise ArgumentError(
            f"revenue_squared must lie between revenue² / customers and revenue²; got {revenue_squared!r}: "
            "check the sums"
        )
    effective = revenue**2 / revenue_squared
    share = min(1.0, revenue_lost / revenue)
    ends = proportion(x=share * effective, n=effective, confidence=confidence)
    return RevenueAtRisk(
        share=share,
        low=ends.low,
        high=ends.high,
        at_risk=share * revenue_now,
        at_risk_low=ends.low * revenue_now,
        at_risk_high=ends.high * revenue_now,
        revenue_now=revenue_now,
        customers=customers,
        lost=lost,
        effective=effective,
        confidence=confidence,
    )
