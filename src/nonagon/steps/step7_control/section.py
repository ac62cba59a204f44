"""Step 7's section: charts with phases and signals, capability, verified prerequisites, plan against done."""

import math

from nonagon.charts.process import ChartPoint, capability_histogram, control_chart
from nonagon.charts.section import Block, Chart, Figure, Figures, Heading, Paragraph, Section, Table
from nonagon.charts.wording import change, estimate, number, plural, short
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.step7 import ControlDeliverable, ControlItem, ControlPoint
from nonagon.steps.step7_control.decisions import Step7Decisions

KINDS = {
    "imr": ("single values", "moving ranges"),
    "xbar_s": ("subgroup means", "standard deviations"),
    "xbar_r": ("subgroup means", "ranges"),
    "p": ("share", ""),
    "u": ("rate", ""),
}
VERDICTS = {"met": "met", "not_met": "not met", "not_shown": "not shown"}


def section(deliverable: ControlDeliverable, decisions: Step7Decisions) -> Section:
    """The section of the report, and later of the page."""
    blocks: list[Block] = [_figures(deliverable)]
    if _smoother_than_chance(deliverable):
        blocks.append(Paragraph(SMOOTH))
    for item in deliverable.items:
        if item.points:
            blocks += _item_blocks(item)
    if deliverable.items:
        blocks.append(_control_plan(deliverable, decisions))
    if deliverable.measured:
        blocks += _measured(deliverable)
    if deliverable.prerequisites:
        blocks.append(_prerequisites(deliverable))
    if deliverable.plan:
        blocks.append(_plan(deliverable))
    return Section(
        step=7,
        title="Control the implementation",
        purpose="Whether what was planned is done, holds, and keeps what was promised to customers.",
        blocks=tuple(blocks),
    )


SMOOTH = (
    "There are far fewer signals than chance alone would raise: the values vary less from point to point than "
    "independent ones would. Look at how they are recorded: rounded, averaged, smoothed or evened out before they "
    "were written down. Limits from such data are too wide to warn."
)


def _smoother_than_chance(deliverable: ControlDeliverable) -> bool:
    """Less than a fifth of what chance raises, where chance raises enough to tell (five: none at all is rare)."""
    expected = deliverable.false_alarms
    if expected is None or expected.value is None or expected.value < 5:
        return False
    return 5 * sum(item.signals for item in deliverable.items) < expected.value


def _figures(deliverable: ControlDeliverable) -> Figures:
    promises = deliverable.prerequisites
    met = sum(one.verdict == "met" for one in promises)
    signals = sum(item.signals for item in deliverable.items)
    expected = deliverable.false_alarms
    return Figures(
        (
            Figure("Requirements met", f"{met} of {len(promises)}", "customer requirements verified"),
            Figure(
                "Signals",
                number(signals, digits=0),
                f"chance alone raises about {number(expected.value, digits=1)}" if expected else "",
                expected.origin if expected else "",
            ),
            Figure("Charts", str(sum(bool(item.points) for item in deliverable.items)), "with measurements"),
        )
    )


def _item_blocks(item: ControlItem) -> list[Block]:
    level, spread = KINDS[item.chart]
    unit = f", {item.unit}" if item.unit else ""
    blocks: list[Block] = [
        Heading(item.name),
        Figures(
            tuple(
                Figure(label, _written(value, item), detail, value.origin)
                for label, value, detail in (
                    ("Level of the latest phase", item.level, item.phases[-1].label),
                    ("Change since the first phase", item.shift, ""),
                    ("Ppk of the latest phase", item.capability, ""),
                    ("Inside the limits", item.within, "share of single values"),
                )
                if value is not None and value.value is not None
            )
        ),
        control_chart(_drawn(item.points), title=f"{item.name}: {level}", y=f"{level}{unit}", origin=item.origin),
    ]
    if item.spread_points:
        title = f"{item.name}: {spread}"
        blocks.append(
            control_chart(_drawn(item.spread_points), title=title, y=f"{spread}{unit}", origin=item.origin)
        )
    histogram = _histogram(item)
    if histogram is not None:
        blocks.append(histogram)
    return blocks


def _written(value: Estimate, item: ControlItem) -> str:
    """Three significant digits and the unit; a change of a share in percentage points."""
    if value.value is None:
        return estimate(value)
    size = math.floor(math.log10(abs(value.value))) if value.value else 0
    digits = min(6, max(0, 2 - size))
    if value is item.shift:
        return change(value.model_copy(update={"unit": value.unit or item.unit}), digits=digits)
    unit = "" if value.unit == "share" else value.unit
    return estimate(value, digits=digits, unit=unit)


def _measured(deliverable: ControlDeliverable) -> list[Block]:
    """What is measured and not watched, with plain charts."""
    table = Table(
        caption="Measured, but watched by no control item",
        columns=(
            ("what is measured", "text"),
            ("measurements", "number"),
            ("first", "text"),
            ("last", "text"),
            ("mean", "number"),
            ("lowest to highest", "number"),
        ),
        rows=tuple(
            (
                f"{one.name}, {one.unit}" if one.unit else one.name,
                number(one.n, digits=0),
                str(one.first),
                str(one.last),
                short(one.mean, digits=3 if abs(one.mean) < 1000 else 6),
                f"{short(one.lowest)} to {short(one.highest)}",
            )
            for one in deliverable.measured
        ),
        note="A row in decisions/control_plan.csv has it watched, with its own chart, limits and reaction.",
    )
    return [table, *(_plain_chart(one) for one in deliverable.plain)]


def _plain_chart(item: ControlItem) -> Chart:
    level = KINDS[item.chart][0]
    unit = f", {item.unit}" if item.unit else ""
    title = f"{item.name}: {level}, not watched"
    return control_chart(_drawn(item.points), title=title, y=f"{level}{unit}", origin=item.origin)


def _drawn(points: tuple[ControlPoint, ...]) -> list[ChartPoint]:
    return [
        ChartPoint(
            label=one.at,
            value=one.value,
            centre=one.centre,
            lower=one.lower,
            upper=one.upper,
            phase=one.phase,
            signals=tuple(f"{signal} (explained)" for signal in one.signals) if one.explained else one.signals,
        )
        for one in points
    ]


def _histogram(item: ControlItem) -> Chart | None:
    if item.histogram is None or (item.lower_limit is None and item.upper_limit is None):
        return None
    return capability_histogram(
        item.histogram.edges,
        item.histogram.counts,
        lower_limit=item.lower_limit,
        upper_limit=item.upper_limit,
        target=item.target,
        title=f"{item.name}: {item.phases[-1].label} against its limits",
        x=item.unit or "value",
        origin=item.origin,
    )


def _control_plan(deliverable: ControlDeliverable, decisions: Step7Decisions) -> Table:
    plans = {one.id: one for one in decisions.control_items}
    rows = []
    for item in deliverable.items:
        plan = plans[item.id]
        limits = f"{number(item.lower_limit) or '…'} to {number(item.upper_limit) or '…'} {item.unit}".strip()
        state = (
            "no data"
            if item.stable is None
            else "quiet"
            if item.stable
            else "not stable"
            if not item.settled
            else plural(item.unexplained, "open signal")
        )
        rows.append(
            (
                item.name,
                limits,
                KINDS[item.chart][0],
                plan.sample,
                plan.frequency,
                plan.responder,
                plan.reaction,
                state,
            )
        )
    return Table(
        caption="Control plan",
        columns=(
            ("characteristic", "text"),
            ("specification", "text"),
            ("chart of", "text"),
            ("sample", "text"),
            ("how often", "text"),
            ("who reacts", "text"),
            ("reaction plan", "text"),
            ("state", "text"),
        ),
        rows=tuple(rows),
    )


def _prerequisites(deliverable: ControlDeliverable) -> Table:
    return Table(
        caption="Customer requirements and the evidence that they are met",
        columns=(("need", "text"), ("characteristic", "text"), ("verdict", "text"), ("why", "text")),
        rows=tuple(
            (one.need_name, one.characteristic_name, VERDICTS[one.verdict], one.reason)
            for one in deliverable.prerequisites
        ),
        note="Not shown means that the evidence does not decide it: more measurements or a check would.",
    )


def _plan(deliverable: ControlDeliverable) -> Table:
    return Table(
        caption=f"Plan against done, as of {deliverable.as_of}" if deliverable.as_of else "Plan against done",
        columns=(
            ("activity", "text"),
            ("planned finish", "text"),
            ("done on", "text"),
            ("state", "text"),
            ("deviation", "text"),
            ("owner", "text"),
        ),
        rows=tuple(
            (
                one.name,
                str(one.planned or ""),
                str(one.done_on or ""),
                one.state.replace("_", " "),
                one.deviation,
                one.owner,
            )
            for one in deliverable.plan
        ),
    )
