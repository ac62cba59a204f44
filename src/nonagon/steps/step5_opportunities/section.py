"""Step 5's section: scores from the lowest up with their ties, other priorities, charter, business plan."""

import re

from nonagon.charts.bars import Bar, intervals
from nonagon.charts.lines import Point, trend
from nonagon.charts.maps import Place, importance_performance
from nonagon.charts.section import Block, Chart, Column, Figure, Figures, Heading, Paragraph, Section, Table
from nonagon.charts.wording import amount, chance, estimate, measured, number, percent
from nonagon.deliverables.step5 import OpportunitiesDeliverable, Opportunity, UpgradeReview
from nonagon.steps.step5_opportunities.analysis.findings import apart_words
from nonagon.steps.step5_opportunities.decisions import Step5Decisions

SHARE = re.compile(r"\bshare\b", re.IGNORECASE)
KINDS = {"stated": "stated", "derived": "derived", "frequency": "how often said", "decided": "decided"}
VERDICTS = {"better": "better", "worse": "worse", "not_shown": "not shown"}


def section(deliverable: OpportunitiesDeliverable, decisions: Step5Decisions) -> Section:
    """The section of the report, and later of the page."""
    blocks: list[Block] = [_figures(deliverable)]
    if any(one.rank is not None for one in deliverable.opportunities):
        blocks.append(_scores(deliverable))
    if deliverable.opportunities:
        blocks += [_order(deliverable), _decided(deliverable)]
    if len(deliverable.spread_by_wave) > 1:
        blocks.append(_spreads(deliverable))
    if deliverable.cross_importance is not None and deliverable.cross_performance is not None:
        blocks.append(_map(deliverable, (deliverable.cross_importance, deliverable.cross_performance)))
    if deliverable.methods:
        blocks.append(_methods(deliverable))
    for review in deliverable.look_back:
        if review.changes:
            blocks.append(_look_back(review, deliverable))
    blocks += _charter(deliverable, decisions)
    if deliverable.objectives or deliverable.plan:
        blocks += [Heading("Business plan"), _objectives(deliverable)]
    if deliverable.plan:
        blocks.append(_plan(deliverable))
    return Section(
        step=5,
        title="Select and prioritize opportunities",
        purpose="What to improve first: the lowest score, how sure it is the lowest, and who takes it up.",
        blocks=tuple(blocks),
    )


def _figures(deliverable: OpportunitiesDeliverable) -> Figures:
    first = next((one for one in deliverable.opportunities if one.rank is not None and one.actionable), None)
    figures = []
    if first is not None:
        figures.append(
            Figure(
                f"Lowest score{apart_words(deliverable)}",
                estimate(first.score),
                first.name,
                first.score.origin if first.score else "",
            )
        )
        if first.chance_lowest is not None:
            rivals = len(deliverable.may_be_lowest) - 1
            figures.append(
                Figure(
                    "Chance that it is the lowest",
                    chance(first.chance_lowest.value),
                    f"{rivals} cannot be told apart from it" if rivals > 0 else "told apart from all others",
                    "ranks",
                )
            )
    if deliverable.spread is not None:
        observed = f"{number(deliverable.spread_observed)} as observed" if deliverable.spread_observed else ""
        figures.append(Figure("Highest less lowest", estimate(deliverable.spread), observed, "spread"))
    if deliverable.narrowing is not None:
        figures.append(
            Figure(
                "Narrowed since the first wave",
                estimate(deliverable.narrowing),
                "below 0: widened",
                deliverable.narrowing.origin,
            )
        )
    chosen = sum(one.chosen for one in deliverable.opportunities)
    figures.append(Figure("Chosen", f"{chosen} of {len(deliverable.opportunities)}", "opportunities taken up"))
    return Figures(tuple(figures))


def _scores(deliverable: OpportunitiesDeliverable) -> Chart:
    letters = _letters(deliverable)
    return intervals(
        [
            Bar(
                label=one.name if one.actionable else f"{one.name} (set apart)",
                value=one.score.value if one.score else None,
                low=one.score.low if one.score else None,
                high=one.score.high if one.score else None,
                group=letters.get(one.id, ""),
                detail="" if one.actionable else one.why_not,
            )
            for one in deliverable.opportunities
            if one.rank is not None
        ],
        title="Scores from the lowest up",
        x="score (higher is better)",
        origin="ranks",
    )


def _letters(deliverable: OpportunitiesDeliverable) -> dict[str, str]:
    """The letters of the ties that an opportunity stands in, such as AB."""
    found: dict[str, str] = {}
    for position, run in enumerate(deliverable.ties):
        for one in run:
            found[one] = found.get(one, "") + chr(ord("A") + position % 26)
    return found


def _order(deliverable: OpportunitiesDeliverable) -> Table:
    return Table(
        caption="Opportunities, lowest score first",
        columns=(
            ("opportunity", "text"),
            ("score", "number"),
            ("gap to best", "number"),
            ("place", "number"),
            ("may be", "text"),
            ("chance lowest", "number"),
        ),
        rows=tuple(
            (
                one.name,
                estimate(one.score) or "not rated",
                number(one.gap_to_best),
                "" if one.rank is None else str(one.rank),
                _places(one),
                chance(one.chance_lowest.value) if one.chance_lowest else "",
            )
            for one in deliverable.opportunities
        ),
        note=f"Scores on {deliverable.scale}." if deliverable.scale else "",
        origin="ranks",
    )


def _decided(deliverable: OpportunitiesDeliverable) -> Table:
    kano: tuple[Column, ...] = (("Kano", "text"),) if any(one.kano for one in deliverable.opportunities) else ()
    kinds = {one.importance_kind for one in deliverable.opportunities if one.importance is not None}
    return Table(
        caption="What else speaks for each, and what was decided",
        columns=(
            ("opportunity", "text"),
            ("importance", "number"),
            ("opportunity score", "number"),
            *kano,
            ("decision", "text"),
        ),
        rows=tuple(
            (
                one.name,
                _importance(one, named=len(kinds) > 1),
                number(one.opportunity_score.value, digits=1) if one.opportunity_score else "",
                *([one.kano or ""] if kano else []),
                _state(one.chosen, one.reason, one.actionable, one.why_not),
            )
            for one in deliverable.opportunities
        ),
        origin="opportunity" if "opportunity" in deliverable.origins else "",
    )


def _importance(one: Opportunity, *, named: bool) -> str:
    """The importance; with its kind where the needs have several, which cannot be compared."""
    kind = KINDS.get(one.importance_kind, "")
    return f"{estimate(one.importance)}, {kind}" if named and one.importance and kind else estimate(one.importance)


def _places(one: Opportunity) -> str:
    if one.rank_low is None:
        return ""
    return str(one.rank_low) if one.rank_low == one.rank_high else f"{one.rank_low} to {one.rank_high}"


def _state(chosen: bool, reason: str, actionable: bool, why_not: str) -> str:
    if not actionable:
        return f"set apart: {why_not or 'no reason recorded'}"
    word = "chosen" if chosen else "not chosen"
    return f"{word}: {reason}" if reason else word


def _spreads(deliverable: OpportunitiesDeliverable) -> Chart:
    waves = deliverable.spread_by_wave
    return trend(
        {
            "corrected": [Point(one.wave, one.spread.value, one.spread.low, one.spread.high) for one in waves],
            "as observed": [Point(one.wave, one.observed) for one in waves],
        },
        title="Highest less lowest score, wave by wave",
        x="wave",
        y="points",
        origin="spread",
    )


def _map(deliverable: OpportunitiesDeliverable, centre: tuple[float, float]) -> Chart:
    places = [
        Place(
            label=one.name,
            x=one.importance.value,
            y=one.compared,
            group=one.quadrant,
        )
        for one in deliverable.opportunities
        if one.quadrant and one.importance and one.importance.value is not None and one.compared is not None
    ]
    return importance_performance(
        places, centre=centre, title="Importance and performance of the needs", origin="map"
    )


def _methods(deliverable: OpportunitiesDeliverable) -> Table:
    names = {one.id: one.name for one in deliverable.opportunities}
    most = min(4, max((len(one.order) for one in deliverable.methods), default=0))
    return Table(
        caption="Several ways of setting priorities side by side",
        columns=(
            ("method", "text"),
            *[(f"place {place}", "text") for place in range(1, most + 1)],
            ("chance that its first stays first", "number"),
        ),
        rows=tuple(
            (
                one.title,
                *[names[one.order[place]] if place < len(one.order) else "" for place in range(most)],
                chance(one.chance_first.value) if one.chance_first else "",
            )
            for one in deliverable.methods
        ),
        note="The chance is how often the first would come first again if the survey were taken again.",
        origin="opportunity" if "opportunity" in deliverable.origins else "ranks",
    )


def _look_back(review: UpgradeReview, deliverable: OpportunitiesDeliverable) -> Table:
    names = {one.need: one.name for one in deliverable.opportunities}
    return Table(
        caption=f"Looking back at “{review.name}” ({review.on}): wave {review.wave_before} to {review.wave_after}",
        columns=(
            ("need", "text"),
            ("before", "number"),
            ("after", "number"),
            ("difference", "number"),
            ("verdict", "text"),
        ),
        rows=tuple(
            (
                names.get(change.need, change.need),
                estimate(change.before),
                estimate(change.after),
                estimate(change.difference),
                VERDICTS[change.verdict],
            )
            for change in review.changes
        ),
        note="Other causes than the upgrade are not excluded; verdicts are adjusted for the number of needs.",
        origin=f"look_back.{review.id}",
    )


def _approved(decisions: Step5Decisions) -> str:
    charter = decisions.charter
    said = f"{charter.approved_by} {charter.approved_on or ''}".strip()
    return f"{said}; changed since" if decisions.changed_since_approval else said


def _charter(deliverable: OpportunitiesDeliverable, decisions: Step5Decisions) -> list[Block]:
    charter = decisions.charter
    if not charter.title and not charter.mission:
        return []
    operating = charter.operating
    members = ", ".join(
        one.role + (f" ({percent(one.share_of_time, digits=0)})" if one.share_of_time is not None else "")
        for one in charter.members
    )
    rows = (
        ("version", charter.version),
        ("approved", _approved(decisions)),
        ("mission", charter.mission),
        ("sponsor", charter.sponsor),
        ("members and share of time", members),
        ("authority", operating.authority),
        ("budget", amount(operating.budget)),
        ("meetings", operating.meetings),
        ("decision rule", operating.decision_rule),
        ("escalation", operating.escalation),
        ("confidentiality", operating.confidentiality),
        ("in scope", ", ".join(charter.scope_in)),
        ("out of scope", ", ".join(charter.scope_out)),
        ("dates", f"{charter.start or '?'} to {charter.end or '?'}"),
    )
    blocks: list[Block] = [
        Heading(f"Team charter: {charter.title}" if charter.title else "Team charter"),
        Table(
            caption=f"Charter, {deliverable.charter.filled} of {deliverable.charter.fields} fields filled in",
            columns=(("field", "text"), ("what is agreed", "text")),
            rows=tuple((name, value or "missing") for name, value in rows),
        ),
    ]
    if charter.objectives:
        blocks.append(
            Table(
                caption="Objectives of the charter",
                columns=(
                    ("objective", "text"),
                    ("measure", "text"),
                    ("baseline", "number"),
                    ("target", "number"),
                    ("by", "text"),
                ),
                rows=tuple(
                    (
                        one.statement,
                        one.measure,
                        goal(one.baseline, one.measure),
                        goal(one.target, one.measure),
                        str(one.due or ""),
                    )
                    for one in charter.objectives
                ),
            )
        )
    if deliverable.charter.missing:
        blocks.append(Paragraph(f"Missing: {', '.join(deliverable.charter.missing)}.", tone="warning"))
    return blocks


def goal(value: float | None, measure: str) -> str:
    """A baseline or a target in the words of its measure: in percent where that is a share.

    >>> goal(0.013, "share of trips cancelled"), goal(6, "mean delay, minutes")
    ('1.3\u202f%', '6')
    """
    share = value is not None and abs(value) <= 1 and SHARE.search(measure) is not None
    return measured(value, "share" if share else "")


def _objectives(deliverable: OpportunitiesDeliverable) -> Table:
    names = {one.id: one.name for one in deliverable.opportunities}
    serving = {
        aim.id: ", ".join(
            names.get(line.opportunity, line.opportunity) for line in deliverable.plan if line.objective == aim.id
        )
        for aim in deliverable.objectives
    }
    return Table(
        caption="Strategic objectives and the opportunities that serve them",
        columns=(
            ("objective", "text"),
            ("measure", "text"),
            ("baseline", "number"),
            ("target", "number"),
            ("by", "text"),
            ("served by", "text"),
        ),
        rows=tuple(
            (
                aim.name,
                aim.measure,
                goal(aim.baseline, aim.measure),
                goal(aim.target, aim.measure),
                str(aim.due or ""),
                serving[aim.id] or "nothing",
            )
            for aim in deliverable.objectives
        ),
    )


def _plan(deliverable: OpportunitiesDeliverable) -> Table:
    names = {one.id: one.name for one in deliverable.opportunities}
    goals = {goal.id: goal.name for goal in deliverable.objectives}
    total = sum(line.budget or 0 for line in deliverable.plan)
    whole = "" if deliverable.plan_budget is None else f" of {amount(deliverable.plan_budget)}"
    return Table(
        caption="Benefit and budget",
        columns=(
            ("opportunity", "text"),
            ("objective", "text"),
            ("benefit a year", "number"),
            ("budget", "number"),
            ("how reckoned", "text"),
        ),
        rows=tuple(
            (
                names.get(line.opportunity, line.opportunity),
                goals.get(line.objective, line.objective),
                estimate(line.benefit, digits=0),
                amount(line.budget),
                line.note,
            )
            for line in deliverable.plan
        ),
        note=f"Budgets add up to {amount(total)}{whole}; low and high benefits are people's bounds.",
        origin="plan",
    )
