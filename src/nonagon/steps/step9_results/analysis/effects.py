"""The effect of each improvement, by the design that was decided, with placebo date and negative control."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.charts.wording import plural
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.estimates import estimate_of
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step1 import CustomerClass
from nonagon.deliverables.step9 import Effect, SeriesPoint
from nonagon.engine import customers
from nonagon.methods.effects.diff_in_diff import diff_in_diff
from nonagon.methods.effects.interrupted_time_series import (
    InterruptedTimeSeries,
    detectable_change,
    interrupted_time_series,
)
from nonagon.steps.step9_results.analysis.leavers import for_leavers
from nonagon.steps.step9_results.analysis.series import (
    SEASONS,
    Series,
    cells,
    chosen,
    mean_answers,
    revenue,
)
from nonagon.steps.step9_results.analysis.verdict import Found, against, sentence
from nonagon.steps.step9_results.decisions import EffectDecision, Step9Decisions

WORDS = {
    "interrupted_time_series": "interrupted time series",
    "difference_in_differences": "difference in differences",
}


def effects(record: Record, decisions: Step9Decisions, earlier: Earlier) -> tuple[Effect, ...]:
    """Every effect that was designed; one that cannot be estimated says why."""
    if not decisions.effects:
        record.lack(
            "What the improvements brought is not estimated.",
            "decisions/effects.csv: one row an improvement and outcome, written before the start",
        )
    return tuple(_effect(record, plan, earlier) for plan in decisions.effects)


def _effect(record: Record, plan: EffectDecision, earlier: Earlier) -> Effect:
    try:
        found = _by_design(record, plan, earlier)
    except (NotEnoughData, ArgumentError) as error:
        found = Found(Estimate(why=str(error)))
    shown = found.effect.beyond_chance and not against(found)
    return Effect(
        id=plan.id,
        improvement=plan.improvement,
        project=plan.project,
        need=plan.need,
        outcome=plan.outcome,
        design=WORDS[plan.design],
        start=plan.start,
        designed_before=None if plan.designed_on is None else plan.designed_on < plan.start,
        effect=found.effect,
        placebo=found.placebo,
        negative=found.negative,
        adjusted=found.leavers.adjusted,
        leavers=found.leavers.moved,
        shown=shown,
        sentence=sentence(plan, found, shown),
        detectable=found.detectable,
        series=found.series,
        unit=plan.unit,
        expected=plan.expected,
    )


def _by_design(record: Record, plan: EffectDecision, earlier: Earlier) -> Found:
    table = "answers" if plan.outcome == "satisfaction" else "sales"
    if not record.facts.has(table, "date"):
        raise NotEnoughData(f"there are no dated {table}")
    treated, control = chosen(earlier, plan.treated), chosen(earlier, plan.control)
    if plan.design == "difference_in_differences" and not (treated and control):
        raise NotEnoughData("a difference in differences needs classes that got it and classes that did not")
    shared = customers.in_both(record.facts, treated, control) if treated and control else 0
    if shared:
        raise NotEnoughData(
            f"{plural(shared, 'customer')} of {', '.join(plan.control)} got it too; choose classes that did not"
        )
    if plan.outcome == "sales":
        return _sales(record, plan, treated, control)
    if plan.design == "difference_in_differences":
        return _satisfaction_apart(record, plan, treated, control)
    return _satisfaction_series(record, plan, treated)


def _satisfaction_apart(
    record: Record,
    plan: EffectDecision,
    treated: Sequence[CustomerClass],
    control: Sequence[CustomerClass],
) -> Found:
    """Difference in differences of mean answers: change of those who got it less change of those who did not."""
    key = record.origin(
        f"effect_{plan.id}",
        ("answers", "customers"),
        "nonagon.methods.effects.diff_in_diff",
        rows=f"item {plan.item} about us, before and from {plan.start}"
        + (f" to {plan.end}" if plan.end else "")
        + _since(plan)
        + f"; got it: {', '.join(plan.treated)}; did not: {', '.join(plan.control)}",
        variant="four means, Welch's degrees of freedom",
        assumptions=("Without the improvement both groups would have changed alike.", "Answers are independent."),
    )
    item = str(plan.item)
    until = plan.end + timedelta(days=1) if plan.end else None

    def apart(one: str, split: date, until: date | None) -> Estimate:
        try:
            return _four_cells(record, plan, one, treated, control, split=split, until=until, key=key)
        except NotEnoughData as error:
            return Estimate(why=str(error), unit="points", origin=key)

    return Found(
        effect=_four_cells(record, plan, item, treated, control, split=plan.start, until=until, key=key),
        placebo=apart(item, plan.placebo, plan.start) if plan.placebo else None,
        negative=apart(plan.negative_item, plan.start, until) if plan.negative_item else None,
        leavers=for_leavers(record, plan, treated, control),
        series=_means_by_period(record, plan, treated),
    )


def _four_cells(
    record: Record,
    plan: EffectDecision,
    item: str,
    treated: Sequence[CustomerClass],
    control: Sequence[CustomerClass],
    *,
    split: date,
    until: date | None,
    key: str,
) -> Estimate:
    got = cells(record.facts, item, treated, split=split, until=until, since=plan.begin)
    did_not = cells(record.facts, item, control, split=split, until=until, since=plan.begin)
    four = (*got, *did_not)
    least = max(2, record.cycle.settings.group_minimum)
    if min(one.n for one in four) < least:
        counts = ", ".join(str(one.n) for one in four)
        raise NotEnoughData(
            f"each of the four groups needs at least {least} answers to {item}; got {counts} "
            "(got it before, after; did not before, after)"
        )
    found = diff_in_diff(
        treat_pre=got[0].mean,
        treat_post=got[1].mean,
        control_pre=did_not[0].mean,
        control_post=did_not[1].mean,
        sd=[one.sd for one in four],
        n=[one.n for one in four],
        confidence=record.cycle.settings.confidence,
    )
    return estimate_of(found.effect, found, n=found.n, unit="points", origin=key)


def _means_by_period(
    record: Record, plan: EffectDecision, treated: Sequence[CustomerClass]
) -> tuple[SeriesPoint, ...]:
    """For the picture only; empty where a period has too few answers."""
    try:
        series = mean_answers(
            record.facts, str(plan.item), plan, treated, least=record.cycle.settings.group_minimum
        )
    except NotEnoughData:
        return ()
    return tuple(
        SeriesPoint(period=period, observed=float(value))
        for period, value in zip(series.periods, series.values, strict=True)
    )


def _satisfaction_series(record: Record, plan: EffectDecision, treated: Sequence[CustomerClass]) -> Found:
    least = record.cycle.settings.group_minimum
    who = f", classes {', '.join(plan.treated)}" if plan.treated else ""
    key = record.origin(
        f"effect_{plan.id}",
        ("answers", "customers") if treated else ("answers",),
        "nonagon.methods.effects.interrupted_time_series",
        rows=f"item {plan.item} about us, mean by {plan.unit}{_since(plan)}{who}",
        variant=_variant(plan, trend=True),
        assumptions=("The trend before would have gone on.", "Nothing else happened at that date."),
    )
    series = mean_answers(record.facts, str(plan.item), plan, treated, least=least)
    negative = None
    if plan.negative_item:
        try:
            other = mean_answers(record.facts, plan.negative_item, plan, treated, least=least)
            negative = _points(_fit(other, plan.start, plan, record), key)
        except (NotEnoughData, ArgumentError) as error:
            negative = Estimate(why=str(error), unit="points", origin=key)
    fitted = _fit(series, plan.start, plan, record)
    return Found(
        effect=_points(fitted, key),
        placebo=_placebo(series, plan, record, key, trend=True),
        negative=negative,
        leavers=for_leavers(record, plan, treated, ()),
        detectable=_detectable(fitted, key, "points"),
        series=_drawn(series.without_the_start(plan.start), fitted),
    )


def _sales(
    record: Record,
    plan: EffectDecision,
    treated: Sequence[CustomerClass],
    control: Sequence[CustomerClass],
) -> Found:
    """Log revenue, or the log ratio of both groups' revenue where there is a control: the effect is a share."""
    against = bool(control)
    who = f"; got it: {', '.join(plan.treated)}" if plan.treated else ""
    who += f"; did not: {', '.join(plan.control)}" if against else ""
    key = record.origin(
        f"effect_{plan.id}",
        ("sales", "customers") if treated else ("sales",),
        "nonagon.methods.effects.interrupted_time_series",
        rows=f"our revenue by whole {plan.unit}{_since(plan)}{who}",
        variant=("log ratio of revenue with to without it; " if against else "log revenue; ")
        + _variant(plan, trend=not against),
        assumptions=(
            "Without the improvement the ratio would have stayed as it was."
            if against
            else "The trend before would have gone on.",
            "Nothing else happened at that date to those who got it.",
        ),
    )
    got = revenue(record.facts, plan, treated)
    logs = Series(got.periods, np.log(got.values))
    if against:
        did_not = revenue(record.facts, plan, control)
        if did_not.periods != got.periods:
            raise NotEnoughData("sales with and without the improvement cover different periods")
        logs = Series(got.periods, logs.values - np.log(did_not.values))
    fitted = _fit(logs, plan.start, plan, record, trend=not against)
    drawn = _drawn(logs.without_the_start(plan.start), fitted)
    return Found(
        effect=_ratio(fitted, key),
        placebo=_placebo(logs, plan, record, key, trend=not against),
        detectable=_detectable(fitted, key, "share"),
        series=tuple(
            one.model_copy(
                update={
                    "observed": float(np.exp(one.observed)),
                    "expected": None if one.expected is None else float(np.exp(one.expected)),
                }
            )
            for one in drawn
        ),
    )


def _since(plan: EffectDecision) -> str:
    return f", from {plan.begin} on" if plan.begin else ""


def _variant(plan: EffectDecision, *, trend: bool) -> str:
    parts = ["change of level", "with trend" if trend else "without trend", "errors carry over"]
    if plan.seasonal:
        parts.append("with seasons")
    parts.append(f"the {plan.unit} in which it started left out")
    return ", ".join(parts)


def _fit(
    series: Series, start: date, plan: EffectDecision, record: Record, *, trend: bool = True
) -> InterruptedTimeSeries:
    kept = series.without_the_start(start)
    before = kept.first_from(start)
    after = len(kept.periods) - before
    if min(before, after) < 2:
        raise NotEnoughData(
            f"at least 2 {plan.unit}s are needed before {start} and from then on; got {before} and {after}"
        )
    return interrupted_time_series(
        y=kept.values,
        first_post=before,
        left_out=len(series.periods) - len(kept.periods),
        season=SEASONS[plan.unit] if plan.seasonal else None,
        season_start=_season_of(kept.periods[0], plan.unit),
        slope_change="none",
        trend=trend,
        confidence=record.cycle.settings.confidence,
    )


def _season_of(period: date, unit: str) -> int:
    if unit == "week":
        return period.isocalendar().week - 1
    return period.month - 1 if unit == "month" else (period.month - 1) // 3


def _placebo(series: Series, plan: EffectDecision, record: Record, key: str, *, trend: bool) -> Estimate | None:
    """The same analysis of the time before the start, at the date on which nothing happened."""
    if plan.placebo is None:
        return None
    unit = "share" if plan.outcome == "sales" else "points"
    try:
        found = _fit(series.before(plan.start), plan.placebo, plan, record, trend=trend)
    except (NotEnoughData, ArgumentError) as error:
        return Estimate(why=str(error), unit=unit, origin=key)
    return _ratio(found, key) if unit == "share" else _points(found, key)


def _settled(value: float) -> float:
    """Without the rounding errors of a series that never varies: they would pass for a change beyond chance."""
    return round(value, 9)


def _points(found: InterruptedTimeSeries, key: str) -> Estimate:
    return Estimate(
        value=_settled(found.average_effect),
        low=_settled(found.average_low),
        high=_settled(found.average_high),
        confidence=found.confidence,
        n=len(found.y),
        unit="points",
        origin=key,
    )


def _ratio(found: InterruptedTimeSeries, key: str) -> Estimate:
    """From a change of logs to a share."""
    value, low, high = (
        float(np.expm1(_settled(one))) for one in (found.average_effect, found.average_low, found.average_high)
    )
    return Estimate(
        value=value, low=low, high=high, confidence=found.confidence, n=len(found.y), unit="share", origin=key
    )


def _detectable(found: InterruptedTimeSeries, key: str, unit: str) -> Estimate | None:
    if found.sigma <= 0:
        return None
    plan = detectable_change(
        n_before=found.first_post,
        n_after=len(found.y) - found.first_post,
        sigma=found.sigma,
        autocorrelation=max(0.0, found.autocorrelation),
        alpha=1 - found.confidence,
        trend="trend" in found.names,
    )
    value = float(np.expm1(plan.jump)) if unit == "share" else plan.jump
    return Estimate(value=value, n=len(found.y), unit=unit, origin=key)


def _drawn(series: Series, fitted: InterruptedTimeSeries) -> tuple[SeriesPoint, ...]:
    return tuple(
        SeriesPoint(
            period=period,
            observed=float(series.values[at]),
            expected=float(fitted.counterfactual[at]) if at >= fitted.first_post else None,
        )
        for at, period in enumerate(series.periods)
    )
