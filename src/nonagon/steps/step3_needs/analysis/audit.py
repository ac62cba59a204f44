"""The assumption audit: what management believed before the research against what customers said and rated."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from nonagon.charts.wording import estimate, number
from nonagon.deliverables.estimates import estimate_of, share_estimate
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step3 import AssumptionAudit, Belief, NeedResult, Opened
from nonagon.engine import answers, coding, verbatims
from nonagon.methods.survey.mean import mean_of
from nonagon.steps.step3_needs.analysis.tree import counted_as
from nonagon.steps.step3_needs.analysis.verbatims import Said
from nonagon.steps.step3_needs.decisions import Assumption, Step3Decisions

ORIGIN = "audit"


def audit_assumptions(
    record: Record, decisions: Step3Decisions, said: Said, needs: tuple[NeedResult, ...]
) -> AssumptionAudit | None:
    """Where management was blind, wrong or right; None, with the lack said, where nothing was written down."""
    _say_opened(record, decisions)
    if not decisions.assumptions:
        record.lack(
            "the assumption audit",
            "decisions/assumptions.csv: what management believes, written down before the first answer",
        )
        return None
    first = _first_heard(record)
    origin = record.origin(
        ORIGIN,
        ("verbatims", "answers"),
        "nonagon.methods.survey.proportion",
        rows="needs that at least one customer said; answers about us in the latest wave",
        variant="Wilson; a need counts as listed when it, or a need above it, is listed",
        assumptions=("The needs heard stand for all needs; what nobody said is not counted as blind.",),
    )
    by_id = {one.id: one for one in needs}
    actual = _ranks({one.id: one.importance.value for one in needs if one.importance and one.importance.value})
    assumptions = _as_now(decisions)
    believed = _believed_ranks(assumptions)
    sealed_on = decisions.seal.sealed_on if decisions.seal is not None else None
    beliefs = tuple(
        _belief(
            one,
            by_id.get(one.need),
            believed.get((one.by, one.need)),
            actual.get(one.need),
            sealed=_before(sealed_on or one.stated_on, first),
        )
        for one in assumptions
    )
    listed = {one.need for one in assumptions}
    heard = [one for one in needs if one.verbatims]
    blind = [one for one in heard if not _is_listed(one, by_id, listed)]
    audit = AssumptionAudit(
        beliefs=beliefs,
        counted=counted_as([one.id for one in heard], decisions),
        heard=len(heard),
        blind=tuple(one.id for one in blind),
        blind_share=_share(record, len(blind), len(heard), "no need was heard in verbatims"),
        blind_mentions=_mentions(record, said, [one.id for one in blind]),
        error=_error(record, beliefs),
        bias=_bias(record, beliefs),
        first_heard=first,
        sealed_on=sealed_on,
        seal=decisions.seal.sha256 if decisions.seal is not None else "",
        opened=tuple(
            Opened(sealed_on=one.sealed_on, unsealed_on=one.unsealed_on, reason=one.reason, by=one.by)
            for one in decisions.unsealed
        ),
    )
    _say(record, audit, by_id, origin)
    return audit


def _as_now(decisions: Step3Decisions) -> tuple[Assumption, ...]:
    """The assumptions, each with the id under which its need goes on."""
    return tuple(one.model_copy(update={"need": decisions.need_now(one.need)}) for one in decisions.assumptions)


def _before(day: date | None, first: date | None) -> bool:
    return day is not None and first is not None and day < first


def _first_heard(record: Record) -> date | None:
    """The first day on which a customer answered or said anything."""
    days = [
        answers.first_day(record.facts) if record.facts.has("answers") else None,
        verbatims.first_day(record.facts) if record.facts.has("verbatims") else None,
    ]
    return min((day for day in days if day is not None), default=None)


def _ranks(values: dict[str, float]) -> dict[str, int]:
    """1 for the largest; equal values in the order of their ids."""
    ordered = sorted(values, key=lambda need: (-values[need], need))
    return {need: place + 1 for place, need in enumerate(ordered)}


def _believed_ranks(assumptions: tuple[Assumption, ...]) -> dict[tuple[str, str], int]:
    """The rank that each role gave, or the rank of the importance that it gave."""
    found: dict[tuple[str, str], int] = {}
    for role in dict.fromkeys(one.by for one in assumptions):
        mine = [one for one in assumptions if one.by == role]
        scored = _ranks({one.need: one.importance for one in mine if one.importance is not None})
        for one in mine:
            rank = one.importance_rank if one.importance_rank is not None else scored.get(one.need)
            if rank is not None:
                found[role, one.need] = rank
    return found


def _belief(
    one: Assumption, need: NeedResult | None, believed: int | None, actual: int | None, *, sealed: bool
) -> Belief:
    rated = need.satisfaction if need is not None else None
    known = rated is not None and rated.value is not None
    error: Estimate | None = None
    verdict = "unrated"
    if need is None or (not need.heard and need.item is None):
        verdict = "unheard"
    elif known and one.predicted is not None and rated is not None and rated.value is not None:
        error = Estimate(
            value=one.predicted - rated.value,
            low=None if rated.high is None else one.predicted - rated.high,
            high=None if rated.low is None else one.predicted - rated.low,
            confidence=rated.confidence,
            n=rated.n,
            unit="points",
            origin=rated.origin,
        )
        verdict = "wrong" if error.beyond_chance else "right"
    return Belief.model_validate(
        {
            "need": one.need,
            "name": need.name if need is not None else one.need,
            "by": one.by,
            "stated_on": one.stated_on,
            "sealed": sealed,
            "believed_rank": believed,
            "actual_rank": actual,
            "predicted": one.predicted,
            "rated": rated,
            "error": error,
            "verdict": verdict,
        }
    )


def _is_listed(need: NeedResult, by_id: dict[str, NeedResult], listed: set[str]) -> bool:
    here: NeedResult | None = need
    seen: set[str] = set()
    while here is not None and here.id not in seen:
        if here.id in listed:
            return True
        seen.add(here.id)
        here = by_id.get(here.parent) if here.parent is not None else None
    return False


def _share(record: Record, part: int, whole: int, why: str) -> Estimate:
    return share_estimate(part, whole, record.cycle.settings, origin=ORIGIN, why=why)


def _mentions(record: Record, said: Said, blind: Sequence[str]) -> Estimate:
    """Share of the customers who named a need that named one which management had not listed."""
    naming = coding.naming(said.coded) if said.coded is not None else 0
    outside = coding.naming(said.coded, blind) if said.coded is not None else 0
    return _share(record, outside, naming, "no customer named a need")


def _errors(beliefs: tuple[Belief, ...]) -> list[float]:
    return [one.error.value for one in beliefs if one.error is not None and one.error.value is not None]


def _error(record: Record, beliefs: tuple[Belief, ...]) -> Estimate:
    """Mean absolute difference of predicted and rated, over the beliefs that can be compared."""
    del record
    errors = _errors(beliefs)
    if not errors:
        return Estimate(unit="points", why="no predicted score can be compared with a rating", origin=ORIGIN)
    return Estimate(value=float(np.mean(np.abs(errors))), n=len(errors), unit="points", origin=ORIGIN)


def _bias(record: Record, beliefs: tuple[Belief, ...]) -> Estimate:
    """Mean of predicted minus rated with its interval over the beliefs."""
    errors = _errors(beliefs)
    if len(errors) < 2:
        return Estimate(n=len(errors), unit="points", why="fewer than two predicted scores", origin=ORIGIN)
    result = mean_of(values=errors, confidence=record.cycle.settings.confidence)
    return estimate_of(result.mean, result, n=len(errors), unit="points", origin=ORIGIN)


def _say(record: Record, audit: AssumptionAudit, by_id: dict[str, NeedResult], origin: str) -> None:
    share = audit.blind_share
    if share.value is not None:
        named = ", ".join(by_id[one].name for one in audit.blind[:4])
        which = f": {named}" if named else ""
        sentence = (
            f"Management had not listed {len(audit.blind)} of {audit.heard} {audit.counted} that customers spoke "
            f"of in any channel, {estimate(share)}{which}."
        )
        record.say("note", sentence, origin=origin, headline=6)
    wrong = [one for one in audit.beliefs if one.verdict == "wrong"]
    compared = [one for one in audit.beliefs if one.verdict in {"right", "wrong"}]
    if compared and audit.error.value is not None:
        sentence = (
            f"{len(wrong)} of {len(compared)} predicted scores lie outside the interval of what customers gave; "
            f"the predictions were off by {number(audit.error.value)} points on average."
        )
        record.say("note", sentence, origin=origin, headline=6)
    late = sum(1 for one in audit.beliefs if not one.sealed)
    if late and audit.sealed_on is not None:
        sentence = (
            f"The register of assumptions was sealed on {audit.sealed_on}, which is not before the first answer "
            f"or verbatim ({audit.first_heard or 'undated'})."
        )
        record.say("warning", sentence, origin=origin, headline=6)
    elif late:
        sentence = (
            f"{late} of {len(audit.beliefs)} assumptions are not sealed: they carry no date, or one that is not "
            f"before the first answer or verbatim ({audit.first_heard or 'undated'})."
        )
        record.say("warning", sentence, origin=origin, headline=6)


def _say_opened(record: Record, decisions: Step3Decisions) -> None:
    """A register that was opened again is said, whatever stands in it now."""
    for one in decisions.unsealed:
        sentence = (
            f"The register that was sealed on {one.sealed_on} was opened again on {one.unsealed_on}: {one.reason}"
        )
        record.say("warning", sentence.rstrip(".") + ".", headline=6)
