"""One control item: its measurements in phases, on its chart, with signals, level, shift and capability."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nonagon.basics.errors import NonagonError
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step4 import Characteristic
from nonagon.deliverables.step7 import ControlItem, Histogram
from nonagon.engine.facts import Columns
from nonagon.methods.spc.chart_imr import chart_imr
from nonagon.methods.spc.chart_p import chart_p
from nonagon.methods.spc.chart_u import chart_u
from nonagon.methods.spc.chart_xbar import chart_xbar_r, chart_xbar_s
from nonagon.methods.spc.control_chart import ControlChart
from nonagon.steps.step7_control.analysis.levels import capability_of, level_of, shift_of, within_of
from nonagon.steps.step7_control.analysis.plotted import Plotted, plotted_on
from nonagon.steps.step7_control.analysis.series import Series, series_of
from nonagon.steps.step7_control.decisions import (
    ControlItemDecision,
    ExplanationDecision,
    PhaseDecision,
)

METHODS = {
    "imr": "nonagon.methods.spc.chart_imr",
    "xbar_s": "nonagon.methods.spc.chart_xbar",
    "xbar_r": "nonagon.methods.spc.chart_xbar",
    "p": "nonagon.methods.spc.chart_p",
    "u": "nonagon.methods.spc.chart_u",
}
RULES = {
    "limits": "points beyond three standard errors",
    "western_electric": "four Western Electric rules",
    "nelson": "Nelson's eight rules",
}


def control_item(
    plan: ControlItemDecision,
    phases: Sequence[PhaseDecision],
    explanations: Sequence[ExplanationDecision],
    characteristic: Characteristic | None,
    points: Columns | None,
    *,
    most: int,
    record: Record,
) -> ControlItem:
    """The control item with its chart, or without points and the reason in `capability.why`.

    points: its measurements, None where there is no table of them; most: so many points of each chart are handed
    on, the latest. Everything that is said of the chart is said of all its points.
    """
    name, blank = measured_as(plan, characteristic), _blank(plan, characteristic)
    if points is None:
        return blank.model_copy(update={"capability": Estimate(why="there are no measurements")})
    if len(points["value"]) == 0:
        return blank.model_copy(
            update={"capability": Estimate(why=f"nothing is measured under the name {name!r}")}
        )
    try:
        series = series_of(plan, phases, points)
        charts = _charts(plan, series)
    except NonagonError as error:
        return blank.model_copy(update={"capability": Estimate(why=str(error))})
    key = record.origin(
        f"chart_{plan.id}",
        ("measurements",),
        METHODS[plan.chart],
        rows=f"characteristic is {name}",
        variant=f"{charts[0].kind} chart, {', '.join(f'{k} {v}' for k, v in charts[0].variants.items())}; "
        f"signals by {RULES[plan.rules]}, within phases",
        assumptions=("Points are independent.",),
    )
    plotted = tuple(
        plotted_on(chart, series, explanations, rules)
        for chart, rules in zip(charts, (plan.rules, "limits"), strict=False)
    )
    return _judged(plan, series, plotted, blank, most=most, record=record, key=key)


def measured_as(plan: ControlItemDecision, characteristic: Characteristic | None) -> str:
    """The name under which the item is found among the measurements."""
    return plan.measurement or (characteristic.measurement if characteristic else None) or plan.characteristic


def _blank(plan: ControlItemDecision, characteristic: Characteristic | None) -> ControlItem:
    return ControlItem(
        id=plan.id,
        characteristic=plan.characteristic,
        name=characteristic.name if characteristic else plan.characteristic,
        chart=plan.chart,
        unit=characteristic.unit if characteristic else "",
        activity=plan.activity,
        lower_limit=characteristic.lower_limit if characteristic else None,
        upper_limit=characteristic.upper_limit if characteristic else None,
        target=characteristic.target if characteristic else None,
        responder=plan.responder,
        reaction=plan.reaction,
    )


def _charts(plan: ControlItemDecision, series: Series) -> tuple[ControlChart, ...]:
    """The chart of the level, and for single values and subgroups the chart of the spread."""
    phases = series.phases
    baseline = plan.baseline if plan.baseline in phases else None
    if plan.chart == "imr":
        both = chart_imr(x=series.values, phases=phases, baseline=baseline)
        return both.individuals, both.moving_range
    if plan.chart == "xbar_s":
        pair = chart_xbar_s(subgroups=[one.tolist() for one in series.groups], phases=phases, baseline=baseline)
        return pair.mean, pair.spread
    if plan.chart == "xbar_r":
        pair = chart_xbar_r(subgroups=[one.tolist() for one in series.groups], phases=phases, baseline=baseline)
        return pair.mean, pair.spread
    counts = series.sums
    if plan.chart == "p":
        return (chart_p(defectives=counts, n=series.sizes, phases=phases, baseline=baseline),)
    return (chart_u(counts=counts, units=series.sizes / plan.units, phases=phases, baseline=baseline),)


def _judged(
    plan: ControlItemDecision,
    series: Series,
    plotted: Sequence[Plotted],
    blank: ControlItem,
    *,
    most: int,
    record: Record,
    key: str,
) -> ControlItem:
    level, latest = plotted[0], series.latest
    has_spread = len(plotted) > 1
    unexplained = sum(int((one.of_phase(latest) & one.unexplained).sum()) for one in plotted)
    runs = [one.runs() for one in plotted]
    shown = [one.points(most) for one in plotted]
    return blank.model_copy(
        update={
            "stable": unexplained == 0,
            "signals": sum(int(one.raised.sum()) for one in plotted),
            "unexplained": unexplained,
            "runs": tuple(run for one in runs for run in one[-most:]),
            "earlier_runs": sum(len(one) - len(one[-most:]) for one in runs),
            "settled": _settled(level.raised[level.of_phase(latest)]),
            "points": shown[0],
            "spread_points": shown[1] if has_spread else (),
            "earlier_points": level.count - len(shown[0]),
            "earlier_spread_points": plotted[1].count - len(shown[1]) if has_spread else 0,
            "phases": level.phases(),
            "histogram": _histogram(series.phase_values(latest)) if has_spread else None,
            "level": level_of(
                plan, series, latest, record, key, unit=blank.unit if plan.chart != "p" else "share"
            ),
            "shift": shift_of(plan, series, record, key),
            "capability": capability_of(plan, series, blank, record, key),
            "within": within_of(series, blank, record, key) if has_spread else None,
            "origin": key,
        }
    )


RESTLESS = 0.1
"""Above this share of signals in the latest phase a process is not stable, and signals are not read one by one."""


def _settled(raised: NDArray[np.bool_]) -> bool:
    return int(raised.sum()) <= RESTLESS * len(raised)


def _histogram(values: NDArray[np.float64]) -> Histogram | None:
    """Sturges's number of classes over the range of the values; None where all are equal."""
    if len(values) < 2 or float(np.ptp(values)) == 0:
        return None
    counts, edges = np.histogram(values, bins=int(np.ceil(np.log2(len(values)) + 1)))
    return Histogram(edges=tuple(float(one) for one in edges), counts=tuple(int(one) for one in counts))
