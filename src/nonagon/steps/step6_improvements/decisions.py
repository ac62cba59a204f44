"""What people decide in step 6: projects, activities, money, and who may see the plan."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nonagon.deliverables.decisions import DecisionDocument, Fault, Known, repeated
from nonagon.deliverables.evidence import Number, Value
from nonagon.deliverables.references import ActivityId, CharacteristicId, Defines, OpportunityId, ProjectId


class ProjectDecision(Value):
    """One project: which opportunity it takes up, what it costs and brings, who carries it out."""

    id: Annotated[str, Defines("project")] = Field(description="key of the project")
    name: str = Field(description="the project in a few words")
    opportunity: OpportunityId = Field(description='id of the opportunity, or "opp-" and the id of a need')
    cost: Number | None = Field(None, ge=0, description="whole cost; the sum of its activities where left out")
    benefit_low: Number | None = Field(None, description="benefit a year, pessimistic")
    benefit_likely: Number | None = Field(None, description="benefit a year, likely")
    benefit_high: Number | None = Field(None, description="benefit a year, optimistic")
    start: str | None = Field(
        None,
        pattern=r"^\d{4}-(0[1-9]|1[0-2])$",
        description="first month, YYYY-MM; the plan's start where left out",
    )
    years: int = Field(3, ge=1, le=50, description="for how many years the benefit is counted")
    requires: tuple[ProjectId, ...] = Field((), description="ids of projects that must be done with it")
    excludes: tuple[ProjectId, ...] = Field((), description="ids of projects that cannot be done beside it")
    in_house: bool = Field(True, description="carried out by the organization itself")
    outside_party: str = Field("", description="who from outside is let in, by role or firm")
    outside_reason: str = Field("", description="why an outside party is needed")
    leak_risk_accepted: bool = Field(False, description="the risk that the plan leaks was accepted on record")
    expires: date | None = Field(None, description="day on which the outside party's access ends")
    left_out_reason: str = Field("", description="why people left it out, where they did")


class ActivityDecision(Value):
    """One activity of a project."""

    id: Annotated[str, Defines("activity")] = Field(description="key of the activity")
    project: ProjectId = Field(description="id of its project")
    name: str = Field(description="what is done")
    kind: Literal["training", "meeting", "system", "process", "equipment", "pilot", "communication", "other"] = (
        Field("other", description="what sort of activity")
    )
    owner: str = Field("", description="role that answers for it; no names of persons")
    duration_days: Number = Field(0, ge=0, description="calendar days from start to finish; 0 for a milestone")
    after: tuple[ActivityId, ...] = Field((), description="ids of activities that must be finished before")
    not_before: date | None = Field(None, description="day before which it cannot start")
    cost: Number = Field(0, ge=0, description="planned cost, in the cycle's currency")
    cost_actual: Number | None = Field(None, ge=0, description="cost so far; once done, the balance uses it")
    characteristics: tuple[CharacteristicId, ...] = Field(
        (), description="ids of the characteristics that it changes"
    )
    status: Literal["planned", "under_way", "done", "dropped"] = Field("planned", description="where it stands")
    done_on: date | None = Field(None, description="day on which it was finished")
    share_done: Number | None = Field(None, ge=0, le=1, description="how much of it is done, a fraction of one")


class Funds(Value):
    """Money that becomes free for the plan in one month."""

    month: str = Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="the month, YYYY-MM")
    amount: Number = Field(ge=0, description="what becomes free in it, in the cycle's currency")


class Sharing(Value):
    """A document of the plan given to outsiders: the exposure is people x documents x days."""

    party: str = Field(description="who got it, by role or firm")
    project: ProjectId | None = Field(
        None, description="id of the project that it concerns; the whole plan where left out"
    )
    people: int = Field(1, ge=1, description="how many people outside can read it")
    documents: int = Field(1, ge=1, description="how many documents")
    since: date = Field(description="first day")
    until: date | None = Field(None, description="last day; the end of the plan where left out")
    reason: str = Field("", description="why it was given")


class Step6Decisions(DecisionDocument):
    """decisions/step6.toml: projects, activities, funds, confidentiality."""

    lists: ClassVar[dict[str, str]] = {
        "projects": "projects.csv",
        "activities": "activities.csv",
        "funds": "funds.csv",
        "sharing": "sharing.csv",
    }

    start: date | None = Field(None, description="first day of the plan")
    budget: Number | None = Field(
        None, ge=0, description="what the portfolio may cost; the sum of the funds where left out"
    )
    opening_balance: Number = Field(0, description="money at hand before the first month")
    reserve: Number = Field(
        0, ge=0, description="money that must stay at hand in every month when an order is sought"
    )
    reinvest: Number = Field(
        0, ge=0, le=1, description="share of the benefits that comes back as money for the plan, a fraction of one"
    )
    discount_rate: Number = Field(0.08, gt=-1, le=1, description="discount rate a year, a fraction of one")
    spending: Literal["evenly", "at_start", "at_finish"] = Field(
        "evenly", description="when an activity's cost falls due: evenly over its days, at its start or finish"
    )
    projects: tuple[ProjectDecision, ...] = Field((), description="the projects")
    activities: tuple[ActivityDecision, ...] = Field((), description="the activities")
    funds: tuple[Funds, ...] = Field((), description="what the organization can pay, month by month")
    selected: tuple[ProjectId, ...] = Field(
        (), description="ids of the projects that people selected; the best portfolio where empty"
    )
    selected_reason: str = Field("", description="why people selected otherwise than the best portfolio")
    sharing: tuple[Sharing, ...] = Field((), description="documents of the plan given to outsiders")

    def faults(self, known: Known) -> Iterator[Fault]:
        """Unknown ids, double entries, cyclic dependencies, benefits and dates in the wrong order."""
        yield from repeated(("projects",), [one.id for one in self.projects], "project")
        yield from repeated(("activities",), [one.id for one in self.activities], "activity")
        yield from self.unknown_references(known)
        yield from self._project_faults()
        yield from self._activity_faults()
        yield from self._money_faults()
        for position, shared in enumerate(self.sharing):
            if shared.until is not None and shared.until < shared.since:
                yield Fault(
                    ("sharing", position, "until"),
                    f"must not be before since ({shared.since}); got {shared.until}",
                )

    def _project_faults(self) -> Iterator[Fault]:
        for position, one in enumerate(self.projects):
            path = ("projects", position)
            for key, others in (("requires", one.requires), ("excludes", one.excludes)):
                for index, other in enumerate(others):
                    if other == one.id:
                        yield Fault((*path, key, index), f"names the project itself ({other!r}); leave it out")
            given = [
                value for value in (one.benefit_low, one.benefit_likely, one.benefit_high) if value is not None
            ]
            if given != sorted(given):
                yield Fault((*path, "benefit_low"), f"must rise from low over likely to high; got {given}")

    def _activity_faults(self) -> Iterator[Fault]:
        for position, one in enumerate(self.activities):
            path = ("activities", position)
            if one.status == "done" and one.done_on is None:
                yield Fault((*path, "done_on"), "is missing although the status is done; give the day")
        circle = circle_in({one.id: one.after for one in self.activities})
        if circle:
            position = next(index for index, one in enumerate(self.activities) if one.id == circle[0])
            yield Fault(
                ("activities", position, "after"),
                f"the activities wait for each other in a circle: {' -> '.join(circle)}; "
                "take one of these dependencies out",
            )

    def _money_faults(self) -> Iterator[Fault]:
        seen: set[str] = set()
        for position, one in enumerate(self.funds):
            if one.month in seen:
                yield Fault(
                    ("funds", position, "month"), f"the month {one.month} stands twice; add the amounts up"
                )
            seen.add(one.month)


def circle_in(before: Mapping[str, Sequence[str]]) -> list[str]:
    """A circle of dependencies, as ids from one activity back to itself in order of work; [] where there is none.

    before: each id with the ids that must be finished before it; unknown ids are passed over.

    >>> circle_in({"a": ["c"], "b": ["a"], "c": ["b"], "d": []})
    ['a', 'b', 'c', 'a']
    """
    done: set[str] = set()
    for first in before:
        path: list[str] = []
        on_path: set[str] = set()
        stack: list[tuple[str, bool]] = [(first, False)]
        while stack:
            one, leaving = stack.pop()
            if leaving:
                path.pop()
                on_path.discard(one)
                done.add(one)
                continue
            if one in on_path:
                # The path runs against the order of work, from an activity to what it waits for.
                return [one, *reversed(path[path.index(one) + 1 :]), one]
            if one in done or one not in before:
                continue
            path.append(one)
            on_path.add(one)
            stack.append((one, True))
            stack.extend((other, False) for other in reversed(before[one]))
    return []
