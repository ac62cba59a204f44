"""Step 3's analysis: facts and decisions -> what customers need, how they rate it, and what is still unheard."""

from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Link
from nonagon.deliverables.record import Record
from nonagon.deliverables.step3 import NeedResult, NeedsDeliverable
from nonagon.engine.facts import Facts
from nonagon.steps.step3_needs.analysis.areas import areas_to_improve
from nonagon.steps.step3_needs.analysis.audit import audit_assumptions
from nonagon.steps.step3_needs.analysis.expectations import expectation_gaps, kano_classes
from nonagon.steps.step3_needs.analysis.importance import carried_importance, derived_importance
from nonagon.steps.step3_needs.analysis.quality import survey_quality
from nonagon.steps.step3_needs.analysis.scores import rate
from nonagon.steps.step3_needs.analysis.tree import need_names, needs_with_evidence
from nonagon.steps.step3_needs.analysis.unheard import unheard_needs
from nonagon.steps.step3_needs.analysis.verbatims import code_verbatims
from nonagon.steps.step3_needs.decisions import Step3Decisions


def analyse(*, cycle: Cycle, facts: Facts, decisions: Step3Decisions, earlier: Earlier) -> NeedsDeliverable:
    """Needs with their evidence, what is unheard, the audit. Never raises for a lack of data."""
    record = Record(facts, cycle)
    classes = earlier.step1.classes if earlier.step1 is not None else ()
    said = code_verbatims(record, decisions)
    rated = rate(record, classes)
    names = need_names(cycle, decisions)
    derived, explained = derived_importance(record, rated, names)
    gaps = expectation_gaps(record, rated, names)
    kano = kano_classes(record, rated)
    needs = needs_with_evidence(record, decisions, said, rated, derived, gaps, kano)
    needs = carried_importance(record, needs)
    unknown = unheard_needs(record, decisions, said, classes)
    audit = audit_assumptions(record, decisions, said, needs)
    return NeedsDeliverable(
        origins=record.origins,
        needs=needs,
        waves=rated.waves,
        wave=rated.wave,
        overall=rated.without_need(cycle),
        explained=explained,
        quality=survey_quality(record, rated),
        coding=said.summary,
        proposals=said.proposals,
        unknown=unknown,
        audit=audit,
        areas=areas_to_improve(record, needs),
        findings=tuple(record.findings),
        lacks=tuple(record.lacks),
        links=_links(needs),
    )


def _links(needs: tuple[NeedResult, ...]) -> tuple[Link, ...]:
    """Need -> the wider need that it is part of. Which verbatims speak of a need is asked of the codes."""
    known = {need.id for need in needs}
    return tuple(
        Link(from_kind="need", from_id=need.id, to_kind="need", to_id=need.parent)
        for need in needs
        if need.parent is not None and need.parent in known
    )
