"""What people decide in step 5: what to take up, the team's charter, and the business plan it belongs to."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from nonagon.deliverables.decisions import DecisionDocument, Fault, Known, repeated
from nonagon.deliverables.evidence import Number, Value
from nonagon.deliverables.references import Defines, NeedId, ObjectiveId, OpportunityId, Refers

DEFAULT_PREFIX = "opp-"
"""An opportunity that nobody named has the id of its need behind this prefix."""


class OpportunityDecision(Value):
    """What people add to the opportunity that a need's score gives, or an opportunity of their own."""

    id: Annotated[str, Defines("opportunity"), Refers(behind=((DEFAULT_PREFIX, "need"),), checked=False)] = Field(
        description='key; "opp-" and the need\'s id stands for the one that is computed'
    )
    need: NeedId = Field(description="id of the need that it improves")
    name: str = Field("", description="the opportunity in a few words; the need's name where left out")
    chosen: bool = Field(False, description="the team takes it up")
    reason: str = Field("", description="why it was (not) chosen; required where a lower score was passed over")
    effort: Number | None = Field(None, ge=0, description="effort, on any scale that all share (such as 1 to 10)")
    expected_effect: Number | None = Field(None, description="expected gain in the need's score, on its scale")


class NotActionable(Value):
    """A need that the organization cannot act on: set apart, not hidden."""

    need: NeedId = Field(description="id of the need")
    reason: str = Field("", description="why nothing can be done about it")


class LookBack(Value):
    """The last upgrade: what it did to needs is read from the waves before and after its date."""

    id: str = Field(description="key of the upgrade")
    name: str = Field(description="what was done")
    on: date = Field(description="the day it took effect; waves from this day on count as after")
    needs: tuple[NeedId, ...] = Field((), description="ids of the needs it was meant to improve; all where empty")
    last_wave_before: str | None = Field(None, description="the last wave before it, where waves have no dates")


class CharterObjective(Value):
    """One objective of the team, measurable."""

    statement: str = Field(description="what is to be reached")
    measure: str = Field("", description="what it is measured by")
    baseline: Number | None = Field(None, description="value at the start")
    target: Number | None = Field(None, description="value to reach")
    due: date | None = Field(None, description="by when")


class Member(Value):
    """A seat in the team; the person stays outside the report."""

    role: str = Field(description="role in the team, such as leader, analyst, depot")
    department: str = Field("", description="where the member works")
    share_of_time: Number | None = Field(None, gt=0, le=1, description="share of working time, a fraction of one")


class OperatingParameters(Value):
    """How the team works."""

    authority: str = Field("", description="what the team may decide by itself")
    budget: Number | None = Field(None, ge=0, description="what the team may spend, in the cycle's currency")
    meetings: str = Field("", description="meeting rhythm")
    decision_rule: str = Field("", description="how the team decides, such as consensus or majority")
    escalation: str = Field("", description="to whom and when it goes further")
    confidentiality: str = Field("", description="who may see the plan")


class Charter(Value):
    """The team's charter: mission, objectives, operating parameters."""

    title: str = Field("", description="title of the charter")
    version: str = Field("", description="version that is in force")
    approved_by: str = Field("", description="role that approved it")
    approved_on: date | None = Field(None, description="day of the approval")
    mission: str = Field("", description="why the team exists, in one or two sentences")
    objectives: tuple[CharterObjective, ...] = Field((), description="what is to be reached, measurable")
    operating: OperatingParameters = Field(OperatingParameters(), description="how the team works")
    sponsor: str = Field("", description="role of the sponsor")
    members: tuple[Member, ...] = Field((), description="the seats of the team")
    scope_in: tuple[str, ...] = Field((), description="what belongs to it")
    scope_out: tuple[str, ...] = Field((), description="what does not")
    start: date | None = Field(None, description="first day")
    end: date | None = Field(None, description="last day")

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what the charter says; version and approval do not count, only what was approved.

        >>> Charter(mission="Be on time", version="1").fingerprint == Charter(mission="Be on time").fingerprint
        True
        """
        said = self.model_dump(mode="json", exclude={"version", "approved_by", "approved_on"})
        return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class CharterApproval(Value):
    """One approval of the charter: kept as it was approved, so that it can be read and compared later."""

    version: str = Field(description="the version that was approved")
    approved_by: str = Field(description="role that approved it")
    approved_on: date = Field(description="day of the approval")
    sha256: str = Field(description="fingerprint of the charter's content; tells whether it was changed since")
    charter: Charter = Field(description="the charter as it was approved")


class StrategicObjective(Value):
    """One strategic objective of the organization."""

    id: Annotated[str, Defines("objective")] = Field(description="key of the objective")
    name: str = Field(description="the objective in one sentence")
    measure: str = Field("", description="what it is measured by")
    baseline: Number | None = Field(None, description="value now")
    target: Number | None = Field(None, description="value to reach")
    due: date | None = Field(None, description="by when")


class PlanLink(Value):
    """One line of the business plan: which opportunity serves which objective, for how much."""

    objective: ObjectiveId = Field(description="id of the strategic objective")
    opportunity: OpportunityId = Field(description="id of the opportunity")
    benefit_low: Number | None = Field(None, description="expected benefit a year, pessimistic")
    benefit_likely: Number | None = Field(None, description="expected benefit a year, likely")
    benefit_high: Number | None = Field(None, description="expected benefit a year, optimistic")
    budget: Number | None = Field(None, ge=0, description="what may be spent on it, in the cycle's currency")
    note: str = Field("", description="how the benefit was reckoned")


class Step5Decisions(DecisionDocument):
    """decisions/step5.toml: choice, charter, business plan."""

    lists: ClassVar[dict[str, str]] = {
        "opportunities": "opportunities.csv",
        "not_actionable": "not_actionable.csv",
        "plan": "business_plan.csv",
        "objectives": "objectives.csv",
    }

    opportunities: tuple[OpportunityDecision, ...] = Field(
        (), description="opportunities named or chosen by people"
    )
    not_actionable: tuple[NotActionable, ...] = Field((), description="needs that the organization cannot act on")
    look_back: tuple[LookBack, ...] = Field((), description="the last upgrades")
    first_cycle: bool = Field(False, description="no upgrade came before: there is none to look back at")
    charter: Charter = Field(Charter(), description="the team's charter")
    approvals: tuple[CharterApproval, ...] = Field(
        (), description="approved versions of the charter, written by the approval itself"
    )
    objectives: tuple[StrategicObjective, ...] = Field((), description="the organization's strategic objectives")
    plan: tuple[PlanLink, ...] = Field(
        (), description="the business plan: objective, opportunity, benefit, budget"
    )
    plan_budget: Number | None = Field(
        None, ge=0, description="the whole budget; the links' budgets must not exceed it"
    )

    def faults(self, known: Known) -> Iterator[Fault]:
        """Unknown ids, double entries, dates the wrong way round, budgets that do not add up."""
        yield from repeated(("opportunities",), [one.id for one in self.opportunities], "opportunity")
        yield from repeated(("objectives",), [one.id for one in self.objectives], "objective")
        yield from repeated(("look_back",), [one.id for one in self.look_back], "upgrade")
        for position, one in enumerate(self.opportunities):
            expected = one.id.removeprefix(DEFAULT_PREFIX)
            if one.id.startswith(DEFAULT_PREFIX) and expected in known.of("need") and expected != one.need:
                yield Fault(
                    ("opportunities", position, "need"),
                    f"must be {expected!r}, since the id {one.id!r} stands for it; got {one.need!r}",
                )
        yield from self.unknown_references(known)
        yield from self._charter_faults()
        yield from self._plan_faults()

    @property
    def changed_since_approval(self) -> bool:
        """Whether the charter says something else than its last approved version."""
        return bool(self.approvals) and self.approvals[-1].sha256 != self.charter.fingerprint

    def _charter_faults(self) -> Iterator[Fault]:
        for position, one in enumerate(self.approvals):
            if one.sha256 != one.charter.fingerprint:
                yield Fault(
                    ("approvals", position, "sha256"),
                    f"does not match the charter of version {one.version!r}: it was changed after its approval",
                )
        start, end = self.charter.start, self.charter.end
        if start is not None and end is not None and end < start:
            yield Fault(("charter", "end"), f"must not be before start ({start}); got {end}")

    def _plan_faults(self) -> Iterator[Fault]:
        seen: set[tuple[str, str]] = set()
        for position, link in enumerate(self.plan):
            if (link.objective, link.opportunity) in seen:
                yield Fault(
                    ("plan", position),
                    f"the link {link.objective!r} to {link.opportunity!r} stands twice; keep one row",
                )
            seen.add((link.objective, link.opportunity))
            yield from _order_faults(("plan", position), link)
        total = sum(link.budget or 0 for link in self.plan)
        if self.plan_budget is not None and total > self.plan_budget:
            yield Fault(
                ("plan_budget",),
                f"must cover the links' budgets, which add up to {total:g}; got {self.plan_budget:g}",
            )


def _order_faults(path: tuple[str | int, ...], link: PlanLink) -> Iterator[Fault]:
    given = [value for value in (link.benefit_low, link.benefit_likely, link.benefit_high) if value is not None]
    if given != sorted(given):
        yield Fault((*path, "benefit_low"), f"must rise from low over likely to high; got {given}")
