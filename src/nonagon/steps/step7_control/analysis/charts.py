"""One control item: its measurements in phases, on its chart, with signals, level, shift and capability."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nonagon.basics.errors import NonagonError
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step4 import Characteristic
from nonagon.deliverables.step7 import ControlItem, ControlPoint, Histogram, PhaseSummary, SignalRun
from nonagon.engine import measurements
from nonagon.methods.rules.chart_signals import chart_signals
from nonagon.methods.spc.chart_imr import chart_imr
from nonagon.methods.spc.chart_p import chart_p
from nonagon.methods.spc.chart_u import chart_u
from nonagon.methods.spc.chart_xbar import chart_xbar_r, chart_xbar_s
from nonagon.methods.spc.control_chart import ControlChart
from nonagon.steps.step7_control.analysis.levels import capability_of, level_of, shift_of, within_of
from nonagon.steps.step7_control.analysis.series import Series, series_of
from nonagon.steps.step7_control.decisions import (
    ControlItemDecision,
    ExplanationDecision,
    PhaseDecision,
    RuleSet,
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
    *,
    record: Record,
) -> ControlItem:
    """The control item with its chart, or without points and the reason in `capability.why`."""
    name = plan.measurement or (characteristic.measurement if characteristic else None) or plan.characteristic
    blank, facts = _blank(plan, characteristic), record.facts
    if not facts.has("measurements"):
        return blank.model_copy(update={"capability": Estimate(why="there are no measurements")})
    points = measurements.points(facts, name)
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
    return _judged(plan, series, charts, explanations, blank, record=record, key=key)


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
    phases = list(series.phases)
    baseline = plan.baseline if plan.baseline in phases else None
    if plan.chart == "imr":
        both = chart_imr(x=np.concatenate(series.values), phases=phases, baseline=baseline)
        return both.individuals, both.moving_range
    if plan.chart == "xbar_s":
        pair = chart_xbar_s(subgroups=[one.tolist() for one in series.values], phases=phases, baseline=baseline)
        return pair.mean, pair.spread
    if plan.chart == "xbar_r":
        pair = chart_xbar_r(subgroups=[one.tolist() for one in series.values], phases=phases, baseline=baseline)
        return pair.mean, pair.spread
    counts = np.array([one.sum() for one in series.values])
    if plan.chart == "p":
        return (chart_p(defectives=counts, n=series.sizes, phases=phases, baseline=baseline),)
    return (chart_u(counts=counts, units=series.sizes / plan.units, phases=phases, baseline=baseline),)


def _judged(
    plan: ControlItemDecision,
    series: Series,
    charts: tuple[ControlChart, ...],
    explanations: Sequence[ExplanationDecision],
    blank: ControlItem,
    *,
    record: Record,
    key: str,
) -> ControlItem:
    points = _points(charts[0], series, explanations, plan.rules)
    spread = _points(charts[1], series, explanations, "limits") if len(charts) > 1 else ()
    latest = series.phases[-1]
    raised = [one for one in (*points, *spread) if one.phase == latest and one.signals]
    unexplained = sum(not one.explained for one in raised)
    return blank.model_copy(
        update={
            "stable": unexplained == 0,
            "signals": sum(1 for one in (*points, *spread) if one.signals),
            "unexplained": unexplained,
            "runs": runs_of([*points]) + runs_of([*spread]),
            "settled": _settled([one for one in points if one.phase == latest]),
            "points": points,
            "spread_points": spread,
            "phases": _phases(charts[0], points),
            "histogram": _histogram(series.phase_values(latest)) if len(charts) > 1 else None,
            "level": level_of(
                plan, series, latest, record, key, unit=blank.unit if plan.chart != "p" else "share"
            ),
            "shift": shift_of(plan, series, record, key),
            "capability": capability_of(plan, series, blank, record, key),
            "within": within_of(series, blank, record, key) if len(charts) > 1 else None,
            "origin": key,
        }
    )


RESTLESS = 0.1
"""Above this share of signals in the latest phase a process is not stable, and signals are not read one by one."""


def _settled(points: Sequence[ControlPoint]) -> bool:
    return sum(bool(one.signals) for one in points) <= RESTLESS * len(points)


def runs_of(points: Sequence[ControlPoint]) -> tuple[SignalRun, ...]:
    """Points with unexplained signals that follow each other, of the latest phase, each run once."""
    runs: list[list[ControlPoint]] = []
    follows = False
    for point in points:
        open_one = point.phase == points[-1].phase and bool(point.signals) and not point.explained
        if open_one and follows:
            runs[-1].append(point)
        elif open_one:
            runs.append([point])
        follows = open_one
    return tuple(
        SignalRun(
            first=run[0].at,
            last=run[-1].at,
            points=len(run),
            signals=tuple(dict.fromkeys(signal for one in run for signal in one.signals)),
        )
        for run in runs
    )


def _points(
    chart: ControlChart, series: Series, explanations: Sequence[ExplanationDecision], rules: RuleSet
) -> tuple[ControlPoint, ...]:
    signals = _signals(chart, rules)
    return tuple(
        ControlPoint(
            at=series.labels[position],
            value=float(chart.statistic[place]),
            centre=float(chart.center[place]),
            lower=float(chart.lcl[place]),
            upper=float(chart.ucl[place]),
            phase=series.phases[position],
            signals=signals[place],
            explained=any(one.first <= series.days[position] <= one.last for one in explanations),
        )
        for place, position in enumerate(chart.positions)
    )


def _signals(chart: ControlChart, rules: RuleSet) -> list[tuple[str, ...]]:
    if rules == "limits":
        return [("beyond limits",) if beyond else () for beyond in chart.beyond]
    found = chart_signals(chart=chart, rule_set=rules)
    return [
        tuple(meaning for meaning, flags in zip(found.meanings, found.signals, strict=True) if flags[place])
        for place in range(len(chart.positions))
    ]


def _phases(chart: ControlChart, points: tuple[ControlPoint, ...]) -> tuple[PhaseSummary, ...]:
    return tuple(
        PhaseSummary(
            label=str(row.label),
            points=sum(one.phase == row.label for one in points),
            level=float(row.center),
            sigma=float(row.sigma),
            limits_from=str(row.limits_from),
            signals=sum(one.phase == row.label and bool(one.signals) for one in points),
        )
        for row in chart.phases
    )


def _histogram(values: NDArray[np.float64]) -> Histogram | None:
    """Sturges's number of classes over the range of the values; None where all are equal."""
    if len(values) < 2 or float(np.ptp(values)) == 0:
        return None
    counts, edges = np.histogram(values, bins=int(np.ceil(np.log2(len(values)) + 1)))
    return Histogram(edges=tuple(float(one) for one in edges), counts=tuple(int(one) for one in counts))
