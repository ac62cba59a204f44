"""Step 4's analysis: the House of Quality with the survey's uncertainty, its holes and its conflicts."""

from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Link
from nonagon.deliverables.record import Record, data_behind
from nonagon.deliverables.step4 import CharacteristicsDeliverable, HouseCell, RoofCell
from nonagon.engine.facts import Facts
from nonagon.steps.step4_characteristics.analysis.columns import columns_of
from nonagon.steps.step4_characteristics.analysis.conflicts import conflicts_of
from nonagon.steps.step4_characteristics.analysis.findings import findings_of
from nonagon.steps.step4_characteristics.analysis.houses import further_houses
from nonagon.steps.step4_characteristics.analysis.ideas import compared
from nonagon.steps.step4_characteristics.analysis.rows import consistency_of, rows_of
from nonagon.steps.step4_characteristics.analysis.weights import Relationships, agreement_of, weighed
from nonagon.steps.step4_characteristics.decisions import Step4Decisions


def analyse(
    *, cycle: Cycle, facts: Facts, decisions: Step4Decisions, earlier: Earlier
) -> CharacteristicsDeliverable:
    """The House of Quality from the decided relationships and the importances that step 3 found.

    No facts are queried: everything that customers said comes through steps 2 and 3. What is missing is
    named in `lacks`; nothing is raised for it.
    """
    needs = earlier.step3.needs if earlier.step3 else ()
    behind = data_behind(earlier.step3, (one for need in needs for one in (need.importance, need.satisfaction)))
    record = Record(facts, cycle, data=behind)
    rows = rows_of(record, decisions, earlier)
    relationships = Relationships.of(decisions, [row.need for row in rows])
    weights = weighed(record, rows, relationships)
    rows = weights.rows
    columns = columns_of(record, decisions, relationships, weights)
    conflicts = conflicts_of(decisions, columns)
    if not decisions.characteristics:
        record.lack("the columns of the House of Quality", "decisions/characteristics.csv")
    deliverable = CharacteristicsDeliverable(
        characteristics=columns,
        rows=rows,
        cells=_cells(relationships),
        roof=tuple(
            RoofCell(a=one.a, b=one.b, sign=one.sign)
            for one in decisions.roof
            if {one.a, one.b} <= set(relationships.characteristics)
        ),
        competitors=tuple(dict.fromkeys(rating.subject for row in rows for rating in row.competitors)),
        empty_rows=tuple(row.need for row in rows if not row.characteristics),
        empty_columns=tuple(column.id for column in columns if not column.needs),
        conflicts=conflicts,
        judges=relationships.judges if len(relationships.judges) > 1 else (),
        agreement=agreement_of(record, relationships),
        consistency=consistency_of(record, decisions, [row.need for row in rows]),
        by_scale=weights.by_scale,
        concepts=tuple(compared(one) for one in decisions.concepts),
        houses=further_houses(record, decisions, columns),
        lacks=tuple(record.lacks),
        links=tuple(
            Link(from_kind="need", from_id=cell.need, to_kind="characteristic", to_id=cell.characteristic)
            for cell in _cells(relationships)
        ),
        origins=record.origins,
    )
    return deliverable.model_copy(update={"findings": findings_of(cycle, decisions, deliverable)})


def _cells(relationships: Relationships) -> tuple[HouseCell, ...]:
    """Every cell that at least one judge filled with more than nothing."""
    mean = relationships.mean
    return tuple(
        HouseCell(
            need=need,
            characteristic=characteristic,
            strength=mean[i, j],
            by_judge=tuple(relationships.strengths[:, i, j]) if len(relationships.judges) > 1 else (),
        )
        for i, need in enumerate(relationships.needs)
        for j, characteristic in enumerate(relationships.characteristics)
        if mean[i, j] > 0
    )
