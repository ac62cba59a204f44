"""The report as one self-contained HTML file: no script, no other file, made for screen and paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nonagon import __version__
from nonagon.charts.render import render, themed
from nonagon.charts.section import Chart, Figures, Heading, Paragraph, Section, Table
from nonagon.charts.wording import percent, plural
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.effectiveness import Effectiveness
from nonagon.deliverables.evidence import Criterion, Deliverable, Value
from nonagon.deliverables.trace import KINDS, Broken, Trace
from nonagon.reports.headlines import headlines
from nonagon.reports.ring import STATE_WORDS, ring

RULES_FOR_FINDINGS = {"shown": "Shown", "not_shown": "Nothing shown", "note": "Note", "warning": "Look at this"}


@dataclass(frozen=True, slots=True)
class _Part:
    """One block ready for the template: its kind and its content."""

    kind: str
    block: Any
    svg: Markup | None = None


def report(
    *,
    cycle: Cycle,
    sections: Sequence[Section],
    deliverables: Mapping[int, Deliverable],
    effectiveness: Effectiveness,
    trace: Trace,
    versions: Sequence[str],
    intake: Sequence[Table] = (),
) -> str:
    """The whole report.

    sections and deliverables: of the steps that ran; effectiveness and trace: of the whole cycle; versions: the
    fact tables' labels; intake: what was read and what was not taken. The same inputs give the same text.
    """
    states = {one.step: (one.state, one.title) for one in effectiveness.steps}
    ready = sum(1 for one in effectiveness.steps if one.state == "ready")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            cycle=cycle,
            version=__version__,
            versions=versions,
            effectiveness=effectiveness,
            state_words=STATE_WORDS,
            finding_words=RULES_FOR_FINDINGS,
            ring=Markup(
                themed(ring(states, effectiveness.weakest, middle=f"{ready} of 9\nsteps ready"), name="ring")
            ),
            headlines=headlines(
                deliverables.values(), _whole(cycle, effectiveness, trace, deliverables, versions)
            ),
            sections=[_prepared(section, deliverables[section.step], effectiveness) for section in sections],
            chains=_chains(trace, deliverables),
            orphans=_broken(trace.orphans, deliverables),
            dead_ends=_broken(trace.dead_ends, deliverables),
            intake=intake,
            next_ones=_next_ones(effectiveness),
            plural=plural,
        )
    )


MOST_NEXT = 3


def _next_ones(effectiveness: Effectiveness) -> list[tuple[int, Criterion]]:
    """The first unmet criteria along the chain: what to mend next, since later steps rest on earlier ones."""
    unmet = [
        (one.step, criterion) for one in effectiveness.steps for criterion in one.criteria if not criterion.met
    ]
    return unmet[:MOST_NEXT]


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("nonagon.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _prepared(section: Section, deliverable: Deliverable, effectiveness: Effectiveness) -> dict[str, Any]:
    keys = {key: place for place, key in enumerate(deliverable.origins, 1)}
    state = next((one for one in effectiveness.steps if one.step == section.step), None)
    return {
        "section": section,
        "parts": [_part(block, f"s{section.step}-{place}") for place, block in enumerate(section.blocks)],
        "findings": deliverable.findings,
        "lacks": deliverable.lacks,
        "origins": [(keys[key], origin) for key, origin in deliverable.origins.items()],
        "numbers": keys,
        "state": state,
    }


def _part(block: Any, name: str) -> _Part:
    if isinstance(block, Chart):
        svg = render(block.spec, name=name) if block.spec is not None else themed(block.svg, name=name)
        return _Part("chart", block, Markup(svg))
    kinds = {Heading: "heading", Paragraph: "paragraph", Figures: "figures", Table: "table"}
    return _Part(kinds[type(block)], block)


def _whole(
    cycle: Cycle,
    effectiveness: Effectiveness,
    trace: Trace,
    deliverables: Mapping[int, Deliverable],
    versions: Sequence[str],
) -> dict[int, str]:
    """The headlines that the cycle as a whole answers."""
    wide = [chain for chain in trace.chains if chain.verbatims]
    whole = sum(1 for chain in wide if chain.reaches_result)
    orphans, ends = len(trace.orphans), len(trace.dead_ends)
    weak = ", ".join(str(step) for step in effectiveness.weakest)
    steps = "step" if len(effectiveness.weakest) == 1 else "steps"
    share = percent(effectiveness.strength, digits=0)
    weakest = f" Weakest: {steps} {weak}, {share} of the criteria met." if weak else ""
    named = ", ".join(label for label in versions if not label.endswith("(none)"))
    least = cycle.settings.group_minimum
    withheld = sum(_withheld(one.model_dump(), least) for one in deliverables.values())
    return {
        3: f"Of {plural(len(wide), 'need')} that customers spoke of, {whole} can be walked from their sentences "
        f"to a result; {plural(orphans, 'orphan')} and {plural(ends, 'dead end')} are listed under Trace.",
        4: f"{effectiveness.sentence}{weakest}",
        12: f"No breakdown of survey results with fewer than {least} answers is shown; "
        f"{plural(withheld, 'number')} withheld for it.",
        15: f"Every number names its data version and method; this report rests on {named or 'no facts'}.",
        16: "The cycle folder is the whole archive: mapping, decisions, facts as Parquet files and deliverables; "
        "computed again from it, they are the same to the byte.",
    }


def _withheld(value: Any, least: int) -> int:
    """How many estimates were withheld to protect a small group."""
    if isinstance(value, dict):
        why = value.get("why")
        own = isinstance(why, str) and (f"fewer than {least} answers" in why or "subtraction" in why)
        return int(own) + sum(_withheld(part, least) for part in value.values())
    if isinstance(value, list | tuple):
        return sum(_withheld(part, least) for part in value)
    return 0


class _Row(Value):
    """One need's chain as the report shows it."""

    need: str
    verbatims: int
    cells: tuple[str, ...]


CHAIN_KINDS = KINDS[KINDS.index("characteristic") :]
"""What follows from a need, a column each."""


def _chains(trace: Trace, deliverables: Mapping[int, Deliverable]) -> list[_Row]:
    """One row a need that something follows from by itself; its parts are counted with it."""
    names = _names(deliverables)
    own = {link.from_id for link in trace.links if link.from_kind == "need" and link.to_kind != "need"}
    lost = {one.id for one in trace.dead_ends if one.kind == "need"}
    return [
        _Row(
            need=names.get(("need", chain.need), chain.need),
            verbatims=chain.verbatims,
            cells=tuple(_cell(chain.forward.get(kind, ()), kind, names) for kind in CHAIN_KINDS),
        )
        for chain in trace.chains
        if chain.need in own or chain.need in lost
    ]


def _broken(ones: Sequence[Broken], deliverables: Mapping[int, Deliverable]) -> list[tuple[str, str]]:
    """Where chains break, by kind: the kind's name and the records' names."""
    names = _names(deliverables)
    kinds = dict.fromkeys(one.kind for one in ones)
    return [
        (
            kind.replace("_", " ").capitalize(),
            ", ".join(names.get((one.kind, one.id), one.id) for one in ones if one.kind == kind),
        )
        for kind in kinds
    ]


def _cell(ids: Sequence[str], kind: str, names: Mapping[tuple[str, str], str]) -> str:
    shown = [names.get((kind, one), one) for one in ids[:3]]
    more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
    return ", ".join(shown) + more


_NAMED_LISTS = {
    "needs": "need",
    "characteristics": "characteristic",
    "opportunities": "opportunity",
    "projects": "project",
    "activities": "activity",
    "items": "control_item",
    "follow_ups": "follow_up",
}


def _names(deliverables: Mapping[int, Deliverable]) -> dict[tuple[str, str], str]:
    """What people call the records, by kind and id."""
    named = {
        (kind, one.id): one.name
        for deliverable in deliverables.values()
        for field, kind in _NAMED_LISTS.items()
        for one in getattr(deliverable, field, ())
        if getattr(one, "name", "") and hasattr(one, "id")
    }
    effects = getattr(deliverables.get(9), "effects", ())
    return named | {("result", one.id): f"{one.improvement}: {one.outcome}" for one in effects}
