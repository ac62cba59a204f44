"""Step 4's section: the House of Quality, the weights with their intervals, conflicts, ideas, further houses."""

from nonagon.charts.bars import Bar, intervals
from nonagon.charts.house import House, HouseColumn, HouseRow, house_of_quality
from nonagon.charts.section import Block, Chart, Figure, Figures, Heading, Paragraph, Section, Table
from nonagon.charts.wording import amount, chance, estimate, measured, number, percent, short
from nonagon.deliverables.step4 import Characteristic, CharacteristicsDeliverable, FurtherHouse, IdeaComparison
from nonagon.deliverables.step4 import HouseRow as RowOfHouse
from nonagon.steps.step4_characteristics.decisions import Step4Decisions

KINDS = {
    "stated": "stated",
    "derived": "derived",
    "frequency": "how often said",
    "decided": "decided",
    "none": "not known",
}
MARKS = {-2: "−−", -1: "−", 0: "0", 1: "+", 2: "++", None: "?"}
MOST_CELLS_DRAWN = 40
"""More columns than this do not fit on paper; the table then stands alone."""


def section(deliverable: CharacteristicsDeliverable, decisions: Step4Decisions) -> Section:
    """The section of the report, and later of the page."""
    del decisions
    blocks: list[Block] = [_figures(deliverable)]
    if deliverable.rows and deliverable.characteristics:
        blocks += _house(deliverable)
    if any(one.relative is not None for one in deliverable.characteristics):
        blocks += [_weights(deliverable), _both_scales(deliverable)]
    if deliverable.rows:
        blocks += _rows(deliverable)
    if deliverable.characteristics:
        blocks.append(_columns(deliverable))
    if deliverable.conflicts:
        blocks.append(_conflicts(deliverable))
    if deliverable.by_scale:
        blocks.append(_scales(deliverable))
    for concepts in deliverable.concepts:
        blocks += _ideas(concepts)
    for house in deliverable.houses:
        blocks += _further(house, deliverable)
    return Section(
        step=4,
        title="Determine internal quality characteristics",
        purpose="Which measurable characteristics of our own serve what customers need, and how much each weighs.",
        blocks=tuple(blocks),
    )


def _figures(deliverable: CharacteristicsDeliverable) -> Figures:
    served = len(deliverable.rows) - len(deliverable.empty_rows)
    figures = [
        Figure("Needs served", f"{served} of {len(deliverable.rows)}", "rows of the house with a relationship"),
        Figure(
            "Characteristics",
            str(len(deliverable.characteristics)),
            f"{len(deliverable.empty_columns)} of them serve nobody",
        ),
        Figure("Conflicts that matter", str(sum(one.matters for one in deliverable.conflicts)), "in the roof"),
    ]
    first = min(deliverable.characteristics, key=lambda one: one.rank or 10**9, default=None)
    if first is not None and first.relative is not None:
        figures.append(Figure("Highest weight", percent(first.relative.value), first.name, first.relative.origin))
    if deliverable.agreement is not None and deliverable.agreement.value is not None:
        judges = f"{len(deliverable.judges)} judges"
        figures.append(
            Figure("Agreement (alpha)", number(deliverable.agreement.value), judges, deliverable.agreement.origin)
        )
    return Figures(tuple(figures))


def _house(deliverable: CharacteristicsDeliverable) -> list[Block]:
    house = House(
        rows=tuple(
            HouseRow(
                id=row.need,
                name=row.name,
                importance=row.share.value if row.share else None,
                ours=row.ours.value if row.ours else None,
                theirs=tuple(
                    next((one.rating.value for one in row.competitors if one.subject == subject), None)
                    for subject in deliverable.competitors
                ),
            )
            for row in deliverable.rows
        ),
        columns=tuple(_drawn(one) for one in deliverable.characteristics),
        strengths={(cell.need, cell.characteristic): cell.strength for cell in deliverable.cells},
        roof={(cell.a, cell.b): cell.sign for cell in deliverable.roof},
        competitors=deliverable.competitors,
    )
    chart = house_of_quality(house, title="House of Quality", origin="weights")
    return [chart.table if len(deliverable.characteristics) > MOST_CELLS_DRAWN else chart]


def _drawn(one: Characteristic) -> HouseColumn:
    relative = one.relative
    return HouseColumn(
        id=one.id,
        name=one.name,
        direction=one.direction,
        target=measured(one.target, one.unit),
        weight=relative.value if relative else None,
        low=relative.low if relative else None,
        high=relative.high if relative else None,
        rank=one.rank,
    )


def _weights(deliverable: CharacteristicsDeliverable) -> Chart:
    ranked = sorted(deliverable.characteristics, key=lambda one: one.rank or 10**9)
    groups = [one.group for one in ranked]
    return intervals(
        [
            Bar(
                label=one.name,
                value=one.relative.value if one.relative else None,
                low=one.relative.low if one.relative else None,
                high=one.relative.high if one.relative else None,
                group=_letter(one.group) if len(set(groups)) < len(groups) else "",
                detail=f"first with a chance of {chance(one.chance_first.value)}"
                if one.chance_first and one.chance_first.value
                else "",
            )
            for one in ranked
        ],
        title="What each characteristic weighs, with the uncertainty of the survey and of the judges",
        x="share of the weight",
        share=True,
        origin="weights",
    )


def _letter(group: int | None) -> str:
    return "" if group is None else chr(ord("A") + (group - 1) % 26)


def _rows(deliverable: CharacteristicsDeliverable) -> list[Block]:
    """The rows in narrow tables: importance, how customers rate us and others, the planning columns."""
    blocks: list[Block] = [_importances(deliverable)]
    if any(row.ours is not None or row.competitors for row in deliverable.rows):
        blocks.append(_ratings(deliverable))
    if any(row.improvement_ratio is not None for row in deliverable.rows):
        blocks.append(_planning(deliverable))
    return blocks


def _importances(deliverable: CharacteristicsDeliverable) -> Table:
    names = {one.id: one.name for one in deliverable.characteristics}
    reasons = [f"{row.name}: {row.importance_reason}" for row in deliverable.rows if row.importance_reason]
    return Table(
        caption="Rows: what each need weighs, and what serves it",
        columns=(
            ("need", "text"),
            ("importance", "number"),
            ("which", "text"),
            ("weight", "number"),
            ("served by", "text"),
        ),
        rows=tuple(
            (
                row.name,
                estimate(row.importance),
                KINDS[row.importance_kind],
                percent(row.share.value) if row.share else "",
                ", ".join(names[one] for one in row.characteristics) or "nobody",
            )
            for row in deliverable.rows
        ),
        note="; ".join(reasons),
        origin="rows",
    )


def _ratings(deliverable: CharacteristicsDeliverable) -> Table:
    def rated(row: RowOfHouse, subject: str) -> str:
        return estimate(next((one.rating for one in row.competitors if one.subject == subject), None))

    first = next((row.ours for row in deliverable.rows if row.ours is not None), None)
    return Table(
        caption="How customers rate us and others on each need",
        columns=(
            ("need", "text"),
            ("we", "number"),
            *[(subject, "number") for subject in deliverable.competitors],
        ),
        rows=tuple(
            (row.name, estimate(row.ours), *[rated(row, subject) for subject in deliverable.competitors])
            for row in deliverable.rows
        ),
        origin=first.origin if first else "",
    )


def _planning(deliverable: CharacteristicsDeliverable) -> Table:
    return Table(
        caption="Planning: from today's rating to the target",
        columns=(
            ("need", "text"),
            ("now", "number"),
            ("target", "number"),
            ("improvement ratio", "number"),
            ("sales point", "number"),
            ("raw weight", "number"),
        ),
        rows=tuple(
            (
                row.name,
                number(row.now),
                number(row.target),
                number(row.improvement_ratio),
                number(row.sales_point, digits=1),
                number(row.raw_weight),
            )
            for row in deliverable.rows
        ),
        note="Raw weight = importance × improvement ratio × sales point; without a target the importance alone.",
        origin="rows",
    )


def _columns(deliverable: CharacteristicsDeliverable) -> Table:
    return Table(
        caption="Columns: characteristics with their technical assessment and targets",
        columns=(
            ("characteristic", "text"),
            ("now", "number"),
            ("others", "text"),
            ("target", "number"),
            ("limits", "text"),
            ("difficulty", "number"),
            ("cost", "number"),
        ),
        rows=tuple(
            (
                one.name if one.unit in {"", "share"} else f"{one.name}, {one.unit}",
                _cell(one, one.now),
                ", ".join(f"{rival.subject} {_cell(one, rival.value)}" for rival in one.competitors),
                _cell(one, one.target),
                _limits(one),
                number(one.difficulty, digits=0),
                amount(one.cost),
            )
            for one in deliverable.characteristics
        ),
        note="; ".join(
            f"{one.name} still lacks {', '.join(one.missing)}"
            for one in deliverable.characteristics
            if one.missing
        ),
    )


def _both_scales(deliverable: CharacteristicsDeliverable) -> Table:
    ranked = sorted(deliverable.characteristics, key=lambda one: one.rank or 10**9)
    return Table(
        caption="Technical priority: the classic arithmetic beside the ratio scale (ISO 16355)",
        columns=(
            ("characteristic", "text"),
            ("absolute", "number"),
            ("share", "number"),
            ("rank", "number"),
            ("ranks it may have", "text"),
            ("share, ratio scale", "number"),
            ("rank, ratio scale", "number"),
        ),
        rows=tuple(
            (
                one.name,
                number(one.weight.value, digits=1) if one.weight else "",
                estimate(one.relative),
                str(one.rank or ""),
                _ranks(one),
                estimate(one.ratio),
                str(one.ratio_rank or ""),
            )
            for one in ranked
        ),
        note="On the ratio scale strong, medium and weak weigh 9 : 3.65 : 1.48.",
        origin="ratio",
    )


def _limits(one: Characteristic) -> str:
    if one.lower_limit is None and one.upper_limit is None:
        return ""
    if one.lower_limit is None:
        return f"at most {_cell(one, one.upper_limit)}"
    return (
        f"at least {_cell(one, one.lower_limit)}"
        if one.upper_limit is None
        else f"{_cell(one, one.lower_limit)} to {_cell(one, one.upper_limit)}"
    )


def _cell(one: Characteristic, value: float | None) -> str:
    """A value of a characteristic; its unit stands beside the name, except for shares, which are in percent."""
    return measured(value, "share" if one.unit == "share" else "")


def _ranks(one: Characteristic) -> str:
    if one.rank_low is None or one.rank_high is None:
        return ""
    return str(one.rank_low) if one.rank_low == one.rank_high else f"{one.rank_low} to {one.rank_high}"


def _conflicts(deliverable: CharacteristicsDeliverable) -> Table:
    return Table(
        caption="Conflicts between characteristics",
        columns=(("conflict", "text"), ("both matter", "text"), ("how it is settled", "text")),
        rows=tuple(
            (one.sentence, "yes" if one.matters else "no", one.resolution or ("open" if one.matters else ""))
            for one in deliverable.conflicts
        ),
    )


def _scales(deliverable: CharacteristicsDeliverable) -> Table:
    names = {one.id: one.name for one in deliverable.characteristics}
    most = min(5, len(names))
    return Table(
        caption="The order when strong, medium and weak carry other numbers",
        columns=(("scale", "text"), *[(f"place {place}", "text") for place in range(1, most + 1)]),
        rows=tuple((one.scale, *[names[name] for name in one.order[:most]]) for one in deliverable.by_scale),
        note="An order that holds on every scale does not hang on the arithmetic of 9-3-1.",
        origin="weights",
    )


def _ideas(one: IdeaComparison) -> list[Block]:
    criteria = [f"{name} (×{short(weight)})" for name, weight in zip(one.criteria, one.weights, strict=True)]
    table = Table(
        caption=f"{one.question or one.id}: ideas against “{one.datum}” (Pugh matrix)",
        columns=(
            ("idea", "text"),
            *[(name, "text") for name in criteria],
            ("score", "number"),
            ("rank", "number"),
            ("chosen", "text"),
        ),
        rows=tuple(
            (
                idea.name,
                *[MARKS[mark] for mark in idea.marks],
                number(idea.score, digits=1),
                str(idea.rank),
                "yes" if idea.chosen else "",
            )
            for idea in one.ideas
        ),
        note=f"+ better, 0 same, − worse than “{one.datum}”, ? not judged.",
    )
    return [table, Paragraph(one.reason)] if one.reason else [table]


def _further(house: FurtherHouse, deliverable: CharacteristicsDeliverable) -> list[Block]:
    names = {one.id: one.name for one in deliverable.characteristics}
    for other in deliverable.houses:
        names |= {column.id: column.name for column in other.columns}
    acts = {
        column.id: ", ".join(
            f"{names[cell.row]} {short(cell.strength)}" for cell in house.cells if cell.column == column.id
        )
        for column in house.columns
    }
    table = Table(
        caption=f"{house.name}: what the weights mean for {house.level}",
        columns=(("column", "text"), ("weight", "number"), ("rank", "number"), ("acts on, with strength", "text")),
        rows=tuple(
            (column.name, percent(column.relative), str(column.rank), acts[column.id])
            for column in sorted(house.columns, key=lambda column: column.rank)
        ),
        note=f"Served by nothing: {', '.join(names[one] for one in house.empty_rows)}."
        if house.empty_rows
        else "",
        origin="classic",
    )
    return [Heading(house.name), table]
