"""The need tree with its evidence: what was said, how it is rated, and what importance was asked."""

from collections.abc import Iterable, Mapping

from nonagon.charts.wording import estimate
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step3 import NeedResult
from nonagon.engine.coding import SaidOfNeed
from nonagon.steps.step3_needs.analysis.expectations import KanoOfNeed
from nonagon.steps.step3_needs.analysis.scores import Rated
from nonagon.steps.step3_needs.analysis.verbatims import Said, said_by
from nonagon.steps.step3_needs.decisions import NeedDecision, Step3Decisions


def needs_with_evidence(
    record: Record,
    decisions: Step3Decisions,
    said: Said,
    rated: Rated,
    derived: Mapping[str, Estimate],
    gaps: Mapping[str, Estimate],
    kano: Mapping[str, KanoOfNeed],
) -> tuple[NeedResult, ...]:
    """Every need of the tree, then needs that only items name; importance is filled in afterwards."""
    tree = list(decisions.needs)
    levels = decisions.levels()
    stated = {one.id for one in tree}
    for asked in record.cycle.items_of("satisfaction"):
        if asked.need is not None and asked.need not in stated:
            stated.add(asked.need)
            tree.append(NeedDecision(id=asked.need, name=asked.text))
    if not decisions.needs:
        record.lack("the tree of needs", "decisions/needs.csv: id, name, parent")
    by_need = said.by_need(_with_those_below(tree))
    found = []
    for one in tree:
        item = record.cycle.item_of_need(one.id)
        importance = record.cycle.item_of_need(one.id, "importance")
        spoken = by_need.get(one.id, SaidOfNeed())
        kano_of = kano.get(one.id)
        found.append(
            NeedResult(
                id=one.id,
                name=one.name,
                level=levels.get(one.id, 1),
                parent=one.parent,
                item=item.id if item else None,
                verbatims=spoken.verbatims,
                verbatims_with_parts=spoken.different,
                heard=spoken.speakers,
                said_by=said_by(record, spoken.speakers, said.speakers) if said.speakers else None,
                satisfaction=rated.latest(item.id) if item else None,
                scale_min=item.scale_min if item else None,
                scale_max=item.scale_max if item else None,
                by_wave=rated.over_waves(item.id) if item else (),
                by_class=rated.by_class.get(item.id, ()) if item else (),
                stated=rated.latest(importance.id) if importance else None,
                derived=derived.get(one.id),
                gap=gaps.get(one.id),
                kano=kano_of.name if kano_of else None,
                better=kano_of.better if kano_of else None,
                worse=kano_of.worse if kano_of else None,
            )
        )
    _say_lowest(record, found)
    return tuple(found)


def need_names(cycle: Cycle, decisions: Step3Decisions) -> dict[str, str]:
    """What people call each need: its name in the tree, else the question that asks about it."""
    asked = {
        one.need: one.text for one in reversed(cycle.items_of("satisfaction")) if one.need is not None and one.text
    }
    return asked | {one.id: one.name for one in decisions.needs}


def counted_as(ids: Iterable[str], decisions: Step3Decisions) -> str:
    """What is counted when these needs are: details alone, or groups of needs among them.

    A need counts where something was coded to it itself; what is said of a detail does not count for its group.
    """
    groups = {one.parent for one in decisions.needs if one.parent is not None}
    if not groups:
        return "needs"
    return "needs and groups of needs" if groups.intersection(ids) else "single needs (groups not counted)"


def _with_those_below(tree: list[NeedDecision]) -> dict[str, list[str]]:
    """For each need, itself and every need below it."""
    children: dict[str, list[str]] = {}
    for one in tree:
        if one.parent is not None:
            children.setdefault(one.parent, []).append(one.id)
    found: dict[str, list[str]] = {}
    for one in tree:
        seen = {one.id: None}
        waiting = [one.id]
        while waiting:
            for child in children.get(waiting.pop(), ()):
                if child not in seen:
                    seen[child] = None
                    waiting.append(child)
        found[one.id] = list(seen)
    return found


def _say_lowest(record: Record, needs: list[NeedResult]) -> None:
    rated = [
        (one.satisfaction.value, one)
        for one in needs
        if one.satisfaction is not None and one.satisfaction.value is not None
    ]
    if len(rated) < 2:
        return
    _, lowest = min(rated, key=lambda pair: (pair[0], pair[1].id))
    score = lowest.satisfaction
    assert score is not None
    sentence = f"Of {len(rated)} rated needs {lowest.name} is rated lowest: {estimate(score)}."
    record.say("note", sentence, origin=score.origin)
