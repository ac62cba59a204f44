"""What the page of step 4 reads: the House of Quality as it stands, ready to be edited."""

from typing import Any

from nonagon.deliverables.cycle import Cycle as Register
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step2 import MarketDeliverable
from nonagon.deliverables.step3 import NeedsDeliverable
from nonagon.deliverables.step4 import HouseRow
from nonagon.engine.facts import Facts
from nonagon.process import documents, results
from nonagon.process.models import Cycle
from nonagon.steps.step4_characteristics.analysis.rows import rows_of
from nonagon.steps.step4_characteristics.decisions import Step4Decisions


def house(cycle: Cycle) -> dict[str, Any]:
    """The house as plain JSON: rows and columns in order, cells by judge, roof, assessments, what was accepted.

    The rows are those of the analysis: importance and ratings come from the stored results of steps 2 and 3, the
    rest from the newest decisions, so that a row that was added a moment ago stands there already.
    """
    head, given, _numbers = documents.all_current(cycle)
    decisions = given[4]
    assert isinstance(decisions, Step4Decisions)
    register = Register(**{name: getattr(head, name) for name in Register.model_fields})
    tree = {one.id: one for one in getattr(given[3], "needs", ())}
    rows = rows_of(Record(Facts({}), register), decisions, _earlier(cycle))
    subjects = [one.subject for one in decisions.technical if one.subject not in {"us", register.subject}]
    rated = [rating.subject for row in rows for rating in row.competitors]
    return {
        "subject": register.subject,
        "needs": [_row(row, decisions, tree) for row in rows],
        "all_needs": [{"id": one.id, "name": one.name, "depth": _depth(one, tree)} for one in tree.values()],
        "rows_chosen": bool(decisions.rows),
        "characteristics": [one.model_dump(mode="json") for one in decisions.characteristics],
        "cells": [[one.need, one.characteristic, one.judge, one.strength] for one in decisions.relationships],
        "roof": [[one.a, one.b, one.sign] for one in decisions.roof],
        "technical": [[one.characteristic, one.subject, one.value] for one in decisions.technical],
        "subjects": list(dict.fromkeys([*subjects, *rated])),
        "pairs": [[one.a, one.b, one.times] for one in decisions.importance_pairs],
        "concepts": [one.model_dump(mode="json") for one in decisions.concepts],
        "houses": [one.model_dump(mode="json") for one in decisions.houses],
        "accepted_rows": dict(decisions.accepted_empty_rows),
        "accepted_conflicts": dict(decisions.accepted_conflicts),
    }


def _earlier(cycle: Cycle) -> Earlier:
    """What the rows rest on: the stored deliverables of steps 2 and 3."""
    return Earlier(
        step2=results.deliverable(cycle, 2, MarketDeliverable),
        step3=results.deliverable(cycle, 3, NeedsDeliverable),
    )


def _row(row: HouseRow, decisions: Step4Decisions, tree: dict[str, Any]) -> dict[str, Any]:
    decided = next((one for one in decisions.importance if one.need == row.need), None)
    planned = next((one for one in decisions.need_targets if one.need == row.need), None)
    own = tree.get(row.need)
    return {
        "id": row.need,
        "name": own.name if own is not None else row.name,
        "above": _above(own, tree),
        "importance": _value(row.importance),
        "kind": row.importance_kind,
        "decided": decided.model_dump(mode="json", exclude={"need"}) if decided is not None else None,
        "ours": _value(row.ours),
        "competitors": {one.subject: _value(one.rating) for one in row.competitors},
        "scale": [row.scale_min, row.scale_max],
        "now": planned.now if planned is not None else None,
        "target": planned.target if planned is not None else None,
        "sales_point": planned.sales_point if planned is not None else None,
    }


def _value(estimate: Estimate | None) -> float | None:
    return estimate.value if estimate is not None else None


def _above(need: Any, tree: dict[str, Any]) -> str:
    """The names of the needs above it, highest first."""
    names: list[str] = []
    seen: set[str] = set()
    parent = need.parent if need is not None else None
    while parent in tree and parent not in seen:
        seen.add(parent)
        names.insert(0, tree[parent].name)
        parent = tree[parent].parent
    return " › ".join(names)


def _depth(need: Any, tree: dict[str, Any]) -> int:
    above = _above(need, tree)
    return above.count(" › ") + 1 if above else 0
