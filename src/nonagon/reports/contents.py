"""What a report says, whatever its format: sections with their gates, headlines, what is next, the trace.

Here, once for all formats, is also decided what a reader outside the team does not see.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nonagon.charts.section import Block, Chart, Figures, Heading, Paragraph, Section, Table
from nonagon.charts.wording import percent, plural
from nonagon.deliverables.effectiveness import Effectiveness, StepState
from nonagon.deliverables.evidence import Criterion, Deliverable, Finding, Lack, Origin, Value
from nonagon.deliverables.trace import KINDS, Broken, Trace
from nonagon.reports.headlines import Headline, headlines
from nonagon.reports.inputs import ReportInput, SignOff

FINDING_WORDS = {
    "shown": "Shown",
    "not_shown": "Nothing shown",
    "note": "Note",
    "warning": "Look at this",
}

RESULTS = 9
PLAN = 6
"""The step whose plan is not for everyone."""

LEFT_OUT = (
    "The plan of step 6 is left out of this copy: it is made for readers outside the team. "
    "So are lists of activities and projects in other sections."
)
NOT_HERE = "not shown in this copy, since it names the plan"
PLAN_KINDS = ("project", "activity")
PLAN_COLUMNS = ("project", "activity")

MOST_NEXT = 3

CHAIN_WORDS = {
    "characteristic": "Characteristics",
    "opportunity": "Opportunity",
    "project": "Projects",
    "activity": "Activities",
    "control_item": "Control items",
    "follow_up": "Follow-up",
    "result": "Results",
}
"""What follows from a need, a column each."""


@dataclass(frozen=True, slots=True)
class StepPart:
    """One step as the report shows it. numbers: a key of the origins -> its place in the step's list, from 1."""

    section: Section
    findings: tuple[Finding, ...]
    lacks: tuple[Lack, ...]
    origins: tuple[tuple[int, Origin], ...]
    numbers: Mapping[str, int]
    state: StepState | None
    sign_off: SignOff | None

    def reference(self, origin: str) -> str:
        """How the report refers to an origin, such as 3.4; "" for none."""
        return f"{self.section.step}.{self.numbers[origin]}" if origin in self.numbers else ""


class ChainRow(Value):
    """One need's chain as the report shows it; cells in the order of `Contents.chain_kinds`."""

    need: str
    verbatims: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a report says. silent: titles of headlines without a figure; left_out: what this copy does not show."""

    effectiveness: Effectiveness
    steps: tuple[StepPart, ...]
    headlines: tuple[Headline, ...]
    silent: tuple[str, ...]
    next_ones: tuple[tuple[int, Criterion], ...]
    chain_kinds: tuple[str, ...]
    chains: tuple[ChainRow, ...]
    orphans: tuple[tuple[str, str], ...]
    dead_ends: tuple[tuple[str, str], ...]
    left_out: str


def contents(inp: ReportInput) -> Contents:
    """Everything that the report of `inp` says, and nothing that this copy may not show."""
    hidden = _Hidden(inp)
    state = hidden.effectiveness(inp.effectiveness)
    deliverables = hidden.deliverables(inp.deliverables)
    found = _headlines(inp, deliverables, hidden)
    kinds = tuple(kind for kind in KINDS[KINDS.index("characteristic") :] if hidden.shows_kind(kind))
    return Contents(
        effectiveness=state,
        steps=tuple(_step(section, inp, state, hidden) for section in inp.sections),
        headlines=tuple(one for one in found if one.sentences),
        silent=tuple(one.title for one in found if not one.sentences),
        next_ones=_next_ones(state),
        chain_kinds=kinds,
        chains=_chains(inp.trace, deliverables, kinds),
        orphans=_broken([one for one in inp.trace.orphans if hidden.shows_kind(one.kind)], deliverables),
        dead_ends=_broken([one for one in inp.trace.dead_ends if hidden.shows_kind(one.kind)], deliverables),
        left_out=LEFT_OUT if inp.without_plan else "",
    )


class _Hidden:
    """What a copy without the plan does not show; hides nothing in the team's own."""

    def __init__(self, inp: ReportInput) -> None:
        self._on = inp.without_plan
        plan = inp.deliverables.get(PLAN) if self._on else None
        names = [one.name for field in ("activities", "projects") for one in getattr(plan, field, ())]
        # What was rolled out is told by step 9 under its own name.
        told = {one.improvement for one in getattr(inp.deliverables.get(RESULTS), "effects", ())}
        self._names = tuple(dict.fromkeys(one for one in names if one and one not in told))

    def shows_kind(self, kind: str) -> bool:
        return not (self._on and kind in PLAN_KINDS)

    def hides_step(self, step: int | None) -> bool:
        return self._on and step == PLAN

    def tells(self, text: str) -> bool:
        """Whether a text outside step 6 names a project or an activity of the plan."""
        return any(name in text for name in self._names)

    def deliverables(self, all_of_them: Mapping[int, Deliverable]) -> dict[int, Deliverable]:
        return {
            step: one.model_copy(
                update={"findings": tuple(each for each in one.findings if not self.tells(each.sentence))}
            )
            if self._names
            else one
            for step, one in all_of_them.items()
            if not self.hides_step(step)
        }

    def effectiveness(self, whole: Effectiveness) -> Effectiveness:
        if not self._on:
            return whole
        return whole.model_copy(update={"steps": tuple(self._state(one) for one in whole.steps)})

    def _state(self, one: StepState) -> StepState:
        """Counts stay; why the plan's criteria are (not) met is the plan's."""
        if one.step == PLAN:
            return one.model_copy(update={"criteria": ()})
        kept = tuple(
            each.model_copy(update={"reason": NOT_HERE}) if self.tells(each.reason) else each
            for each in one.criteria
        )
        return one.model_copy(update={"criteria": kept})

    def section(self, section: Section) -> Section:
        if not self._on:
            return section
        if section.step == PLAN:
            return replace(section, blocks=(Paragraph(LEFT_OUT),))
        return replace(section, blocks=tuple(one for one in map(self._block, section.blocks) if one is not None))

    def _block(self, block: Block) -> Block | None:
        if isinstance(block, Paragraph | Heading):
            return None if self.tells(block.text) else block
        if isinstance(block, Figures):
            kept = tuple(one for one in block.figures if not self.tells(f"{one.value} {one.detail}"))
            return replace(block, figures=kept) if kept else None
        table = block.table if isinstance(block, Chart) else block
        return None if self._lists_the_plan(table) else block

    def _lists_the_plan(self, table: Table) -> bool:
        """A row a project or an activity, or a cell that names one."""
        headed = bool(table.columns) and table.columns[0][0] in PLAN_COLUMNS
        return headed or any(self.tells(cell) for row in table.rows for cell in row) or self.tells(table.note)


def _step(section: Section, inp: ReportInput, state: Effectiveness, hidden: _Hidden) -> StepPart:
    step = section.step
    deliverable = inp.deliverables[step]
    shown = not hidden.hides_step(step)
    origins = deliverable.origins if shown else {}
    numbers = {key: place for place, key in enumerate(origins, 1)}
    return StepPart(
        section=hidden.section(section),
        findings=tuple(one for one in deliverable.findings if shown and not hidden.tells(one.sentence)),
        lacks=tuple(one for one in deliverable.lacks if shown and not hidden.tells(one.what + one.needs)),
        origins=tuple((numbers[key], origin) for key, origin in origins.items()),
        numbers=numbers,
        state=next((one for one in state.steps if one.step == step), None),
        sign_off=inp.sign_offs.get(step),
    )


def _headlines(inp: ReportInput, deliverables: Mapping[int, Deliverable], hidden: _Hidden) -> tuple[Headline, ...]:
    found = headlines(deliverables.values(), _whole(inp))
    return tuple(one for one in found if not hidden.hides_step(one.step))


def _next_ones(effectiveness: Effectiveness) -> tuple[tuple[int, Criterion], ...]:
    """The first unmet criteria along the chain: what to mend next, since later steps rest on earlier ones."""
    unmet = [
        (one.step, criterion) for one in effectiveness.steps for criterion in one.criteria if not criterion.met
    ]
    return tuple(unmet[:MOST_NEXT])


def _whole(inp: ReportInput) -> dict[int, str]:
    """The headlines that the cycle as a whole answers."""
    effectiveness, trace = inp.effectiveness, inp.trace
    wide = [chain for chain in trace.chains if chain.verbatims]
    whole = sum(1 for chain in wide if chain.reaches_result)
    orphans, ends = len(trace.orphans), len(trace.dead_ends)
    weak = ", ".join(str(step) for step in effectiveness.weakest)
    steps = "step" if len(effectiveness.weakest) == 1 else "steps"
    share = percent(effectiveness.strength, digits=0)
    weakest = f" Weakest: {steps} {weak}, {share} of the criteria met." if weak else ""
    named = ", ".join(label for label in inp.versions if not label.endswith("(none)"))
    least = inp.cycle.settings.group_minimum
    withheld = sum(_withheld(one.model_dump(), least) for one in inp.deliverables.values())
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


def _chains(trace: Trace, deliverables: Mapping[int, Deliverable], kinds: Sequence[str]) -> tuple[ChainRow, ...]:
    """One row a need that something follows from by itself; its parts are counted with it."""
    names = _names(deliverables)
    own = {link.from_id for link in trace.links if link.from_kind == "need" and link.to_kind != "need"}
    lost = {one.id for one in trace.dead_ends if one.kind == "need"}
    return tuple(
        ChainRow(
            need=names.get(("need", chain.need), chain.need),
            verbatims=chain.verbatims,
            cells=tuple(_cell(_ahead(chain.forward, kind), kind, names) for kind in kinds),
        )
        for chain in trace.chains
        if chain.need in own or chain.need in lost
    )


def _ahead(forward: Mapping[Any, tuple[str, ...]], kind: str) -> tuple[str, ...]:
    return forward.get(kind, ())


def _broken(ones: Iterable[Broken], deliverables: Mapping[int, Deliverable]) -> tuple[tuple[str, str], ...]:
    """Where chains break, by kind: the kind's name and the records' names."""
    names = _names(deliverables)
    listed = list(ones)
    kinds = dict.fromkeys(one.kind for one in listed)
    return tuple(
        (
            kind.replace("_", " ").capitalize(),
            ", ".join(names.get((one.kind, one.id), one.id) for one in listed if one.kind == kind),
        )
        for kind in kinds
    )


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
