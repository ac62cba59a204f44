"""The nine analyses in order, over a cycle folder or a stored cycle.

    deliverable N = analyse(facts, decisions of step N, deliverables of the steps before)

A result carries a key: the fingerprint of everything that this formula reads, and of the code. Where a result with
the same key is known already, it is taken over; so an edit in step 6 computes step 6, and of the steps after it
those whose inputs did change.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

from nonagon.deliverables.plain import plain
from nonagon.pipeline.code import code_version
from nonagon.pipeline.progress import Progress, Silent, stage
from nonagon.pipeline.rooms import ROOMS, Room

if TYPE_CHECKING:
    from nonagon.charts.section import Section
    from nonagon.deliverables.cycle import Cycle
    from nonagon.deliverables.decisions import DecisionDocument
    from nonagon.deliverables.earlier import Earlier
    from nonagon.deliverables.effectiveness import Effectiveness
    from nonagon.deliverables.evidence import Criterion, Deliverable
    from nonagon.engine.facts import Facts

ALL_STEPS = tuple(room.number for room in ROOMS)


@dataclass(frozen=True, slots=True)
class Computed:
    """One step's result.

    key: SHA-256 over all that it was computed from ("" where that is not known: it then is never taken over);
    deliverable: as it reads back from `content`; content: its JSON as it is stored; seconds: how long computing
    took, then when it was computed; reused: whether this computation took it over from an earlier one.
    """

    step: int
    key: str
    deliverable: "Deliverable"
    content: bytes
    seconds: float
    reused: bool = False


def compute(
    *,
    cycle: "Cycle",
    documents: "Mapping[int, DecisionDocument]",
    facts: "Facts",
    steps: Collection[int] = ALL_STEPS,
    known: Mapping[int, Computed] | None = None,
    progress: Progress | None = None,
    times: dict[str, float] | None = None,
) -> dict[int, Computed]:
    """Computes `steps` in order; gives them and, between them, what is known of the other steps.

    documents: one decision document a step, those of `steps` at least; known: results from before, by step. A
    step among `steps` is taken over from there where its key is the same; one that is not among them is passed
    on as it is, whatever it was computed from. times: takes the seconds of each stage, by its name.

    `progress` may raise `Cancelled`: nothing was written anywhere, and the error reaches the caller.
    """
    known, told = known or {}, progress or Silent()
    times = {} if times is None else times
    found: dict[int, Computed] = {}
    for room in ROOMS:
        if room.number in steps:
            with stage(told, f"Step {room.number}: {room.title}", times):
                found[room.number] = _step(
                    room, cycle, documents[room.number], facts, found, known.get(room.number), told
                )
        elif room.number in known:
            found[room.number] = replace(known[room.number], reused=True)
    return found


def _step(
    room: Room,
    cycle: "Cycle",
    decisions: "DecisionDocument",
    facts: "Facts",
    before: Mapping[int, Computed],
    known: Computed | None,
    told: Progress,
) -> Computed:
    """The step's result: the known one where nothing that it rests on has changed, or a new one."""
    key = key_of(step=room.number, cycle=cycle, decisions=decisions, facts=facts, before=before)
    if known is not None and known.key == key:
        told.advance("nothing that it rests on has changed")
        return replace(known, reused=True)
    start = perf_counter()
    facts.tell = told.advance
    computed = room.analyse()(cycle=cycle, facts=facts, decisions=decisions, earlier=_earlier(before))
    content = as_json(computed)
    # As it will be read back: a later run of single steps then gives the same bytes as this one.
    deliverable = room.deliverable_model().model_validate_json(content)
    return Computed(room.number, key, deliverable, content, round(perf_counter() - start, 3))


def key_of(
    *,
    step: int,
    cycle: "Cycle",
    decisions: "DecisionDocument",
    facts: "Facts",
    before: Mapping[int, Computed],
) -> str:
    """SHA-256 over all that the step is computed from: code, cycle, decisions, facts, and the results before it.

    Of the results of the steps before, the content counts: a step that was computed anew and says the same changes
    nothing after it.
    """
    return fingerprint(
        {
            "code": code_version(),
            "step": step,
            "cycle": plain(cycle),
            "decisions": plain(decisions),
            "facts": labels_of(facts),
            "before": {number: digest(one.content) for number, one in sorted(before.items()) if number < step},
        }
    )


def labels_of(facts: "Facts") -> tuple[str, ...]:
    """The data version of each of the five fact tables, and of who is who where records are one person."""
    from nonagon.facts.schemas import SCHEMAS

    known = (facts.identities,) if facts.identities else ()
    return (*facts.labels(*SCHEMAS), *known)


def fingerprint(value: Any) -> str:
    """SHA-256 of plain values; the order of keys counts."""
    return digest(json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii"))


def digest(content: bytes) -> str:
    """SHA-256, as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def as_json(value: Any) -> bytes:
    """A deliverable as the bytes that are stored: stable in order and in the digits of numbers."""
    return (json.dumps(value.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _earlier(before: Mapping[int, Computed]) -> "Earlier":
    from nonagon.deliverables.earlier import Earlier

    known: dict[str, Any] = {f"step{number}": one.deliverable for number, one in before.items() if number < 9}
    return replace(Earlier(), **known)


# --- what is made of the results ------------------------------------------------------------------------


def criteria_of(step: int, deliverable: "Deliverable", decisions: "DecisionDocument") -> "tuple[Criterion, ...]":
    """The step's exit criteria, met or not."""
    return room_of(step).criteria()(deliverable, decisions)


def section_of(step: int, deliverable: "Deliverable", decisions: "DecisionDocument") -> "Section":
    """The step's section, the same for page and report."""
    return room_of(step).section()(deliverable, decisions)


def effectiveness_of(
    deliverables: "Mapping[int, Deliverable]", documents: "Mapping[int, DecisionDocument]"
) -> "Effectiveness":
    """The effectiveness check over the steps that have a deliverable."""
    from nonagon.deliverables.effectiveness import effectiveness, step_state

    return effectiveness(
        tuple(
            step_state(
                step=number,
                word=room_of(number).word,
                title=room_of(number).title,
                criteria=criteria_of(number, one, documents[number]),
                begun=documents[number] != type(documents[number])() or bool(data_behind(one)),
            )
            for number, one in sorted(deliverables.items())
        )
    )


def data_behind(deliverable: "Deliverable") -> set[str]:
    """Labels of the fact tables that its numbers rest on; tables without facts have none."""
    labels = {label for origin in deliverable.origins.values() for label in origin.data}
    return {label for label in labels if "@" in label}


def room_of(step: int) -> Room:
    """The room of a step, 1 to 9."""
    return ROOMS[step - 1]
