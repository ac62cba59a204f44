"""What people decide in step 8: follow-up programmes, what is watched for early warning, and the cases."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nonagon.deliverables.decisions import DecisionDocument, Fault, Known, repeated
from nonagon.deliverables.evidence import Number, Value
from nonagon.deliverables.references import ActivityId, ClassId, ControlItemId, Defines, FollowUpId, ItemId, NeedId

CaseKind = Literal["complaint", "low_score", "request"]
Outcome = Literal["solved", "partly_solved", "not_solved", "withdrawn"]


class FollowUpDecision(Value):
    """One programme by which customers are asked after the sale."""

    id: Annotated[str, Defines("follow_up")] = Field(description="key of the follow-up programme")
    name: str = Field("", description="what it is called")
    control_items: tuple[ControlItemId, ...] = Field(
        (), description="ids of the control items whose effect it asks about"
    )
    class_id: ClassId | None = Field(None, description="id of the class that is asked; everybody where left out")
    days_after: int = Field(14, ge=0, description="how many days after the sale the customer is asked")
    share: Number = Field(1, gt=0, le=1, description="share of the buyers that is drawn, a fraction of one")
    rest_days: int = Field(90, ge=0, description="a customer is not asked again within so many days")
    items: tuple[ItemId, ...] = Field((), description="ids of the items that are asked")
    owner: str = Field("", description="role that runs it; no names of persons")


class WatchDecision(Value):
    """One series that is watched for a fall, by a test that may be read every day."""

    id: str = Field(description="key of the watch")
    item: ItemId = Field(description="id of the item that is watched")
    since: date = Field(description="first day of watching; what lies before is the baseline")
    baseline_from: date | None = Field(
        None, description="first day of the baseline; all earlier answers if left out"
    )
    fall: Number = Field(0, ge=0, description="the smallest fall that matters, on the item's scale")
    error: Number = Field(0.05, gt=0, lt=1, description="chance of a false alarm over the whole time of watching")
    class_id: ClassId | None = Field(None, description="id of the class that is watched; everybody where left out")
    control_item: ControlItemId | None = Field(
        None,
        description="id of the control item that should hold the item up: if it is in control, the need has moved",
    )
    responder: str = Field("", description="role that reacts to a warning")
    reaction: str = Field("", description="what is done when it is raised")


class CaseDecision(Value):
    """One follow-up with one customer, by ISO 10002: acknowledged, assessed, answered, closed, satisfied?"""

    id: Annotated[str, Defines("case")] = Field(description="key of the case")
    kind: CaseKind = Field("complaint", description="complaint, low_score or request")
    opened: date = Field(description="day on which the customer came or the low score was given")
    acknowledged: date | None = Field(None, description="day on which the customer was told it arrived")
    answered: date | None = Field(None, description="day on which the customer was told what is done")
    closed: date | None = Field(None, description="day on which it was closed; open where left out")
    severity: Literal["low", "medium", "high"] = Field("medium", description="severity at the first assessment")
    need: NeedId | None = Field(None, description="id of the need that it is about")
    version: str = Field("", description="version of the product or service that it is about")
    cause: str = Field("", description="root cause, in the same few words each time")
    action: str = Field("", description="corrective action")
    outcome: Outcome | None = Field(None, description="what came of it")
    satisfied: bool | None = Field(None, description="whether the customer was satisfied with the handling")
    follow_up: FollowUpId | None = Field(None, description="id of the follow-up programme that it came from")
    said: str = Field("", description="what the customer said, or what it is about; no names of persons")
    wish: str = Field("", description="what the customer asks for")
    customer: str | None = Field(None, description="key of the customer in the data; pseudonymous where possible")
    respondent: str | None = Field(None, description="key of the questionnaire whose low score opened it")
    owner: str = Field("", description="role that handles it; no names of persons")
    assessed: date | None = Field(None, description="day of the first assessment")
    whys: tuple[str, ...] = Field((), description="five whys: each answer asks the next why")
    causes: tuple[str, ...] = Field(
        (), description="cause and effect: branch, colon, cause, such as method: no rule for late buses"
    )
    action_due: date | None = Field(None, description="day by which the corrective action is done")
    action_done: date | None = Field(None, description="day on which the corrective action was done")
    effective: bool | None = Field(None, description="whether the corrective action was shown to work")


class ReturnDecision(Value):
    """You said, we did: customers who asked for something are told what became of it, if they consent."""

    need: NeedId = Field(description="id of the need that was spoken of")
    activity: ActivityId = Field(description="id of the activity that answered it")
    message: str = Field(description="what they are told")
    told_on: date | None = Field(None, description="day on which they were told; not yet where left out")
    told: int | None = Field(None, ge=0, description="how many customers were told")


class CaseTimes(Value):
    """What customers were promised about the handling of cases."""

    acknowledge_days: int = Field(2, ge=0, description="days within which a case is acknowledged")
    close_days: int = Field(20, ge=0, description="days within which a case is closed")
    kept_at_least: Number = Field(0.9, gt=0, le=1, description="share of cases for which each must be kept")


class Step8Decisions(DecisionDocument):
    """decisions/step8.toml: follow-up, watching, cases."""

    lists: ClassVar[dict[str, str]] = {
        "follow_ups": "follow_ups.csv",
        "watches": "watches.csv",
        "cases": "cases.csv",
        "returns": "returns.csv",
    }

    follow_ups: tuple[FollowUpDecision, ...] = Field((), description="follow-up programmes")
    watches: tuple[WatchDecision, ...] = Field((), description="series watched for early warning")
    cases: tuple[CaseDecision, ...] = Field((), description="follow-ups with single customers")
    returns: tuple[ReturnDecision, ...] = Field((), description="you said, we did")
    case_times: CaseTimes = Field(CaseTimes.model_validate({}), description="promised times")
    as_of: date | None = Field(
        None, description="day from which ages are counted; the last day of the data if left out"
    )

    def faults(self, known: Known) -> Iterator[Fault]:
        """Unknown ids, double entries, dates of cases the wrong way round."""
        yield from repeated(("follow_ups",), [one.id for one in self.follow_ups], "follow-up")
        yield from repeated(("watches",), [one.id for one in self.watches], "watch")
        yield from repeated(("cases",), [one.id for one in self.cases], "case")
        yield from self.unknown_references(known)
        for position, watch in enumerate(self.watches):
            path = ("watches", position)
            if watch.baseline_from is not None and watch.baseline_from >= watch.since:
                message = f"must lie before since ({watch.since}); got {watch.baseline_from}"
                yield Fault((*path, "baseline_from"), message)
        for position, case in enumerate(self.cases):
            yield from _case_faults(("cases", position), case)


def _case_faults(path: tuple[str | int, ...], case: CaseDecision) -> Iterator[Fault]:
    for name in ("acknowledged", "assessed", "answered", "closed"):
        day = getattr(case, name)
        if day is not None and day < case.opened:
            yield Fault((*path, name), f"must not lie before opened ({case.opened}); got {day}")
    if case.effective is not None and case.action_done is None:
        yield Fault((*path, "effective"), "needs a day in action_done: what is not done has no effect yet")
    if case.outcome is not None and case.closed is None:
        yield Fault((*path, "outcome"), f"needs a day in closed; got {case.outcome} for an open case")
