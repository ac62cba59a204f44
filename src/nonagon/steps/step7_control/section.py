"""Step 7's section: charts with phases and signals, capability, verified prerequisites, plan against done."""

from nonagon.charts.process import ChartPoint, capability_histogram, control_chart
from nonagon.charts.section import Block, Chart, Figure, Figures, Heading, Section, Table
from nonagon.charts.wording import estimate, number, plural
from nonagon.deliverables.step7 import ControlDeliverable, ControlItem, ControlPoint
from nonagon.steps.step7_control.decisions import Step7Decisions

KINDS = {
    "imr": ("single values", "moving ranges"),
    "xbar_s": ("subgroup means", "standard deviations"),
    "xbar_r": ("subgroup means", "ranges"),
    "p": ("share of defectives", ""),
    "u": ("defects a unit", ""),
}
VERDICTS = {"met": "met", "not_met": "not met", "not_shown": "not shown"}


def section(deliverable: ControlDeliverable, decisions: Step7Decisions) -> Section:
    """The section of the report, and later of the page."""
    blocks: list[Block] = [_figures(deliverable)]
    for item in deliverable.items:
        if item.points:
            blocks += _item_blocks(item)
    if deliverable.items:
        blocks.append(_control_plan(deliverable, decisions))
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
                str(signals),
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
                Figure(label, estimate(value, digits=3), detail, value.origin)
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
