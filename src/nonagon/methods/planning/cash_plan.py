"""Cash plan: cost by month against the money there is.

Question: does the money last, and in which month does it first fall short?
Used by: step 6.
Source: the source text, step 6 (a plan must not exceed what the organization can pay).
Checked against: hand computation in the tests.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, at_least, one_of, real_array, same_length

Timing = Literal["even", "start", "finish"]


@dataclass(frozen=True, slots=True)
class CashPlan:
    """Cost and money by month, in one currency; months are counted from 0.

    balance: money left at the end of each month. first_short: the first month that ends below zero, None where
    none does. shortfall: the deepest lack of money, 0 where there is none. short_months: every month that ends
    below zero. total_cost, total_funds: over all months, funds with the opening balance.
    """

    cost: Floats
    funds: Floats
    opening: float
    balance: Floats
    first_short: int | None
    shortfall: float
    short_months: tuple[int, ...]
    total_cost: float
    total_funds: float

    def describe(self) -> str:
        """One sentence with the first month that falls short and the caveat."""
        if self.first_short is None:
            lowest = int(self.balance.argmin())
            return (
                f"The money lasts: the lowest balance is {self.balance[lowest]:,.0f} at the end of month "
                f"{lowest + 1}, if costs and funds come as planned."
            )
        return (
            f"The plan runs out of money in month {self.first_short + 1} of {self.cost.size}; at the deepest "
            f"point {self.shortfall:,.0f} are missing, if costs and funds come as planned."
        )


def cash_plan(*, cost: ArrayLike, funds: ArrayLike, opening: float = 0.0) -> CashPlan:
    """Running balance of funds less cost, with the first month that falls short.

    cost: what falls due each month, 0 or more. funds: what comes in each month; both one number a month.
    opening: money at the start; may be negative. A month ends short where the balance is below zero by more
    than a rounding error.
    Raises ArgumentError for unequal lengths or a negative cost.

    >>> plan = cash_plan(cost=[50, 70, 10], funds=[40, 40, 60], opening=20)
    >>> plan.balance.tolist(), plan.first_short, plan.shortfall
    ([10.0, -20.0, 30.0], 1, 20.0)
    """
    due = real_array("cost", cost, ndim=1)
    money = real_array("funds", funds, ndim=1)
    same_length(cost=due, funds=money)
    at_least("cost", float(due.min()), 0)
    if not np.isfinite(opening):
        raise ArgumentError(f"opening must be a finite amount; got {opening!r}")
    balance = opening + np.cumsum(money - due)
    rounding = 1e-9 * max(1.0, abs(opening), float(np.abs(money).sum()), float(due.sum()))
    short = np.flatnonzero(balance < -rounding)
    return CashPlan(
        cost=due,
        funds=money,
        opening=float(opening),
        balance=balance,
        first_short=int(short[0]) if short.size else None,
        shortfall=max(0.0, -float(balance.min())) if short.size else 0.0,
        short_months=tuple(short.tolist()),
        total_cost=float(due.sum()),
        total_funds=float(opening + money.sum()),
    )


def cost_by_month(
    *,
    start: ArrayLike,
    finish: ArrayLike,
    cost: ArrayLike,
    month_ends: ArrayLike,
    timing: Timing = "even",
) -> Floats:
    """Cost of activities spread over months.

    start, finish: days from the start of the plan, one pair an activity, finish not before start. cost:
    amount of each, 0 or more. month_ends: rising days at which months end; the first month begins at day 0
    and the last one must not end before the last activity. timing: "even" spreads the cost over the activity's
    days, "start" and "finish" put it into the month of that day (a day on a month's end belongs to the month
    that ends, day 0 to the first).
    Raises ArgumentError for values outside their range.

    >>> cost_by_month(start=[0, 15], finish=[30, 45], cost=[30, 30], month_ends=[30, 60]).tolist()
    [45.0, 15.0]
    """
    one_of("timing", timing, ("even", "start", "finish"))
    begin, end = real_array("start", start, ndim=1), real_array("finish", finish, ndim=1)
    amount, edges = real_array("cost", cost, ndim=1), real_array("month_ends", month_ends, ndim=1)
    same_length(start=begin, finish=end, cost=amount)
    at_least("start", float(begin.min()), 0)
    at_least("cost", float(amount.min()), 0)
    if (end < begin).any():
        late = int(np.flatnonzero(end < begin)[0])
        raise ArgumentError(f"finish must not be before start; got {begin[late]:g} to {end[late]:g}")
    if edges[0] <= 0 or (np.diff(edges) <= 0).any() or edges[-1] < end.max():
        raise ArgumentError(
            f"month_ends must rise from above 0 to the last finish (day {end.max():g}) or later; "
            f"got {month_ends!r}"
        )
    moment = begin if timing == "start" else end
    at_once = np.bincount(np.searchsorted(edges, moment), weights=amount, minlength=edges.size).astype(np.float64)
    if timing != "even":
        return at_once
    # Share of each activity that is done by each month's end; one of hardly any length is done at once.
    length = (end - begin)[:, None]
    lasts = length > 1e-6
    done = np.clip((edges - begin[:, None]) / np.where(lasts, length, 1), 0, 1)
    done = np.where(lasts, done, edges >= end[:, None])
    spent: Floats = np.diff(amount @ done, prepend=0.0)
    return spent
