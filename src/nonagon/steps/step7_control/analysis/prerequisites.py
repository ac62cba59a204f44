"""Each customer requirement traced to its characteristic and verified by evidence: met, not met, not shown."""

from nonagon.charts.wording import THIN, estimate, short
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step4 import Characteristic
from nonagon.deliverables.step7 import ControlItem, Prerequisite
from nonagon.steps.step7_control.decisions import PrerequisiteDecision, Step7Decisions

STRONG = 9
"""The strength of a relationship in the House of Quality from which a need counts on its characteristic."""
FROM_WORST = ("not_met", "not_shown", "met")


def verify(
    items: tuple[ControlItem, ...], decisions: Step7Decisions, earlier: Earlier, record: Record
) -> tuple[Prerequisite, ...]:
    """The verdict on every promise: those decided, and every need on what strongly serves it."""
    decided = {(one.need, one.characteristic): one for one in decisions.prerequisites}
    promises = list(decisions.prerequisites)
    for characteristic in earlier.step4.characteristics if earlier.step4 else ():
        for need in _counting_on(characteristic, earlier):
            if (need, characteristic.id) not in decided:
                promises.append(PrerequisiteDecision(need=need, characteristic=characteristic.id))
    watching: dict[str, list[ControlItem]] = {}
    for item in items:
        watching.setdefault(item.characteristic, []).append(item)
    needs = {one.id: one.name for one in earlier.step3.needs} if earlier.step3 else {}
    names = {one.id: one.name for one in earlier.step4.characteristics} if earlier.step4 else {}
    return tuple(
        _verdict(one, watching.get(one.characteristic, []), record).model_copy(
            update={
                "need_name": needs.get(one.need, one.need),
                "characteristic_name": names.get(one.characteristic, one.characteristic),
            }
        )
        for one in promises
    )


def _counting_on(characteristic: Characteristic, earlier: Earlier) -> tuple[str, ...]:
    """The needs that the characteristic serves strongly; all of them where no strengths were handed on."""
    cells = earlier.step4.cells if earlier.step4 else ()
    if not cells:
        return characteristic.needs
    strong = {one.need for one in cells if one.characteristic == characteristic.id and one.strength >= STRONG}
    return tuple(need for need in characteristic.needs if need in strong)


def _verdict(promise: PrerequisiteDecision, items: list[ControlItem], record: Record) -> Prerequisite:
    """By the document where one is named; else by what is measured, the worst where several items watch it."""
    if promise.fulfilled is not None or promise.document:
        return _by_document(promise, record)
    if not items:
        return _said(promise, "not_shown", "nobody watches the characteristic: no control item names it")
    return min((_by_item(promise, item) for item in items), key=lambda one: FROM_WORST.index(one.verdict))


def _by_item(promise: PrerequisiteDecision, item: ControlItem) -> Prerequisite:
    if item.stable is None:
        return _said(promise, "not_shown", "the control item has no measurements")
    if item.chart in {"p", "u"}:
        return _by_level(promise, item)
    return _by_capability(promise, item)


def _by_document(promise: PrerequisiteDecision, record: Record) -> Prerequisite:
    if promise.fulfilled is None or promise.verified_on is None:
        reason = f"the document ({promise.document or 'not named'}) was not checked yet"
        return _said(promise, "not_shown", reason)
    key = f"document_{promise.need}_{promise.characteristic}"
    record.origin(key, (), "decision", rows="decisions/prerequisites.csv", variant=promise.document)
    by = f" by {promise.verified_by}" if promise.verified_by else ""
    reason = f"{promise.document}, checked on {promise.verified_on}{by}"
    return _said(promise, "met" if promise.fulfilled else "not_met", reason)


def _by_level(promise: PrerequisiteDecision, item: ControlItem) -> Prerequisite:
    """A share or a rate against the one limit that it has: the whole interval must lie on the good side."""
    level = item.level
    if item.upper_limit is None and item.lower_limit is None:
        return _said(promise, "not_shown", "the characteristic has no specification limit")
    if level is None or level.value is None or level.low is None or level.high is None:
        return _said(promise, "not_shown", level.why if level else "no level is known")
    above = item.upper_limit is not None and level.low > item.upper_limit
    below = item.lower_limit is not None and level.high < item.lower_limit
    inside = (item.upper_limit is None or level.high <= item.upper_limit) and (
        item.lower_limit is None or level.low >= item.lower_limit
    )
    limits = _limits(item)
    value, low, high = (_figure(one, level, digits=4) for one in (level.value, level.low, level.high))
    interval = f"{value} ({low} to {high})"
    if inside:
        return _said(promise, "met", f"the level is {interval}, all of it inside {limits}", level)
    if above or below:
        return _said(promise, "not_met", f"the level is {interval}, all of it outside {limits}", level)
    return _said(promise, "not_shown", f"the level is {interval}, which straddles {limits}", level)


def _by_capability(promise: PrerequisiteDecision, item: ControlItem) -> Prerequisite:
    index, wanted = item.capability, promise.capability_at_least
    if index is None or index.value is None or index.low is None or index.high is None:
        return _said(promise, "not_shown", index.why if index else "no capability is known")
    interval = f"Ppk is {estimate(index)}, promised is {short(wanted)}"
    if index.high < wanted:
        return _said(promise, "not_met", interval, index)
    if index.low < wanted:
        return _said(promise, "not_shown", f"{interval}: more measurements would tell", index)
    if not item.stable:
        return _said(promise, "not_shown", f"{interval}, but the chart shows unexplained signals", index)
    return _said(promise, "met", interval, index)


def _limits(item: ControlItem) -> str:
    low, high = (_figure(one, item.level) for one in (item.lower_limit, item.upper_limit))
    if not low:
        return f"the limit of at most {high}"
    return f"the limits {low} to {high}" if high else f"the limit of at least {low}"


def _figure(value: float | None, level: Estimate | None, *, digits: int = 6) -> str:
    """A share in percent, or a rate, however small."""
    if value is None or level is None or level.unit != "share":
        return short(value, digits=digits)
    return f"{short(100 * value, digits=digits)}{THIN}%"


def _said(
    promise: PrerequisiteDecision, verdict: str, reason: str, evidence: Estimate | None = None
) -> Prerequisite:
    return Prerequisite.model_validate(
        {
            "need": promise.need,
            "characteristic": promise.characteristic,
            "verdict": verdict,
            "reason": reason,
            "evidence": evidence,
        }
    )
