"""What each project costs and is worth."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nonagon.charts.wording import percent
from nonagon.deliverables.estimates import estimate_of
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.methods.planning.three_point_npv import three_point_npv, three_point_sum
from nonagon.steps.step6_improvements.decisions import ProjectDecision, Step6Decisions


@dataclass(frozen=True, slots=True)
class Worth:
    """A project's cost, benefit and net present value; points: low, likely and high benefit a year."""

    cost: float
    cost_actual: float | None
    points: tuple[float, float, float] | None
    benefit: Estimate | None
    npv: Estimate | None
    chance_of_loss: Estimate | None
    payback_years: float | None

    @property
    def value(self) -> float | None:
        """The expected net present value, where a benefit was stated."""
        return None if self.npv is None else self.npv.value


def valued(record: Record, decisions: Step6Decisions) -> dict[str, Worth]:
    """Every project's worth, by id."""
    values = {one.id: _worth(record, one, decisions) for one in decisions.projects}
    silent = [one.id for one in decisions.projects if values[one.id].points is None]
    if silent:
        record.lack(
            f"the net present value of {', '.join(silent)}",
            "benefit_likely (with benefit_low and benefit_high for the interval) in projects.csv",
        )
    return values


def together(
    record: Record, decisions: Step6Decisions, values: Mapping[str, Worth], selected: Iterable[str]
) -> Estimate | None:
    """The net present value of the selected projects; None where none was valued."""
    known = {
        one.id: (values[one.id], one.years)
        for one in decisions.projects
        if one.id in set(selected) and values[one.id].points is not None
    }
    if not known:
        return None
    settings, currency = record.cycle.settings, record.cycle.currency
    found = three_point_sum(
        costs={name: worth.cost for name, (worth, _) in known.items()},
        benefits={name: worth.points for name, (worth, _) in known.items() if worth.points is not None},
        years={name: years for name, (_, years) in known.items()},
        rate=decisions.discount_rate,
        confidence=settings.confidence,
        draws=settings.draws,
        seed=settings.seed,
    )
    key = record.origin(
        "value",
        (),
        "nonagon.methods.planning.three_point_npv",
        variant=f"sum of projects, discounted at {percent(decisions.discount_rate)} a year",
        assumptions=("the projects' benefits err independently of each other",),
    )
    ranged = all(_ranged(worth.points) for worth, _ in known.values())
    if not ranged:
        return Estimate(value=found.mean, n=len(known), unit=currency, origin=key)
    return estimate_of(found.mean, found, n=len(known), unit=currency, origin=key)


def _worth(record: Record, one: ProjectDecision, decisions: Step6Decisions) -> Worth:
    activities = [
        activity
        for activity in decisions.activities
        if activity.project == one.id and activity.status != "dropped"
    ]
    cost = sum(activity.cost for activity in activities) if one.cost is None else one.cost
    spent = [activity.cost_actual for activity in activities if activity.cost_actual is not None]
    points = _points(one)
    bare = Worth(cost, sum(spent) if spent else None, points, None, None, None, None)
    return bare if points is None else _with_value(record, bare, points, one, decisions)


def _points(one: ProjectDecision) -> tuple[float, float, float] | None:
    """Low, likely and high; the likely one stands for bounds that were not given."""
    likely = one.benefit_likely
    if likely is None and one.benefit_low is not None and one.benefit_high is not None:
        likely = (one.benefit_low + one.benefit_high) / 2
    if likely is None:
        return None
    low = likely if one.benefit_low is None else one.benefit_low
    high = likely if one.benefit_high is None else one.benefit_high
    return low, likely, high


def _ranged(points: tuple[float, float, float] | None) -> bool:
    return points is not None and points[0] < points[2]


def _with_value(
    record: Record,
    bare: Worth,
    points: tuple[float, float, float],
    one: ProjectDecision,
    decisions: Step6Decisions,
) -> Worth:
    record.decided("benefit", "decisions/step6.toml: projects", variant="people's bounds, a year")
    record.origin(
        "npv",
        (),
        "nonagon.methods.planning.three_point_npv",
        variant=f"discounted at {percent(decisions.discount_rate)} a year",
        assumptions=(
            "the cost is spent at the start, the benefit comes at the end of each year",
            "the benefit follows a beta distribution between people's bounds",
        ),
    )
    low, likely, high = points
    found = three_point_npv(
        cost=bare.cost,
        low=low,
        likely=likely,
        high=high,
        years=one.years,
        rate=decisions.discount_rate,
        confidence=record.cycle.settings.confidence,
    )
    ranged, currency = _ranged(points), record.cycle.currency
    return Worth(
        cost=bare.cost,
        cost_actual=bare.cost_actual,
        points=points,
        benefit=Estimate(
            value=likely,
            low=low if ranged else None,
            high=high if ranged else None,
            unit=currency,
            origin="benefit",
        ),
        npv=estimate_of(found.mean, found, unit=currency, origin="npv")
        if ranged
        else Estimate(value=found.mean, unit=currency, origin="npv"),
        chance_of_loss=Estimate(value=found.p_loss, unit="share", origin="npv")
        if ranged
        else Estimate(why="no low and high benefit given", origin="npv"),
        payback_years=found.payback_years,
    )
