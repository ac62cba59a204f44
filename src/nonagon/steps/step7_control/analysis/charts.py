"""One control item: its measurements in phases, on its chart, with signals, level, shift and capability."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonagon.basics.errors import NonagonError
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step4 import Characteristic
from nonagon.deliverables.step7 import ControlItem, ControlPoint, Histogram, PhaseSummary
from nonagon.engine import measurements
from nonagon.engine.facts import Columns
from nonagon.methods.rules.nelson_rules import nelson_rules
from nonagon.methods.rules.western_electric import western_electric
from nonagon.methods.spc.capability import capability
from nonagon.methods.spc.chart_imr import chart_imr
from nonagon.methods.spc.chart_p import chart_p
from nonagon.methods.spc.chart_u import chart_u
from nonagon.methods.spc.chart_xbar import chart_xbar_r, chart_xbar_s
from nonagon.methods.spc.control_chart import ControlChart
from nonagon.methods.survey.proportion import proportion
from nonagon.methods.survey.rate import rate, rate_difference
from nonagon.methods.survey.two_proportions import two_proportions
from nonagon.methods.survey.welch_t import welch_t
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


@dataclass(frozen=True, slots=True)
class _Series:
    """What is plotted, point by point, and the single values (or counts and sizes) behind the points."""

    labels: tuple[str, ...]
    days: tuple[date, ...]
    phases: tuple[str, ...]
    values: tuple[NDArray[np.float64], ...]
    sizes: NDArray[np.float64]

    def phase_values(self, label: str) -> NDArray[np.float64]:
        """All single values of a phase, in order of time."""
        return np.concatenate([one for one, phase in zip(self.values, self.phases, strict=True) if phase == label])

    def phase_sizes(self, label: str) -> float:
        """Units inspected in a phase."""
        return float(sum(size for size, phase in zip(self.sizes, self.phases, strict=True) if phase == label))


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
        series = _series(plan, phases, points)
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


def _series(plan: ControlItemDecision, phases: Sequence[PhaseDecision], points: Columns) -> _Series:
    """Points of the chart: single values, or subgroups (by the data's column, else by day).

    Counts are summed within their subgroup where the data name one; a count without a size counts one unit.
    """
    named = all(one is not None for one in points["subgroup"])
    grouped = plan.chart.startswith("xbar") or (plan.chart in {"p", "u"} and named)
    keys = points["subgroup"] if grouped else np.arange(len(points["value"]))
    if grouped and not named:
        keys = np.array([str(_day(at)) for at in points["at"]], dtype=object)
    units = np.nan_to_num(points["size"], nan=1.0)
    places: dict[Any, list[int]] = {}
    for position, one in enumerate(keys):
        places.setdefault(one, []).append(position)
    rows = list(places.items())
    days = tuple(_day(points["at"][own[0]]) for _, own in rows)
    return _Series(
        labels=tuple(_label(points, one, own, grouped) for one, own in rows),
        days=days,
        phases=_phase_labels(phases, days, [points["phase"][own[0]] for _, own in rows]),
        values=tuple(np.asarray(points["value"][own], dtype=np.float64) for _, own in rows),
        sizes=np.array([float(units[own].sum()) for _, own in rows]),
    )


def _label(points: Columns, one: Any, own: list[int], grouped: bool) -> str:
    if grouped:
        return str(one)
    at = points["at"][own[0]]
    midnight = isinstance(at, datetime) and (at.hour, at.minute, at.second) == (0, 0, 0)
    return str(_day(at)) if midnight else f"{at:%Y-%m-%d %H:%M}"


def _day(at: Any) -> date:
    return at.date() if isinstance(at, datetime) else at


def _phase_labels(
    decided: Sequence[PhaseDecision], days: Sequence[date], measured: Sequence[str | None]
) -> tuple[str, ...]:
    """Phases by the decided dates, else by the data's own column, else one."""
    if decided:
        return tuple(
            next((phase.label for phase in reversed(decided) if day >= phase.start), decided[0].label)
            for day in days
        )
    if all(one is not None for one in measured):
        return tuple(str(one) for one in measured)
    return tuple("all" for _ in days)


def _charts(plan: ControlItemDecision, series: _Series) -> tuple[ControlChart, ...]:
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
    series: _Series,
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
            "points": points,
            "spread_points": spread,
            "phases": _phases(charts[0], points),
            "histogram": _histogram(series.phase_values(latest)) if len(charts) > 1 else None,
            "level": _level(plan, series, latest, record, key),
            "shift": _shift(plan, series, record),
            "capability": _capability(plan, series, blank, record, key),
            "within": _within(series, blank, record) if len(charts) > 1 else None,
            "origin": key,
        }
    )


def _points(
    chart: ControlChart, series: _Series, explanations: Sequence[ExplanationDecision], rules: str
) -> tuple[ControlPoint, ...]:
    labels = [series.phases[position] for position in chart.positions]
    signals = _signals(chart, labels, rules)
    return tuple(
        ControlPoint(
            at=series.labels[position],
            value=float(chart.statistic[place]),
            centre=float(chart.center[place]),
            lower=float(chart.lcl[place]),
            upper=float(chart.ucl[place]),
            phase=labels[place],
            signals=signals[place],
            explained=any(one.first <= series.days[position] <= one.last for one in explanations),
        )
        for place, position in enumerate(chart.positions)
    )


def _signals(chart: ControlChart, labels: list[str], rules: str) -> list[tuple[str, ...]]:
    if rules == "limits":
        return [("beyond limits",) if beyond else () for beyond in chart.beyond]
    judge = western_electric if rules == "western_electric" else nelson_rules
    errors = np.where(chart.standard_error > 0, chart.standard_error, 1.0)
    found = judge(x=chart.statistic, center=chart.center, sigma=errors, phases=labels)
    return [
        tuple(meaning for meaning, flags in zip(found.meanings, found.signals, strict=True) if flags[place])
        for place in range(len(labels))
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


def _level(
    plan: ControlItemDecision,
    series: _Series,
    latest: str,
    record: Record,
    key: str,
) -> Estimate:
    """The latest phase's level: the mean, the share of defectives, or the rate."""
    values = series.phase_values(latest)
    if plan.chart == "p":
        share = proportion(
            x=float(values.sum()), n=series.phase_sizes(latest), confidence=record.cycle.settings.confidence
        )
        origin = _from(
            record, f"level_{plan.id}", key, "nonagon.methods.survey.proportion", "Wilson interval, latest phase"
        )
        return Estimate(
            value=share.p,
            low=share.low,
            high=share.high,
            confidence=record.cycle.settings.confidence,
            n=int(share.n),
            unit="share",
            origin=origin,
        )
    if plan.chart == "u":
        found = rate(
            count=float(values.sum()),
            units=series.phase_sizes(latest) / plan.units,
            confidence=record.cycle.settings.confidence,
        )
        origin = _from(
            record, f"level_{plan.id}", key, "nonagon.methods.survey.rate", "exact Poisson interval, latest phase"
        )
        return Estimate(
            value=found.rate,
            low=found.low,
            high=found.high,
            confidence=record.cycle.settings.confidence,
            n=int(found.count),
            origin=origin,
        )
    return Estimate(value=float(values.mean()), n=len(values), origin=key)


def _shift(plan: ControlItemDecision, series: _Series, record: Record) -> Estimate | None:
    """The latest phase's level minus the first phase's."""
    first, latest = series.phases[0], series.phases[-1]
    if first == latest:
        return None
    one, other = series.phase_values(latest), series.phase_values(first)
    try:
        if plan.chart == "p":
            shares = two_proportions(
                x1=float(one.sum()),
                n1=series.phase_sizes(latest),
                x2=float(other.sum()),
                n2=series.phase_sizes(first),
                confidence=record.cycle.settings.confidence,
            )
            origin = _from(
                record,
                f"shift_{plan.id}",
                f"chart_{plan.id}",
                "nonagon.methods.survey.two_proportions",
                "Newcombe interval",
            )
            return Estimate(
                value=shares.difference,
                low=shares.low,
                high=shares.high,
                confidence=record.cycle.settings.confidence,
                unit="share",
                origin=origin,
            )
        if plan.chart == "u":
            rates = rate_difference(
                count=float(one.sum()),
                units=series.phase_sizes(latest) / plan.units,
                other_count=float(other.sum()),
                other_units=series.phase_sizes(first) / plan.units,
                confidence=record.cycle.settings.confidence,
            )
            origin = _from(
                record,
                f"shift_{plan.id}",
                f"chart_{plan.id}",
                "nonagon.methods.survey.rate",
                "difference of rates, MOVER",
            )
            return Estimate(
                value=rates.difference,
                low=rates.low,
                high=rates.high,
                confidence=record.cycle.settings.confidence,
                origin=origin,
            )
        test = welch_t(
            a=_means(plan, series, latest),
            b=_means(plan, series, first),
            confidence=record.cycle.settings.confidence,
        )
    except NonagonError as error:
        return Estimate(why=str(error))
    what = "subgroup means" if plan.chart.startswith("xbar") else "single values"
    origin = _from(
        record,
        f"shift_{plan.id}",
        f"chart_{plan.id}",
        "nonagon.methods.survey.welch_t",
        f"Welch interval on {what}",
    )
    return Estimate(
        value=float(test.difference),
        low=float(test.low),
        high=float(test.high),
        confidence=record.cycle.settings.confidence,
        n=len(one) + len(other),
        origin=origin,
    )


def _means(plan: ControlItemDecision, series: _Series, label: str) -> NDArray[np.float64]:
    """Subgroup means where values come in subgroups (values of one subgroup are alike), else the values."""
    if not plan.chart.startswith("xbar"):
        return series.phase_values(label)
    own = [one.mean() for one, phase in zip(series.values, series.phases, strict=True) if phase == label]
    return np.array(own)


def _capability(
    plan: ControlItemDecision,
    series: _Series,
    blank: ControlItem,
    record: Record,
    key: str,
) -> Estimate:
    """Ppk of the latest phase; the reason where it does not exist."""
    if plan.chart in {"p", "u"}:
        return Estimate(why="counts have no capability index: see the level")
    if blank.lower_limit is None and blank.upper_limit is None:
        return Estimate(why="the characteristic has no specification limits")
    values = series.phase_values(series.phases[-1])
    try:
        found = capability(
            x=values,
            lsl=blank.lower_limit,
            usl=blank.upper_limit,
            target=blank.target,
            confidence=record.cycle.settings.confidence,
        )
    except NonagonError as error:
        return Estimate(why=str(error))
    index = found.ppk
    origin = _from(
        record,
        f"capability_{plan.id}",
        key,
        "nonagon.methods.spc.capability",
        "Ppk of the latest phase, overall sigma, Bissell interval",
        ("The process is stable and its values are normal.",),
    )
    return Estimate(
        value=_float(index.value),
        low=_float(index.low),
        high=_float(index.high),
        confidence=record.cycle.settings.confidence,
        n=len(values),
        origin=origin,
    )


def _within(series: _Series, blank: ControlItem, record: Record) -> Estimate | None:
    """Share of the latest phase's values inside the specification limits; needs no distribution."""
    low = -np.inf if blank.lower_limit is None else blank.lower_limit
    high = np.inf if blank.upper_limit is None else blank.upper_limit
    if not np.isfinite(low) and not np.isfinite(high):
        return None
    values = series.phase_values(series.phases[-1])
    share = proportion(
        x=int(((values >= low) & (values <= high)).sum()),
        n=len(values),
        confidence=record.cycle.settings.confidence,
    )
    origin = _from(
        record,
        f"within_{blank.id}",
        f"chart_{blank.id}",
        "nonagon.methods.survey.proportion",
        "Wilson interval, values inside the limits",
    )
    return Estimate(
        value=share.p,
        low=share.low,
        high=share.high,
        confidence=record.cycle.settings.confidence,
        n=len(values),
        unit="share",
        origin=origin,
    )


def _from(
    record: Record, key: str, like: str, method: str, variant: str, assumptions: tuple[str, ...] = ()
) -> str:
    """An origin with the rows of another one."""
    rows = record.origins[like].filter
    return record.origin(key, ("measurements",), method, rows=rows, variant=variant, assumptions=assumptions)


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
