"""What a report takes, for tests of all its formats: of a finished run, and with every text hostile."""

from functools import cache
from pathlib import Path
from typing import Any

from nonagon.charts.bars import Bar, intervals
from nonagon.charts.house import House, HouseColumn, HouseRow, house_of_quality
from nonagon.charts.section import Block, Figure, Figures, Heading, Paragraph, Section, Table
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.effectiveness import Effectiveness, effectiveness, step_state
from nonagon.deliverables.evidence import Criterion, Deliverable, Finding, Lack, Link, Origin
from nonagon.deliverables.step3 import NeedResult, NeedsDeliverable
from nonagon.deliverables.trace import Trace, trace
from nonagon.pipeline.folder import read_folder
from nonagon.pipeline.rooms import ROOMS
from nonagon.reports.inputs import ReportInput

HOSTILE = "<script>alert('x')</script> & \"y\" ]]> {{ 7*7 }}"


@cache
def report_of(folder: Path, out: Path) -> ReportInput:
    """The team's own report of a finished run, from the deliverables that it wrote."""
    read = read_folder(folder)
    stored = out / "deliverables"
    deliverables = {
        room.number: room.deliverable_model().model_validate_json(
            (stored / f"step{room.number}.json").read_bytes()
        )
        for room in ROOMS
    }
    return ReportInput(
        cycle=read.cycle,
        sections=tuple(room.section()(deliverables[room.number], read.documents[room.number]) for room in ROOMS),
        deliverables=deliverables,
        effectiveness=Effectiveness.model_validate_json((stored / "effectiveness.json").read_bytes()),
        trace=Trace.model_validate_json((stored / "trace.json").read_bytes()),
        versions=("answers@0123456789ab",),
    )


def state_of(text: str, met: bool = False) -> Effectiveness:
    """All nine steps with one criterion each, its words hostile."""
    states = [
        step_state(
            step=room.number,
            word=room.word,
            title=text,
            criteria=(Criterion(id="c", sentence=text, met=met, reason=text, mend=text),),
            begun=True,
        )
        for room in ROOMS
    ]
    return effectiveness(tuple(states))


def hostile_report(text: str = HOSTILE, *, language: str = "en", met: bool = False, **more: Any) -> ReportInput:
    """Every text that can come from data or decisions is `text`. more: what else a ReportInput takes."""
    chart = intervals([Bar(text, 1.0, 0.5, 1.5, detail=text)], title=text, x=text, origin="o")
    house = house_of_quality(
        House(
            rows=(HouseRow("n", text, 0.5, 3.0, (2.0,)),),
            columns=(HouseColumn("c", text, "higher", text, 1.0, 0.9, 1.0, 1),),
            strengths={("n", "c"): 9.0},
            roof={},
            competitors=(text,),
        ),
        title=text,
    )
    blocks: tuple[Block, ...] = (
        Heading(text),
        Paragraph(text, "warning"),
        Figures((Figure(text, text, text, "o"),)),
        Table(text, ((text, "text"), (text, "number")), ((text, text),), text, "o"),
        chart,
        house,
    )
    links = (
        Link(from_kind="need", from_id="n", to_kind="characteristic", to_id=text),
        Link(from_kind="project", from_id=text, to_kind="activity", to_id=text),
    )
    deliverables: dict[int, Deliverable] = {
        room.number: Deliverable(
            step=room.number,
            origins={"o": Origin(data=(text,), filter=text, method=text, variant=text, assumptions=(text,))},
            findings=tuple(Finding(kind="shown", sentence=text, headline=n, origin="o") for n in range(1, 17)),
            lacks=(Lack(what=text, needs=text),),
            links=links,
        )
        for room in ROOMS
    }
    deliverables[3] = NeedsDeliverable(
        needs=(NeedResult(id="n", name=text, verbatims=1, verbatims_with_parts=1),), links=links
    )
    return ReportInput(
        cycle=Cycle(name=text, organization=text, scope=text, language=language),
        sections=[Section(room.number, text, text, blocks if room.number < 3 else blocks[:4]) for room in ROOMS],
        deliverables=deliverables,
        effectiveness=state_of(text, met),
        trace=trace(deliverables.values()),
        versions=(text,),
        **more,
    )
