"""Step 8 hands on: how the improved product sells, what customers say after the sale, and early warnings."""

from datetime import date

from nonagon.deliverables.evidence import Deliverable, Estimate, Number, Value


class VersionSales(Value):
    """Sales of one version of the product, in one class or in all (class_id None).

    per_day: revenue a day between the version's first and last sale.
    """

    version: str
    class_id: str | None = None
    class_name: str = ""
    first: date
    last: date
    orders: int
    customers: int
    revenue: Number
    per_day: Number


class PeriodSales(Value):
    """Our sales in one calendar month, named by its first day."""

    month: date
    version: str
    orders: int
    revenue: Number


class PerceptionPoint(Value):
    """One item in one wave."""

    wave: str
    score: Estimate


class Perception(Value):
    """One item over the waves; change: latest wave minus the one before it."""

    item: str
    text: str
    points: tuple[PerceptionPoint, ...]
    change: Estimate | None = None


class Count(Value):
    """How many cases, under one word."""

    label: str
    cases: int


class CaseSummary(Value):
    """Cases by age and outcome. acknowledged, closed_in_time: shares that kept the promised days, of the cases
    for which that is decided; satisfied: share of customers satisfied with the handling, of those asked;
    median_days: from opening to closing, open cases counted as not yet closed."""

    opened: int
    open: int
    ages: tuple[Count, ...] = ()
    outcomes: tuple[Count, ...] = ()
    kinds: tuple[Count, ...] = ()
    causes: tuple[Count, ...] = ()
    needs: tuple[Count, ...] = ()
    acknowledged: Estimate | None = None
    closed_in_time: Estimate | None = None
    satisfied: Estimate | None = None
    median_days: Estimate | None = None
    overdue: tuple[str, ...] = ()
    without_cause: int = 0
    acknowledge_days: int = 0
    close_days: int = 0


class WatchDay(Value):
    """One day of a watch: answers so far, their mean, and the evidence against "no fall"."""

    day: date
    answers: int
    mean: Number
    evidence: Number


class Warning(Value):  # noqa: A001  (the field's word)
    """What the sequential test says of one series: since when, how strongly, in one sentence.

    baseline: what a fall is measured against; threshold: the evidence at which a warning is raised;
    in_control: whether the process that should hold it up is in control (headline 10).
    """

    id: str
    item: str
    text: str = ""
    need: str | None = None
    control_item: str | None = None
    control_name: str = ""
    raised: bool
    on: date | None = None
    sentence: str
    baseline: Estimate | None = None
    level: Estimate | None = None
    threshold: Number | None = None
    days: tuple[WatchDay, ...] = ()
    in_control: bool | None = None
    responder: str = ""
    reaction: str = ""
    origin: str = ""


class ProcessLink(Value):
    """A characteristic's series beside the customers' series of the need that it serves.

    lag: periods by which perception follows the process; shown: beyond chance.
    """

    control_item: str
    item: str
    need: str
    lag: Estimate
    shown: bool
    sentence: str


class Returned(Value):
    """You said, we did: who spoke of a need, and whether they were told what became of it."""

    need: str
    need_name: str
    activity: str
    message: str
    speakers: int | None
    told: int | None
    told_on: date | None


class FollowUp(Value):
    """One follow-up programme and what came of it."""

    id: str
    name: str
    days_after: int
    items: tuple[str, ...] = ()
    cases: int = 0
    answers: int = 0


class AftersalesDeliverable(Deliverable):
    """Step 8's deliverable. Later steps read `warnings` and `versions`."""

    step: int = 8
    as_of: date | None = None
    versions: tuple[VersionSales, ...] = ()
    months: tuple[PeriodSales, ...] = ()
    perceptions: tuple[Perception, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    cases: CaseSummary | None = None
    warnings: tuple[Warning, ...] = ()
    process_links: tuple[ProcessLink, ...] = ()
    returned: tuple[Returned, ...] = ()
