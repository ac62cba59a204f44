"""What the latest phase is worth: its level, the change since the first phase, capability, share inside limits."""

import numpy as np
from numpy.typing import NDArray

from nonagon.basics.errors import NonagonError
from nonagon.deliverables.estimates import estimate_of, share_estimate
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step7 import ControlItem
from nonagon.methods.spc.capability import capability
from nonagon.methods.survey.mean import mean_difference, mean_of
from nonagon.methods.survey.rate import rate, rate_difference
from nonagon.methods.survey.two_proportions import two_proportions
from nonagon.methods.survey.welch_t import welch_t
from nonagon.steps.step7_control.analysis.series import Series
from nonagon.steps.step7_control.decisions import ControlItemDecision

_MEANS = (
    "nonagon.methods.survey.mean",
    "mean of the subgroup means, each with the size of its subgroup as weight, Student's t interval",
)
_VALUES = ("nonagon.methods.survey.mean", "Student's t interval of the single values")
LEVELS = {
    "imr": _VALUES,
    "xbar_s": _MEANS,
    "xbar_r": _MEANS,
    "p": ("nonagon.methods.survey.proportion", "Wilson interval"),
    "u": ("nonagon.methods.survey.rate", "exact Poisson interval"),
}
"""How the level is computed on each chart: method and variant."""
SHIFTS = {
    "imr": ("nonagon.methods.survey.welch_t", "Welch interval on single values"),
    "xbar_s": ("nonagon.methods.survey.mean", "Welch interval on subgroup means weighted by their sizes"),
    "xbar_r": ("nonagon.methods.survey.mean", "Welch interval on subgroup means weighted by their sizes"),
    "p": ("nonagon.methods.survey.two_proportions", "Newcombe interval"),
    "u": ("nonagon.methods.survey.rate", "difference of rates, MOVER"),
}
"""How the change between two phases is computed on each chart: method and variant."""


def level_of(
    plan: ControlItemDecision, series: Series, latest: str, record: Record, key: str, *, unit: str = ""
) -> Estimate:
    """The latest phase's level in `unit`: the mean of all its values, the share, or the rate.

    n: subgroups, single values or counts.
    """
    values, settings = series.phase_values(latest), record.cycle.settings
    method, variant = LEVELS[plan.chart]
    origin = _from(record, f"level_{plan.id}", key, method, f"{variant}, latest phase")
    if plan.chart == "p":
        return share_estimate(float(values.sum()), series.phase_sizes(latest), settings, origin=origin)
    if plan.chart == "u":
        units = series.phase_sizes(latest) / plan.units
        found = rate(count=float(values.sum()), units=units, confidence=settings.confidence)
        return estimate_of(found.rate, found, n=found.count, unit=unit, origin=origin)
    means = _means(plan, series, latest)
    if len(means) < 2:
        return Estimate(value=float(values.mean()), n=len(means), unit=unit, origin=origin)
    mean = mean_of(values=means, weights=_weights(plan, series, latest), confidence=settings.confidence)
    return estimate_of(mean.mean, mean, n=len(means), unit=unit, origin=origin)


def shift_of(plan: ControlItemDecision, series: Series, record: Record, key: str) -> Estimate | None:
    """The latest phase's level minus the first phase's; None where there is one phase."""
    first, latest = series.first, series.latest
    if first == latest:
        return None
    method, variant = SHIFTS[plan.chart]
    origin = _from(record, f"shift_{plan.id}", key, method, variant)
    try:
        return _shift(plan, series, (latest, first), record.cycle.settings.confidence, origin)
    except NonagonError as error:
        return Estimate(why=str(error), origin=origin)


def _shift(
    plan: ControlItemDecision, series: Series, labels: tuple[str, str], confidence: float, origin: str
) -> Estimate:
    latest, first = labels
    one, other = series.phase_values(latest), series.phase_values(first)
    sizes = series.phase_sizes(latest), series.phase_sizes(first)
    if plan.chart == "p":
        shares = two_proportions(
            x1=float(one.sum()), n1=sizes[0], x2=float(other.sum()), n2=sizes[1], confidence=confidence
        )
        return estimate_of(shares.difference, shares, n=sum(sizes), unit="share", origin=origin)
    if plan.chart == "u":
        rates = rate_difference(
            count=float(one.sum()),
            units=sizes[0] / plan.units,
            other_count=float(other.sum()),
            other_units=sizes[1] / plan.units,
            confidence=confidence,
        )
        return estimate_of(rates.difference, rates, n=float(one.sum() + other.sum()), origin=origin)
    if plan.chart.startswith("xbar"):
        latest_mean, first_mean = (
            mean_of(values=_means(plan, series, at), weights=_weights(plan, series, at), confidence=confidence)
            for at in (latest, first)
        )
        moved = mean_difference(one=latest_mean, two=first_mean, confidence=confidence)
        return estimate_of(moved.difference, moved, n=len(one) + len(other), origin=origin)
    test = welch_t(a=_means(plan, series, latest), b=_means(plan, series, first), confidence=confidence)
    return estimate_of(test.difference, test, n=len(one) + len(other), origin=origin)


def _means(plan: ControlItemDecision, series: Series, label: str) -> NDArray[np.float64]:
    """Subgroup means where values come in subgroups (values of one subgroup are alike), else the values."""
    if not plan.chart.startswith("xbar"):
        return series.phase_values(label)
    return np.array([one.mean() for one in series.of_phase(label)])


def _weights(plan: ControlItemDecision, series: Series, label: str) -> NDArray[np.float64]:
    """How many values stand behind each of `_means`."""
    if not plan.chart.startswith("xbar"):
        return np.ones(len(series.phase_values(label)))
    return np.array([float(len(one)) for one in series.of_phase(label)])


def capability_of(
    plan: ControlItemDecision, series: Series, blank: ControlItem, record: Record, key: str
) -> Estimate:
    """Ppk of the latest phase; the reason where it does not exist."""
    if plan.chart in {"p", "u"}:
        return Estimate(why="counts have no capability index: see the level")
    if blank.lower_limit is None and blank.upper_limit is None:
        return Estimate(why="the characteristic has no specification limits")
    values = series.phase_values(series.latest)
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
    origin = _from(
        record,
        f"capability_{plan.id}",
        key,
        "nonagon.methods.spc.capability",
        "Ppk of the latest phase, overall sigma, Bissell interval",
        ("The process is stable and its values are normal.",),
    )
    return Estimate(
        value=found.ppk.value,
        low=found.ppk.low,
        high=found.ppk.high,
        confidence=record.cycle.settings.confidence,
        n=len(values),
        origin=origin,
    )


def within_of(series: Series, blank: ControlItem, record: Record, key: str) -> Estimate | None:
    """Share of the latest phase's values inside the specification limits; needs no distribution."""
    if blank.lower_limit is None and blank.upper_limit is None:
        return None
    low = -np.inf if blank.lower_limit is None else blank.lower_limit
    high = np.inf if blank.upper_limit is None else blank.upper_limit
    values = series.phase_values(series.latest)
    inside = int(((values >= low) & (values <= high)).sum())
    origin = _from(
        record,
        f"within_{blank.id}",
        key,
        "nonagon.methods.survey.proportion",
        "Wilson interval, values inside the limits",
    )
    return share_estimate(inside, len(values), record.cycle.settings, origin=origin)


def _from(
    record: Record, key: str, like: str, method: str, variant: str, assumptions: tuple[str, ...] = ()
) -> str:
    """An origin with the rows of another one."""
    rows = record.origins[like].filter
    return record.origin(key, ("measurements",), method, rows=rows, variant=variant, assumptions=assumptions)
