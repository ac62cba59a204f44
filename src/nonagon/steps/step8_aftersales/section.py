"""Step 8's section: sales by version, perception by wave, early warnings, cases, you said we did."""

from nonagon.charts.bars import pareto
from nonagon.charts.lines import Point, amounts_over_time, trend
from nonagon.charts.section import Block, Chart, Figure, Figures, Heading, Paragraph, Section, Table
from nonagon.charts.wording import amount, estimate, number, plural
from nonagon.deliverables.step8 import AftersalesDeliverable, CaseSummary, Count, Perception
from nonagon.deliverables.step8 import Warning as Alarm
from nonagon.steps.step8_aftersales.decisions import Step8Decisions


def section(deliverable: AftersalesDeliverable, decisions: Step8Decisions) -> Section:
    """The section of the report, and later of the page."""
    blocks: list[Block] = []
    if deliverable.versions:
        blocks += [Heading("Sales"), _sales_by_month(deliverable), _versions(deliverable)]
    if deliverable.perceptions:
        blocks += _perception(deliverable.perceptions)
    if deliverable.warnings:
        blocks.append(Heading("Early warning"))
        for one in deliverable.warnings:
            blocks += _warning(one)
    if deliverable.process_links:
        blocks.append(_process(deliverable))
    if deliverable.cases is not None:
        blocks += _cases(deliverable.cases)
    if deliverable.follow_ups:
        blocks.append(_programmes(deliverable, decisions))
    if deliverable.returned:
        blocks.append(_returned(deliverable))
    return Section(
        step=8,
        title="Sell and serve after the sale",
        purpose="How the improved product sells, what customers say of it, and what has to be put right in time.",
        blocks=tuple(blocks),
    )


def _sales_by_month(deliverable: AftersalesDeliverable) -> Chart:
    return amounts_over_time(
        [(one.month, one.version, one.revenue) for one in deliverable.months],
        title="Our sales by month and version",
        x="month",
        y="revenue",
        origin="sales",
    )


def _versions(deliverable: AftersalesDeliverable) -> Table:
    return Table(
        caption="Sales by version and class",
        columns=(
            ("version", "text"),
            ("class", "text"),
            ("from", "text"),
            ("to", "text"),
            ("orders", "number"),
            ("customers", "number"),
            ("revenue", "number"),
            ("a day", "number"),
        ),
        rows=tuple(
            (
                one.version,
                one.class_name or "all",
                str(one.first),
                str(one.last),
                number(one.orders, digits=0),
                number(one.customers, digits=0),
                amount(one.revenue),
                amount(one.per_day),
            )
            for one in deliverable.versions
        ),
        note="A customer in several classes counts in each.",
        origin="sales",
    )


def _perception(perceptions: tuple[Perception, ...]) -> list[Block]:
    rows = tuple(
        (
            one.text,
            one.points[-1].wave,
            estimate(one.points[-1].score),
            estimate(one.change) if one.change else "",
        )
        for one in perceptions
    )
    lead = [one for one in perceptions if len(one.points) > 1][:2]
    charts: list[Block] = [_by_wave(one) for one in lead]
    table = Table(
        caption="Perception in the latest wave, and the change since the wave before",
        columns=(("item", "text"), ("wave", "text"), ("score", "number"), ("change", "number")),
        rows=rows,
        note="Intervals hold one by one; among many items some change by chance alone.",
        origin="perception",
    )
    return [Heading("Perception"), *charts, table]


def _by_wave(one: Perception) -> Chart:
    points = [Point(point.wave, point.score.value, point.score.low, point.score.high) for point in one.points]
    return trend({one.text: points}, title=f"{one.text}, by wave", x="wave", y="score", origin="perception")


def _warning(one: Alarm) -> list[Block]:
    blocks: list[Block] = [Paragraph(one.sentence, "warning" if one.raised else "plain")]
    if one.raised and one.reaction:
        blocks.append(Paragraph(f"{one.responder or 'To react'}: {one.reaction}"))
    if not one.days:
        return blocks
    marks = [(one.on, "warning")] if one.on else []
    blocks.append(
        trend(
            {"mean since watching began": [Point(day.day, day.mean) for day in one.days]},
            title=f"{one.text}: mean since watching began",
            x="day",
            y="score",
            marks=marks,
            origin=one.origin,
        )
        if len(one.days) <= 12
        else _thin_trend(one)
    )
    return blocks


def _thin_trend(one: Alarm) -> Chart:
    """All days are drawn; the table holds every tenth, the warning and the last."""
    marks = [(one.on, "warning")] if one.on else []
    drawn = trend(
        {"mean since watching began": [Point(day.day, day.mean) for day in one.days]},
        title=f"{one.text}: mean since watching began",
        x="day",
        y="score",
        marks=marks,
        origin=one.origin,
    )
    step = max(1, len(one.days) // 10)
    kept = [
        day for place, day in enumerate(one.days) if place % step == 0 or day.day == one.on or day is one.days[-1]
    ]
    table = Table(
        caption=drawn.title,
        columns=(
            ("day", "text"),
            ("answers so far", "number"),
            ("mean", "number"),
            ("evidence of a fall", "number"),
        ),
        rows=tuple(
            (str(day.day), number(day.answers, digits=0), number(day.mean), _evidence(day.evidence))
            for day in kept
        ),
        note="Evidence of a fall: 1 is none; the higher, the harder the answers are to explain without a fall. "
        f"A warning is raised when it passes {number(one.threshold, digits=0)}, whatever the day.",
        origin=one.origin,
    )
    return Chart(title=drawn.title, alt=drawn.alt, table=table, spec=drawn.spec)


MOST_EVIDENCE = 1000
"""Beyond this a higher figure tells a reader nothing more."""


def _evidence(value: float) -> str:
    return f"over {number(MOST_EVIDENCE, digits=0)}" if value > MOST_EVIDENCE else number(value, digits=1)


def _process(deliverable: AftersalesDeliverable) -> Table:
    return Table(
        caption="From process to perception",
        columns=(("control item", "text"), ("item", "text"), ("lag", "number"), ("what was found", "text")),
        rows=tuple(
            (one.control_item, one.item, estimate(one.lag, digits=0), one.sentence)
            for one in deliverable.process_links
        ),
    )


def _cases(summary: CaseSummary) -> list[Block]:
    figures = [
        Figure("Cases opened", number(summary.opened, digits=0), f"{number(summary.open, digits=0)} still open"),
        Figure(
            f"Acknowledged within {plural(summary.acknowledge_days, 'day')}",
            estimate(summary.acknowledged),
            "",
            summary.acknowledged.origin if summary.acknowledged else "",
        ),
        Figure(
            f"Closed within {plural(summary.close_days, 'day')}",
            estimate(summary.closed_in_time),
            "",
            summary.closed_in_time.origin if summary.closed_in_time else "",
        ),
        Figure(
            "Satisfied with the handling",
            estimate(summary.satisfied) or "nobody was asked",
            "",
            summary.satisfied.origin if summary.satisfied else "",
        ),
        Figure(
            "Median days to closing",
            estimate(summary.median_days, digits=0),
            "",
            summary.median_days.origin if summary.median_days else "",
        ),
    ]
    blocks: list[Block] = [
        Heading("Cases"),
        Figures(tuple(figures)),
        _counts("Open cases by age", summary.ages),
        _counts("Closed cases by outcome", summary.outcomes),
        _counts("Cases by kind", summary.kinds),
    ]
    if summary.causes:
        counts = summary.causes[:12]
        drawn = pareto(
            [one.label for one in counts],
            [one.cases for one in counts],
            title="Root causes of cases",
            what="cases",
        )
        blocks.append(drawn)
    return blocks


def _counts(caption: str, counts: tuple[Count, ...]) -> Table:
    return Table(
        caption=caption,
        columns=(("", "text"), ("cases", "number")),
        rows=tuple((one.label, number(one.cases, digits=0)) for one in counts),
    )


def _programmes(deliverable: AftersalesDeliverable, decisions: Step8Decisions) -> Table:
    plans = {one.id: one for one in decisions.follow_ups}
    return Table(
        caption="Follow-up programmes",
        columns=(
            ("programme", "text"),
            ("days after the sale", "number"),
            ("not again within", "number"),
            ("owner", "text"),
            ("answers", "number"),
            ("cases", "number"),
        ),
        rows=tuple(
            (
                one.name,
                str(one.days_after),
                plural(plans[one.id].rest_days, "day"),
                plans[one.id].owner,
                number(one.answers, digits=0),
                number(one.cases, digits=0),
            )
            for one in deliverable.follow_ups
        ),
    )


def _returned(deliverable: AftersalesDeliverable) -> Table:
    return Table(
        caption="You said, we did",
        columns=(
            ("what customers said", "text"),
            ("sentences about it", "number"),
            ("what they are told", "text"),
            ("told on", "text"),
            ("customers told", "number"),
        ),
        rows=tuple(
            (
                one.need_name,
                "" if one.speakers is None else number(one.speakers, digits=0),
                one.message,
                str(one.told_on or "not yet"),
                "" if one.told is None else number(one.told, digits=0),
            )
            for one in deliverable.returned
        ),
    )
