"""What people decide in step 9: the measure, how each effect will be judged, and what is carried on."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nonagon.deliverables.decisions import DecisionDocument, Fault, Known, repeated
from nonagon.deliverables.evidence import Number, Value
from nonagon.deliverables.references import ClassId, Defines, EffectId, ItemId, NeedId, ProjectId

Design = Literal["interrupted_time_series", "difference_in_differences"]
Outcome = Literal["satisfaction", "sales"]
Unit = Literal["week", "month", "quarter"]
ReviewInput = Literal[
    "earlier_actions",
    "context",
    "customers",
    "objectives",
    "processes",
    "nonconformities",
    "measurements",
    "audits",
    "providers",
    "resources",
    "risks",
    "improvement",
]


class EffectDecision(Value):
    """How one improvement's effect on one outcome will be judged; written down before the start."""

    id: Annotated[str, Defines("effect")] = Field(description="key of the effect")
    improvement: str = Field(description="the improvement, in a few words")
    project: ProjectId | None = Field(None, description="id of the project that it comes from")
    need: NeedId | None = Field(None, description="id of the need that it is meant to serve")
    outcome: Outcome = Field(description="satisfaction or sales")
    item: ItemId | None = Field(None, description="satisfaction: id of the item")
    design: Design = Field(description="interrupted_time_series or difference_in_differences")
    designed_on: date | None = Field(None, description="day on which this design was written down")
    start: date = Field(description="first day of the improvement")
    begin: date | None = Field(None, description="first day of the history that counts; all of it if left out")
    end: date | None = Field(None, description="last day that counts as after; the end of the data if left out")
    unit: Unit = Field("month", description="period of the series")
    treated: tuple[ClassId, ...] = Field(
        (), description="ids of the classes that got it; everybody where left out"
    )
    control: tuple[ClassId, ...] = Field(
        (), description="difference in differences: ids of the classes that did not"
    )
    placebo: date | None = Field(None, description="a day before the start on which nothing happened")
    negative_item: ItemId | None = Field(
        None, description="id of an item that the improvement cannot have changed"
    )
    seasonal: bool = Field(False, description="interrupted time series: months or quarters have their own level")
    expected: Number | None = Field(None, description="the effect that the business plan counts on, same unit")


class MeasureItem(Value):
    """One item of the customer-centred measure with its weight."""

    item: ItemId = Field(description="id of the item")
    weight: Number = Field(1, gt=0, description="its weight; weights are divided by their sum")


class BenefitDecision(Value):
    """What the business plan promised of one project, and where the money is seen."""

    project: ProjectId = Field(description="id of the project")
    planned: Number = Field(description="benefit a year in the business plan, in the cycle's currency")
    effect: EffectId | None = Field(None, description="id of the sales effect that measures it")
    realised: Number | None = Field(None, description="benefit a year from the books, where known otherwise")
    source: str = Field("", description="where the realised figure comes from")


class CarryDecision(Value):
    """What the next cycle starts from."""

    need: NeedId = Field(description="id of the need that stays open")
    reason: str = Field(description="why, and what is to be done")


class ReviewDecision(Value):
    """One output of the management review."""

    decision: str = Field(description="what was decided")
    owner: str = Field("", description="role that carries it out; no names of persons")
    due: date | None = Field(None, description="day by which it is done")


class ReviewInputDecision(Value):
    """What the review looked at under one heading of ISO 9001, 9.3.2, beside what the cycle measured."""

    input: ReviewInput = Field(description="heading of the review")
    said: str = Field(description="what was said of it")


class ReviewApproval(Value):
    """That the minutes of the review are signed. sha256 tells whether they were changed since."""

    by: str = Field(description="who signed the minutes, by role")
    on: date = Field(description="day on which they were signed")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="fingerprint of the minutes as they were signed")


class Step9Decisions(DecisionDocument):
    """decisions/step9.toml: the measure, the designs, the review."""

    lists: ClassVar[dict[str, str]] = {
        "effects": "effects.csv",
        "measure": "measure.csv",
        "benefits": "benefits.csv",
        "carried": "carried.csv",
        "review": "review.csv",
        "review_inputs": "review_inputs.csv",
    }

    effects: tuple[EffectDecision, ...] = Field((), description="the effects and their designs")
    measure: tuple[MeasureItem, ...] = Field(
        (), description="the customer-centred measure; all satisfaction items alike if empty"
    )
    top_boxes: int = Field(2, ge=1, description="how many of the highest answers count as satisfied in CSAT")
    benefits: tuple[BenefitDecision, ...] = Field((), description="benefit against the business plan")
    carried: tuple[CarryDecision, ...] = Field((), description="what is carried into the next cycle")
    review: tuple[ReviewDecision, ...] = Field((), description="outputs of the management review")
    reviewed_on: date | None = Field(None, description="day of the management review")
    attendees: tuple[str, ...] = Field((), description="roles that took part in the review")
    review_inputs: tuple[ReviewInputDecision, ...] = Field((), description="what the review looked at")
    review_approval: ReviewApproval | None = Field(None, description="that the minutes of the review are signed")
    repeat_days: int = Field(
        365, ge=1, description="a customer who buys again within so many days counts as repeating"
    )

    def faults(self, known: Known) -> Iterator[Fault]:
        """Unknown ids, double entries, designs that do not hold together."""
        yield from repeated(("effects",), [one.id for one in self.effects], "effect")
        for position, effect in enumerate(self.effects):
            yield from _effect_faults(("effects", position), effect)
        for position, part in enumerate(self.measure):
            if part.item in {one.item for one in self.measure[:position]}:
                message = f"the item {part.item!r} stands twice in the measure; give it one weight"
                yield Fault(("measure", position, "item"), message)
        outcomes = {one.id: one.outcome for one in self.effects}
        for position, benefit in enumerate(self.benefits):
            path = ("benefits", position)
            if benefit.effect is not None and outcomes.get(benefit.effect) == "satisfaction":
                message = f"{benefit.effect!r} is an effect on satisfaction; money needs one on sales"
                yield Fault((*path, "effect"), message)
        for position, looked_at in enumerate(self.review_inputs):
            if looked_at.input in {one.input for one in self.review_inputs[:position]}:
                message = f"the heading {looked_at.input!r} stands twice; say all of it in one row"
                yield Fault(("review_inputs", position, "input"), message)
        yield from self.unknown_references(known)


def _effect_faults(path: tuple[str | int, ...], effect: EffectDecision) -> Iterator[Fault]:
    if effect.outcome == "satisfaction" and effect.item is None:
        yield Fault((*path, "item"), "is missing; an effect on satisfaction names the item that measures it")
    if effect.negative_item is not None and effect.negative_item == effect.item:
        message = "is the item of the effect itself; name one that the improvement cannot have changed"
        yield Fault((*path, "negative_item"), message)
    if effect.design == "difference_in_differences" and not (effect.treated and effect.control):
        message = "a difference in differences needs classes in treated and in control"
        yield Fault((*path, "control"), message)
    both = sorted(set(effect.treated) & set(effect.control))
    if both:
        yield Fault((*path, "control"), f"the class {both[0]!r} stands in treated and in control; keep one")
    yield from _date_faults(path, effect)


def _date_faults(path: tuple[str | int, ...], effect: EffectDecision) -> Iterator[Fault]:
    if effect.placebo is not None and effect.placebo >= effect.start:
        yield Fault((*path, "placebo"), f"must lie before start ({effect.start}); got {effect.placebo}")
    if effect.begin is not None and effect.begin >= (effect.placebo or effect.start):
        before = f"placebo ({effect.placebo})" if effect.placebo else f"start ({effect.start})"
        yield Fault((*path, "begin"), f"must lie before {before}; got {effect.begin}")
    if effect.end is not None and effect.end < effect.start:
        yield Fault((*path, "end"), f"must not lie before start ({effect.start}); got {effect.end}")


def fingerprint_of(decisions: Step9Decisions) -> str:
    """SHA-256 of the minutes of the review: its day, who took part, what was looked at and decided."""
    said = {
        "reviewed_on": str(decisions.reviewed_on or ""),
        "attendees": list(decisions.attendees),
        "inputs": sorted((one.input, one.said) for one in decisions.review_inputs),
        "decisions": [[one.decision, one.owner, str(one.due or "")] for one in decisions.review],
    }
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
