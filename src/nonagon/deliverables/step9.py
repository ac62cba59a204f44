"""Step 9 hands on: what the cycle brought, in satisfaction and in sales, and what the next cycle starts from."""

from typing import Literal

from nonagon.deliverables.evidence import Deliverable, Estimate, Value


class Effect(Value):
    """What one improvement did to one outcome, by the design that was decided before the start."""

    id: str
    improvement: str
    project: str | None = None
    outcome: Literal["satisfaction", "sales"]
    design: str
    effect: Estimate
    placebo: Estimate | None = None
    shown: bool
    sentence: str


class ResultsDeliverable(Deliverable):
    """Step 9's deliverable: the effects, and what is carried into the next cycle."""

    step: int = 9
    effects: tuple[Effect, ...] = ()
    carried: tuple[str, ...] = ()
