"""From the stored decisions and facts to stored results: what the compute job does."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from nonagon.basics.errors import NonagonError
from nonagon.deliverables.cycle import Cycle as Register
from nonagon.deliverables.decisions import DecisionDocument
from nonagon.deliverables.evidence import Value
from nonagon.process import documents, registry, results
from nonagon.process.models import Cycle, Result
from nonagon.workspace.places import out_of


def register_of(head: Value) -> Register:
    """The part of the head that the analyses see."""
    return Register(**{name: getattr(head, name) for name in Register.model_fields})


def blocking(head: Value, given: Mapping[int, DecisionDocument]) -> dict[int, list[str]]:
    """Faults across the documents, by step: with them the command line would not run, and neither do we."""
    found = registry.faults_of(head, given)
    return {
        step: [f"{_dotted(one.path)}: {one.message}" for one in faults] for step, faults in found.items() if faults
    }


def _told_to_all(step: int, said: list[str]) -> list[str]:
    """What a job says of faults; from the plan on they name its records, so there only how many they are."""
    plan = min(room.number for room in registry.rooms() if room.confidential)
    return said[:5] if step < plan else [f"{len(said)} decisions do not fit together"]


def _dotted(path: tuple[str | int, ...]) -> str:
    from nonagon.deliverables.mistakes import dotted  # noqa: PLC0415

    return dotted(path)


def compute_cycle(cycle: Cycle, progress: Any) -> dict[str, Any]:
    """Computes what changed and stores it; gives what it did. Steps with faults, and those after them, wait."""
    from nonagon.engine.facts import Facts  # noqa: PLC0415
    from nonagon.facts.store import FactStore  # noqa: PLC0415
    from nonagon.pipeline.compute import ALL_STEPS, compute  # noqa: PLC0415
    from nonagon.pipeline.identity import resolve  # noqa: PLC0415

    progress.begin("reading")
    head, given, numbers = documents.all_current(cycle)
    wrong = blocking(head, given)
    first_wrong = min(wrong, default=10)
    steps = [step for step in ALL_STEPS if step < first_wrong]
    register = register_of(head)
    store = FactStore(out_of(cycle) / "facts")
    resolve(store, getattr(head, "identity", None), getattr(given[1], "duplicates", ()), engine=settings.ENGINE)
    facts = Facts.stored(store, our_subject=register.subject, engine=settings.ENGINE)
    stored = {step: one for step in ALL_STEPS if (one := results.latest(cycle, step, whole=True)) is not None}
    computed = compute(
        cycle=register,
        documents=given,
        facts=facts,
        steps=steps,
        known=_known(stored),
        progress=Counted(progress, len(steps)),
    )
    progress.begin("writing")
    computed = {step: one for step, one in computed.items() if step in steps}
    if _is_told(cycle, computed):
        results.confirm(cycle=cycle, documents={step: numbers[step] for step in computed})
        changed = []
    else:
        changed = _store(cycle, register, given, numbers, facts, computed, stored)
    return {
        "computed": [step for step, one in computed.items() if not one.reused],
        "changed": changed,
        "waiting": {str(step): _told_to_all(step, said) for step, said in wrong.items()},
        "versions": {str(step): number for step, number in numbers.items()},
    }


class Counted:
    """Progress that counts stages."""

    def __init__(self, told: Any, of: int) -> None:
        self._told, self._done, self._of = told, 0, of

    def begin(self, stage: str) -> None:
        """A stage starts."""
        self._told.begin(stage)

    def advance(self, text: str) -> None:
        """News inside the stage."""
        self._told.advance(text)

    def end(self, stage: str, seconds: float) -> None:
        """A stage is done."""
        self._done += 1
        self._told.count(self._done, self._of)
        self._told.end(stage, seconds)


def _known(stored: Mapping[int, Result]) -> dict[int, Any]:
    """The stored results as the pipeline knows them. Reading all nine takes hundredths of a second."""
    from nonagon.pipeline.compute import Computed, room_of  # noqa: PLC0415

    found = {}
    for step, one in stored.items():
        content = results.deliverable_of(one)
        try:
            deliverable = room_of(step).deliverable_model().model_validate_json(content)
        except ValueError:  # written by another version of the product: it is computed again
            continue
        found[step] = Computed(step, one.key, deliverable, content, 0.0)
    return found


def _is_told(cycle: Cycle, computed: Mapping[int, Any]) -> bool:
    """Whether everything that is stored already says this: each step taken over, the whole told of these steps.

    A step's key covers all that its section and criteria are made of, and the whole is stored together with the
    steps that it tells of; so nothing of it needs to be made again.
    """
    return results.steps_told(cycle) == set(computed) and all(one.reused for one in computed.values())


def _store(
    cycle: Cycle,
    register: Register,
    given: Mapping[int, DecisionDocument],
    numbers: Mapping[int, int],
    facts: Any,
    computed: Mapping[int, Any],
    stored: Mapping[int, Result],
) -> list[int]:
    """Stores what is computed; the section of a step that was taken over is drawn already."""
    from nonagon.pipeline.compute import criteria_of, labels_of  # noqa: PLC0415
    from nonagon.reports.contents import contents  # noqa: PLC0415

    if not computed:
        return []
    inp = report_input(cycle, register, given, facts, {step: one.deliverable for step, one in computed.items()})
    team, public = contents(inp), contents(dataclasses.replace(inp, without_plan=True))
    sections = {one.step: one for one in inp.sections}
    seen = {part.section.step: part for part in public.steps}
    states = {one.step: one for one in inp.effectiveness.steps}
    fresh = {}
    for step, one in computed.items():
        criteria = [each.model_dump(mode="json") for each in criteria_of(step, one.deliverable, given[step])]
        fresh[step] = results.Fresh(
            step=step,
            key=one.key,
            content=one.content,
            document_version=numbers[step],
            facts=labels_of(facts),
            section=stored[step].section if one.reused else _drawn(sections[step]),
            criteria=criteria,
            begun=states[step].state != "not_started",
            public=_public(seen[step], sections[step], one.deliverable, criteria),
        )
    whole = {
        "effectiveness": inp.effectiveness.model_dump(mode="json"),
        "headlines": _headlines(team.headlines),
        "public": {"headlines": _headlines(public.headlines)},
        "intake": [json.loads(json.dumps(dataclasses.asdict(one))) for one in inp.intake],
    }
    trace = json.dumps(inp.trace.model_dump(mode="json"), ensure_ascii=False).encode()
    return results.store(cycle=cycle, fresh=fresh, whole=whole, trace=trace)


def report_input(
    cycle: Cycle,
    register: Register,
    given: Mapping[int, DecisionDocument],
    facts: Any,
    deliverables: Mapping[int, Any],
) -> Any:
    """What reports of the cycle are made of."""
    from nonagon.deliverables.trace import trace  # noqa: PLC0415
    from nonagon.pipeline.compute import effectiveness_of, labels_of, section_of  # noqa: PLC0415
    from nonagon.pipeline.intake import intake  # noqa: PLC0415
    from nonagon.reports.inputs import ReportInput  # noqa: PLC0415

    return ReportInput(
        cycle=register,
        sections=tuple(section_of(step, one, given[step]) for step, one in sorted(deliverables.items())),
        deliverables=dict(deliverables),
        effectiveness=effectiveness_of(deliverables, given),
        trace=trace(deliverables.values()),
        versions=labels_of(facts),
        intake=intake(facts, out_of(cycle) / "rejects.csv"),
    )


def _headlines(found: Any) -> list[dict[str, Any]]:
    return [
        {
            "number": one.number,
            "title": one.title,
            "step": one.step,
            "sentences": [each.model_dump(mode="json") for each in one.sentences],
        }
        for one in found
    ]


def _drawn(section: Any) -> dict[str, Any]:
    """The section as plain JSON, its charts drawn: pages draw nothing."""
    from nonagon.charts.render import render, themed  # noqa: PLC0415

    found = results.plain(section)
    for place, block in enumerate(found["blocks"]):
        if block["kind"] == "chart":
            name = f"s{section.step}-{place}"
            spec = block["spec"]
            block["svg"] = render(spec, name=name) if spec is not None else themed(block["svg"], name=name)
    return found


def _public(part: Any, section: Any, deliverable: Any, criteria: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What readers outside the plan's team see of a step, where it differs."""
    state = part.state
    seen = [each.model_dump(mode="json") for each in state.criteria] if state is not None else criteria
    same = part.section == section and len(part.findings) == len(deliverable.findings)
    if same and len(part.lacks) == len(deliverable.lacks) and seen == criteria:
        return None
    return {
        "section": _drawn(part.section),
        "findings": [one.model_dump(mode="json") for one in part.findings],
        "lacks": [one.model_dump(mode="json") for one in part.lacks],
        "criteria": seen,
    }


def stored_input(cycle: Cycle, found: Mapping[int, Result]) -> Any:
    """What a report is made of, from the stored results: nothing is computed again but sections and criteria."""
    from nonagon.engine.facts import Facts  # noqa: PLC0415
    from nonagon.facts.store import FactStore  # noqa: PLC0415
    from nonagon.pipeline.compute import room_of  # noqa: PLC0415

    head, given, _numbers = documents.all_current(cycle)
    register = register_of(head)
    deliverables = {}
    for step, one in found.items():
        try:
            deliverables[step] = room_of(step).deliverable_model().model_validate_json(results.deliverable_of(one))
        except ValueError as error:
            raise NonagonError(
                f"the result of step {step} was stored by another version of the product; compute the cycle again"
            ) from error
    facts = Facts.stored(FactStore(out_of(cycle) / "facts"), our_subject=register.subject)
    return report_input(cycle, register, given, facts, deliverables)
