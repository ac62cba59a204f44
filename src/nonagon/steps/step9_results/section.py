"""Step 9's section: the measure over waves, the effect of each improvement, sales, benefit, what is carried on."""

from nonagon.charts.bars import Bar, intervals
from nonagon.charts.lines import Point, before_after, trend
from nonagon.charts.section import Block, Chart, Figure, Figures, Heading, Paragraph, Section, Table
from nonagon.charts.wording import THIN, amount, estimate, number, plural, short
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.step9 import Effect, Measure, ObjectiveCheck, ResultsDeliverable
from nonagon.steps.step9_results.decisions import Step9Decisions

VERDICTS = {
    "reached": "reached",
    "not_reached": "not reached",
    "not_shown": "not shown",
    "not_measured": "not measured",
}


def section(deliverable: ResultsDeliverable, decisions: Step9Decisions) -> Section:
    """The section of the report, and later of the page."""
    blocks: list[Block] = [_figures(deliverable)]
    for one in deliverable.measures:
        blocks += _measure(one)
    if deliverable.effects:
        blocks += [Heading("Effect of each improvement"), _effects(deliverable.effects)]
        for effect in deliverable.effects:
            blocks += _effect(effect)
    if deliverable.quarters:
        blocks += [Heading("Sales"), _sales(deliverable)]
    if deliverable.benefits:
        blocks.append(_benefits(deliverable))
    if deliverable.objectives:
        blocks += [Heading("Objectives"), _objectives(deliverable.objectives)]
    if deliverable.open_needs:
        blocks += [Heading("What the next cycle starts from"), _carried(deliverable)]
    if decisions.review:
        blocks.append(_review(decisions))
    return Section(
        step=9,
        title="Assess results",
        purpose="What the cycle did to satisfaction and to sales, and what the next cycle starts from.",
        blocks=tuple(blocks),
    )


def _figures(deliverable: ResultsDeliverable) -> Figures:
    figures = [
        Figure(one.name, _short(one.points[-1].value), _wave(one.points[-1].wave), one.points[-1].value.origin)
        for one in deliverable.measures
        if one.points
    ]
    for label, value in (("Repeat rate", deliverable.repeat_rate), ("Share of the market", deliverable.share)):
        if value is not None:
            figures.append(Figure(label, _short(value), "", value.origin))
    return Figures(tuple(figures))


def _wave(wave: str) -> str:
    """The wave in words; answers without one are all of them."""
    return f"wave {wave}" if wave else "all answers"


def _short(value: Estimate) -> str:
    return estimate(value, digits=1)


def _measure(one: Measure) -> list[Block]:
    share = any(point.value.unit == "share" for point in one.points)
    scale = 100.0 if share else 1.0
    points = [
        Point(
            point.wave or "all answers",
            _times(point.value.value, scale),
            _times(point.value.low, scale),
            _times(point.value.high, scale),
        )
        for point in one.points
    ]
    origin = one.points[-1].value.origin
    drawn = trend(
        {one.name: points},
        title=f"{one.name}, by wave",
        x="wave",
        y="%" if share else "points",
        digits=1,
        origin=origin,
    )
    blocks: list[Block] = [drawn]
    if one.by_class:
        bars = [
            Bar(name, value.value, value.low, value.high, detail=value.why if value.value is None else "")
            for name, value in one.by_class
        ]
        blocks.append(
            intervals(
                bars,
                title=f"{one.name} by class, latest wave",
                x="share" if share else "points",
                digits=1,
                share=share,
                origin=origin,
            )
        )
    return blocks


def _times(value: float | None, scale: float) -> float | None:
    return None if value is None else scale * value


def _effects(effects: tuple[Effect, ...]) -> Table:
    return Table(
        caption="Effects, each by the design that was decided",
        columns=(
            ("improvement", "text"),
            ("on", "text"),
            ("design", "text"),
            ("effect", "number"),
            ("plan counts on", "number"),
            ("when nothing was changed (placebo)", "number"),
            ("on what it cannot change", "number"),
            ("leavers taken into account", "number"),
            ("", "text"),
        ),
        rows=tuple(
            (
                one.improvement,
                one.outcome,
                one.design,
                estimate(one.effect, sign=True),
                _counted_on(one),
                estimate(one.placebo, sign=True),
                estimate(one.negative, sign=True),
                estimate(one.adjusted, sign=True),
                "shown" if one.shown else "not shown",
            )
            for one in effects
        ),
        note="Effects on satisfaction are in points of the item's scale, effects on sales in percent.",
    )


def _counted_on(effect: Effect) -> str:
    unit = "share" if effect.outcome == "sales" else "points"
    return "" if effect.expected is None else estimate(Estimate(value=effect.expected, unit=unit), sign=True)


def _effect(effect: Effect) -> list[Block]:
    blocks: list[Block] = [Paragraph(effect.sentence)]
    if effect.leavers is not None and effect.leavers.value is not None:
        text = (
            f"Leaving alone moved the mean of those who got it by {number(effect.leavers.value)} points: "
            f"{number(effect.leavers.n, digits=0)} did not answer again."
        )
        blocks.append(Paragraph(text, "quiet"))
    if effect.series:
        blocks.append(_series(effect))
    return blocks


def _series(effect: Effect) -> Chart:
    observed = [Point(one.period, one.observed) for one in effect.series]
    expected = [Point(one.period, one.expected) for one in effect.series if one.expected is not None]
    on_sales = effect.outcome == "sales"
    y = "revenue, or its ratio" if on_sales else "mean score"
    title = f"{effect.improvement}: {'sales' if on_sales else 'satisfaction'} by {effect.unit}"
    # Money in whole units, ratios and scores with decimals.
    digits = 0 if on_sales and max(one.observed for one in effect.series) >= 100 else 2
    if not expected:
        return trend(
            {"those who got it": observed},
            title=title,
            x=effect.unit,
            y=y,
            digits=digits,
            marks=[(effect.start, "start")],
            origin=effect.effect.origin,
        )
    return before_after(
        observed,
        expected,
        start=effect.start,
        title=title,
        x=effect.unit,
        y=y,
        digits=digits,
        origin=effect.effect.origin,
    )


def _sales(deliverable: ResultsDeliverable) -> Table:
    return Table(
        caption="Our sales by quarter",
        columns=(
            ("quarter from", "text"),
            ("revenue", "number"),
            ("orders", "number"),
            ("customers", "number"),
            ("bought again in the next", "number"),
        ),
        rows=tuple(
            (
                str(one.period),
                amount(one.revenue),
                number(one.orders, digits=0),
                number(one.customers, digits=0),
                estimate(one.returning),
            )
            for one in deliverable.quarters
        ),
        note="The first and the last quarter may be covered by the data only in part.",
        origin="sales",
    )


def _benefits(deliverable: ResultsDeliverable) -> Table:
    return Table(
        caption="Benefit a year against the business plan",
        columns=(("project", "text"), ("planned", "number"), ("realised", "number"), ("plan", "text")),
        rows=tuple(
            (one.name, amount(one.planned), estimate(one.realised, digits=0), VERDICTS[one.verdict])
            for one in deliverable.benefits
        )
        + _total(deliverable),
    )


def _total(deliverable: ResultsDeliverable) -> tuple[tuple[str, str, str, str], ...]:
    total = deliverable.benefit_total
    if total is None or total.projects < 2:
        return ()
    realised = estimate(total.realised, digits=0)
    if total.unknown and total.realised.value is not None:
        realised += f", {plural(total.unknown, 'project')} not known"
    return (("all projects", amount(total.planned), realised, VERDICTS[total.verdict]),)


def _objectives(objectives: tuple[ObjectiveCheck, ...]) -> Table:
    return Table(
        caption="Objectives of the charter and of the organization",
        columns=(
            ("objective", "text"),
            ("baseline", "number"),
            ("target", "number"),
            ("reached now", "number"),
            ("measured by", "text"),
            ("due", "text"),
            ("", "text"),
        ),
        rows=tuple(
            (
                one.statement,
                _stated(one.baseline, one),
                _stated(one.target, one),
                estimate(one.reached, digits=_decimals(one.reached)),
                one.by or one.measure,
                str(one.due or ""),
                VERDICTS[one.verdict],
            )
            for one in objectives
        ),
        note="Reached: the whole interval lies at the target or beyond it. Not shown: it lies on both sides, or "
        "the objective has no baseline or target. Not measured: its measure names neither NPS or CSAT, nor "
        "an item, a need, a watched characteristic, the highest and lowest score, or the share of a market.",
    )


def _stated(value: float | None, one: ObjectiveCheck) -> str:
    """As people wrote it; a share in percent where what is reached is one, or where both lie between 0 and 1."""
    both = [end for end in (one.baseline, one.target) if end is not None]
    share = one.reached.unit == "share" if one.reached else "share" in one.measure.lower() and max(both) < 1
    return f"{short(100 * value)}{THIN}%" if share and value is not None else short(value)


def _decimals(one: Estimate | None) -> int:
    return 1 if one is not None and one.value is not None and abs(one.value) >= 10 else 2


def _carried(deliverable: ResultsDeliverable) -> Table:
    return Table(
        caption="Needs that stay open",
        columns=(("need", "text"), ("why", "text"), ("", "text")),
        rows=tuple(
            (one.name, one.reason, "decided" if one.decided else "proposed") for one in deliverable.open_needs
        ),
    )


def _review(decisions: Step9Decisions) -> Table:
    held = f"Management review of {decisions.reviewed_on}" if decisions.reviewed_on else "Management review"
    return Table(
        caption=held,
        columns=(("decision", "text"), ("owner", "text"), ("due", "text")),
        rows=tuple((one.decision, one.owner, str(one.due or "")) for one in decisions.review),
    )
