"""Step 9 hands on: what the cycle brought, in satisfaction and in sales, and what the next cycle starts from."""

from datetime import date
from typing import Literal

from nonagon.deliverables.evidence import Deliverable, Estimate, Number, Value


class MeasurePoint(Value):
    """One measure in one wave."""

    wave: str
    value: Estimate


class Measure(Value):
    """NPS, CSAT or the index over the waves; change: latest wave minus the one before; by_class: latest wave."""

    id: Literal["nps", "csat", "index"]
    name: str
    points: tuple[MeasurePoint, ...]
    change: Estimate | None = None
    by_class: tuple[tuple[str, Estimate], ...] = ()


class SeriesPoint(Value):
    """One period of an effect's series, with what the series before the start would have led to."""

    period: date
    observed: Number
    expected: Number | None = None


class Effect(Value):
    """What one improvement did to one outcome, by the design that was decided before the start.

    effect: in points of the item, or as a share of sales; placebo: the same at a date on which nothing
    happened; negative: the same on an item that it cannot have changed; adjusted: the effect on those who
    answered before, leavers taken into account (without a control their change); leavers: what leaving alone
    did to the mean of those who got it; shown: beyond chance, and none of these speaks against it.
    """

    id: str
    improvement: str
    project: str | None = None
    need: str | None = None
    outcome: Literal["satisfaction", "sales"]
    design: str
    start: date
    designed_before: bool | None = None
    effect: Estimate
    placebo: Estimate | None = None
    negative: Estimate | None = None
    adjusted: Estimate | None = None
    leavers: Estimate | None = None
    shown: bool
    sentence: str
    detectable: Estimate | None = None
    series: tuple[SeriesPoint, ...] = ()
    unit: str = ""
    expected: Number | None = None


class SalesPeriod(Value):
    """Our sales in one quarter, named by its first day; returning: share who bought again in the next."""

    period: date
    revenue: Number
    orders: int
    customers: int
    returning: Estimate | None = None


class Benefit(Value):
    """Benefit of one project against the business plan, a year; realised with its interval."""

    project: str
    name: str
    planned: Number
    realised: Estimate
    verdict: Literal["reached", "not_reached", "not_shown"]
    sentence: str


class BenefitTotal(Value):
    """All projects together, a year; unknown: projects whose benefit is not known, so that nothing is shown."""

    planned: Number
    realised: Estimate
    projects: int
    unknown: int
    verdict: Literal["reached", "not_reached", "not_shown"]
    sentence: str


class ObjectiveCheck(Value):
    """One objective of the charter or of the organization against what the cycle measures of it.

    reached: where it stands now, None where no number of the deliverables measures it; by: what measured it.
    """

    statement: str
    owner: Literal["charter", "organization"]
    measure: str = ""
    baseline: Number | None = None
    target: Number | None = None
    due: date | None = None
    reached: Estimate | None = None
    by: str = ""
    verdict: Literal["reached", "not_reached", "not_shown", "not_measured"]


class Carried(Value):
    """What stays open for the next cycle. decided: people wrote it down; else it is proposed from the evidence."""

    need: str
    name: str
    reason: str
    decided: bool


class ResultsDeliverable(Deliverable):
    """Step 9's deliverable: measures, effects, sales, benefit, and what is carried into the next cycle."""

    step: int = 9
    measures: tuple[Measure, ...] = ()
    effects: tuple[Effect, ...] = ()
    quarters: tuple[SalesPeriod, ...] = ()
    repeat_rate: Estimate | None = None
    share: Estimate | None = None
    benefits: tuple[Benefit, ...] = ()
    benefit_total: BenefitTotal | None = None
    objectives: tuple[ObjectiveCheck, ...] = ()
    open_needs: tuple[Carried, ...] = ()
    carried: tuple[str, ...] = ()
