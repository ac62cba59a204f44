"""One step analysed by itself, held to what every step's section and criteria must keep."""

from typing import Any

from nonagon.charts.section import Chart, Figures, Section, Table
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Deliverable, Estimate
from nonagon.deliverables.step1 import Condition, CustomerClass
from nonagon.engine.facts import Facts
from nonagon.pipeline.compute import criteria_of, room_of, section_of

Rows = list[dict[str, Any]]
"""Records of a fact table, as `builders.facts.facts_of` takes them."""


def analysed(step: int, facts: Facts, before: Earlier | None, cycle: Cycle, document: dict[str, Any]) -> Any:
    """The step's deliverable, of which the section is whole and each criterion has its reason.

    before: the deliverables of the steps before; document: the step's decisions, as its file holds them.
    """
    decisions = room_of(step).decisions().model_validate(document)
    found = room_of(step).analyse()(cycle=cycle, facts=facts, decisions=decisions, earlier=before or Earlier())
    check_section(found, section_of(step, found, decisions))
    assert all(one.reason for one in criteria_of(step, found, decisions))
    return found


def check_section(found: Deliverable, section: Section) -> None:
    """Every section, whatever was found, has whole tables and names origins that are there."""
    for block in section.blocks:
        origins = [one.origin for one in block.figures] if isinstance(block, Figures) else []
        table = block.table if isinstance(block, Chart) else block if isinstance(block, Table) else None
        if table is not None:
            assert all(len(row) == len(table.columns) for row in table.rows)
            origins.append(table.origin)
        assert {one for one in origins if one} <= found.origins.keys()


def judged(step: int, facts: Facts, cycle: Cycle, document: dict[str, Any]) -> dict[str, tuple[bool, str]]:
    """The step's exit criteria: id -> whether it is met, and why; spaces between digits are plain ones."""
    decisions = room_of(step).decisions().model_validate(document)
    found = room_of(step).analyse()(cycle=cycle, facts=facts, decisions=decisions, earlier=Earlier())
    return {one.id: (one.met, one.reason.replace("\u202f", " ")) for one in criteria_of(step, found, decisions)}


def sentences(found: Deliverable, kind: str) -> list[str]:
    """What was found, of one kind."""
    return [one.sentence for one in found.findings if one.kind == kind]


def bounds(one: Estimate | None) -> tuple[float | None, float | None]:
    """The interval of an estimate that must be there."""
    assert one is not None
    return one.low, one.high


def class_of(region: str) -> CustomerClass:
    """The customers of a region."""
    return CustomerClass(id=region, name=region.title(), rule=(Condition(field="region", one_of=(region,)),))
