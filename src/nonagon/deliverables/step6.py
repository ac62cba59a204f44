"""Step 6 hands on: what will be done, when, for how much, and what is left out and why."""

from datetime import date
from typing import Literal

from nonagon.deliverables.evidence import Deliverable, Estimate, Number, Value


class Project(Value):
    """One project: serves an opportunity, costs and brings money, is in the portfolio or is out for a reason.

    benefit: a year, low and high being people's bounds; npv: net present value, its interval from drawing the
    benefit between those bounds; selected: it is in the plan (people's choice where they made one); best: it
    is in the best portfolio under the budget; reason: why it is in or out. start and finish: of its
    activities. outside: what an outside party still lacks ("" where carried out in-house or complete).
    """

    id: str
    name: str
    opportunity: str
    cost: Number
    benefit: Estimate | None = None
    npv: Estimate | None = None
    selected: bool = False
    reason: str = ""
    best: bool = False
    cost_actual: Number | None = None
    chance_of_loss: Estimate | None = None
    payback_years: Number | None = None
    years: int = 0
    start: date | None = None
    finish: date | None = None
    requires: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    in_house: bool = True
    outside_party: str = ""
    outside_reason: str = ""
    leak_risk_accepted: bool = False
    expires: date | None = None
    outside: str = ""


class Activity(Value):
    """One activity with its place in the plan; days are calendar days from the plan's start.

    finish: the day on which it is finished (the start's day for a milestone); owner: a role; late_days: how much
    later than planned it was done, negative for earlier.
    """

    id: str
    project: str
    name: str
    start: date | None = None
    finish: date | None = None
    slack_days: Number | None = None
    critical: bool = False
    cost: Number = 0
    characteristics: tuple[str, ...] = ()
    kind: str = "other"
    owner: str = ""
    duration_days: Number = 0
    after: tuple[str, ...] = ()
    cost_actual: Number | None = None
    status: Literal["planned", "under_way", "done", "dropped"] = "planned"
    done_on: date | None = None
    share_done: Number | None = None
    late_days: int | None = None


class PlanMonth(Value):
    """One month of the plan: planned cost, money that becomes free, and what is left at its end.

    cost: what was spent by activities that are done and say so, else as planned; the balance is reckoned with
    it. finished: all that falls due up to the month's end is done and its cost known. short: a month that is
    not finished ends below zero.
    """

    month: str
    planned: Number
    cost: Number
    finished: bool = False
    funds: Number
    balance: Number
    short: bool = False


class Portfolio(Value):
    """A set of projects under the budget. value: sum of net present values."""

    kind: Literal["best", "decided", "by_ratio"]
    projects: tuple[str, ...]
    cost: Number
    value: Number


class SequencedProject(Value):
    """When a project can start so that the money never runs out; month None: not within the plan's months."""

    project: str
    month: str | None
    reason: str = ""


class LeakShare(Value):
    """Documents of the plan with outsiders: people x documents x days."""

    party: str
    project: str | None = None
    people: int
    documents: int
    days: int
    exposure: Number


class ImprovementsDeliverable(Deliverable):
    """Step 6's deliverable. Later steps read `projects` and `activities`.

    months: planned cost of the selected projects against the funds; short_month: the first month, of those not
    finished, that ends below zero; critical_path: one longest chain of activities; value: net present value of the
    selected projects.
    sequence: start months with which the money never runs out; sequence_value: what that order is worth within its
    horizon, sequence_by_ratio: what starting by worth for money would be; sequence_short: chance of running short.
    leak_exposure: outsiders x documents x days. unserved: names of chosen opportunities without a selected
    project; unchosen: names of selected projects that serve no chosen opportunity; both only where step 5's
    opportunities are known.
    """

    step: int = 6
    projects: tuple[Project, ...] = ()
    activities: tuple[Activity, ...] = ()
    start: date | None = None
    finish: date | None = None
    days: Number | None = None
    critical_path: tuple[str, ...] = ()
    months: tuple[PlanMonth, ...] = ()
    short_month: str | None = None
    shortfall: Number | None = None
    budget: Number | None = None
    portfolios: tuple[Portfolio, ...] = ()
    value: Estimate | None = None
    sequence: tuple[SequencedProject, ...] = ()
    sequence_value: Estimate | None = None
    sequence_by_ratio: Number | None = None
    sequence_short: Estimate | None = None
    shares: tuple[LeakShare, ...] = ()
    leak_exposure: Estimate | None = None
    unserved: tuple[str, ...] = ()
    unchosen: tuple[str, ...] = ()
    opportunities_known: bool = False
    currency: str = ""
    planned_cost: Number | None = None
    actual_cost: Number | None = None
