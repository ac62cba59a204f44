"""What people decide in step 7: the control plan, what counts as a met prerequisite, and who owns a deviation."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nonagon.deliverables.decisions import DecisionDocument, Fault, Known, repeated
from nonagon.deliverables.evidence import Number, Value
from nonagon.deliverables.references import ActivityId, CharacteristicId, ControlItemId, Defines, NeedId

ChartKind = Literal["imr", "xbar_s", "xbar_r", "p", "u"]
RuleSet = Literal["limits", "western_electric", "nelson"]
CauseKind = Literal["special_cause", "common_cause", "false_alarm"]


class ControlItemDecision(Value):
    """One row of the control plan: what is watched, on which chart, and who reacts how."""

    id: Annotated[str, Defines("control_item")] = Field(description="key of the control item")
    characteristic: CharacteristicId = Field(description="id of the characteristic that is watched")
    measurement: str | None = Field(
        None, description="name in the measurements table; the characteristic's own where left out"
    )
    chart: ChartKind = Field(
        "imr", description="imr single values, xbar_s or xbar_r subgroups, p share of defectives, u defects a unit"
    )
    activity: ActivityId | None = Field(None, description="id of the activity that the item keeps in force")
    rules: RuleSet = Field("western_electric", description="which run rules raise a signal")
    baseline: str | None = Field(None, description="phase whose limits hold for the phases after it too")
    units: Number = Field(1, gt=0, description="u chart: the rate is given per so many units, such as 1000")
    sample: str = Field("", description="sample size and how it is drawn")
    frequency: str = Field("", description="how often it is measured")
    technique: str = Field("", description="how it is measured")
    responder: str = Field("", description="role that reacts to a signal; no names of persons")
    reaction: str = Field("", description="the reaction plan: what is done when a signal is raised")


class PhaseDecision(Value):
    """From when on a phase of the implementation runs, for all control items or for one."""

    label: str = Field(description="name of the phase, such as before, pilot, after")
    start: date = Field(description="first day of the phase; the phase before ends the day before")
    item: ControlItemId | None = Field(None, description="id of the control item; all of them where left out")


class ExplanationDecision(Value):
    """What was found behind a signal."""

    item: ControlItemId = Field(description="id of the control item")
    first: date = Field(description="first day of the signals that are explained")
    last: date = Field(description="last day of the signals that are explained")
    kind: CauseKind = Field(
        "special_cause", description="special_cause found, common_cause of the process itself, or false_alarm"
    )
    cause: str = Field(description="what was found")
    action: str = Field("", description="what was done")
    owner: str = Field("", description="role that looked into it and sees to the action; no names of persons")
    on: date | None = Field(None, description="day on which it was written down")


class PrerequisiteDecision(Value):
    """A customer requirement and the promise that its characteristic has to keep.

    Without a row here every need with a characteristic on a strong relationship is verified by default:
    Ppk (or the share, or the rate) against the characteristic's specification limits.
    """

    need: NeedId = Field(description="id of the need")
    characteristic: CharacteristicId = Field(description="id of the characteristic that fulfils it")
    capability_at_least: Number = Field(1.0, gt=0, description="Ppk that the latest phase must show")
    document: str = Field("", description="evidence other than measurements: what it is and where it stands")
    verified_on: date | None = Field(None, description="day on which the document was checked")
    verified_by: str = Field("", description="role that checked it")
    fulfilled: bool | None = Field(None, description="what the check of the document found")


class DeviationDecision(Value):
    """What was done otherwise than planned, or against the survey's recommendation."""

    activity: ActivityId = Field(description="id of the activity")
    deviation: str = Field(description="what is otherwise, and why")
    owner: str = Field("", description="role that owns it")
    due: date | None = Field(None, description="day by which it is settled")
    settled: bool = Field(False, description="whether it is settled")


class Step7Decisions(DecisionDocument):
    """decisions/step7.toml: the control plan and its phases, prerequisites and deviations."""

    lists: ClassVar[dict[str, str]] = {
        "control_items": "control_plan.csv",
        "phases": "phases.csv",
        "explanations": "explanations.csv",
        "prerequisites": "prerequisites.csv",
        "deviations": "deviations.csv",
    }

    control_items: tuple[ControlItemDecision, ...] = Field((), description="the control plan")
    phases: tuple[PhaseDecision, ...] = Field((), description="phases of the implementation, in order of time")
    explanations: tuple[ExplanationDecision, ...] = Field((), description="signals that were looked into")
    prerequisites: tuple[PrerequisiteDecision, ...] = Field((), description="what counts as met")
    deviations: tuple[DeviationDecision, ...] = Field((), description="where the doing left the plan")
    as_of: date | None = Field(
        None, description="day on which plan and done are compared; the last day of the measurements if left out"
    )

    def faults(self, known: Known) -> Iterator[Fault]:
        """Unknown ids, double entries, phases and explanations the wrong way round."""
        yield from repeated(("control_items",), [one.id for one in self.control_items], "control item")
        for position, item in enumerate(self.control_items):
            path = ("control_items", position)
            labels = {phase.label for phase in self.phases_of(item.id)}
            if item.baseline is not None and labels and item.baseline not in labels:
                have = ", ".join(sorted(labels))
                yield Fault((*path, "baseline"), f"names the unknown phase {item.baseline!r} (known: {have})")
        yield from self.unknown_references(known)
        yield from self._phase_faults()
        for position, found in enumerate(self.explanations):
            path = ("explanations", position)
            if found.last < found.first:
                yield Fault((*path, "last"), f"must not lie before first ({found.first}); got {found.last}")
        promised: set[tuple[str, str]] = set()
        for position, promise in enumerate(self.prerequisites):
            path = ("prerequisites", position)
            if (promise.need, promise.characteristic) in promised:
                pair = f"{promise.need} by {promise.characteristic}"
                yield Fault((*path, "need"), f"the promise {pair} stands twice; keep one")
            promised.add((promise.need, promise.characteristic))
        deviating: set[str] = set()
        for position, one in enumerate(self.deviations):
            if one.activity in deviating:
                message = f"the activity {one.activity!r} stands twice; say all of it in one row"
                yield Fault(("deviations", position, "activity"), message)
            deviating.add(one.activity)

    def phases_of(self, item: str) -> tuple[PhaseDecision, ...]:
        """The phases of one control item: its own, else those of all items."""
        own = tuple(phase for phase in self.phases if phase.item == item)
        return own or tuple(phase for phase in self.phases if phase.item is None)

    def _phase_faults(self) -> Iterator[Fault]:
        latest: dict[str | None, date] = {}
        for position, phase in enumerate(self.phases):
            path = ("phases", position)
            before = latest.get(phase.item)
            if before is not None and phase.start <= before:
                yield Fault((*path, "start"), f"must lie after the phase before ({before}); got {phase.start}")
            latest[phase.item] = phase.start
