"""The effectiveness check: one missing step makes the whole ineffective, so every criterion counts."""

from typing import Literal

from nonagon.deliverables.evidence import Criterion, Value

State = Literal["not_started", "in_work", "ready"]


class StepState(Value):
    """Where one step stands. share: of its criteria that are met."""

    step: int
    word: str
    title: str
    state: State
    met: int
    of: int
    share: float
    criteria: tuple[Criterion, ...]


class Effectiveness(Value):
    """All nine steps. The weakest step is the cycle's strength (`strength`: its share of criteria met)."""

    steps: tuple[StepState, ...]
    effective: bool
    weakest: tuple[int, ...]
    strength: float
    sentence: str


def step_state(*, step: int, word: str, title: str, criteria: tuple[Criterion, ...], begun: bool) -> StepState:
    """A step is ready when all its criteria are met, not started when it has neither data nor decisions."""
    met = sum(1 for one in criteria if one.met)
    of = len(criteria)
    state: State = "ready" if of and met == of else "in_work" if begun else "not_started"
    return StepState(
        step=step,
        word=word,
        title=title,
        state=state,
        met=met,
        of=of,
        share=met / of if of else 0.0,
        criteria=criteria,
    )


def effectiveness(steps: tuple[StepState, ...]) -> Effectiveness:
    """The check over all nine."""
    strength = min((one.share for one in steps), default=0.0)
    weakest = tuple(one.step for one in steps if one.share == strength)
    effective = len(steps) == 9 and all(one.state == "ready" for one in steps)
    met, of = sum(one.met for one in steps), sum(one.of for one in steps)
    if effective:
        sentence = f"All nine steps are ready: {of} of {of} exit criteria are met."
    else:
        open_steps = [one for one in steps if one.state != "ready"]
        named = ", ".join(f"{one.step} ({one.met} of {one.of})" for one in open_steps)
        missing = "" if len(steps) == 9 else f" Only {len(steps)} of nine steps were run."
        sentence = (
            f"The chain is not whole yet: {met} of {of} exit criteria are met; "
            f"open are the steps {named}.{missing}"
        )
    return Effectiveness(steps=steps, effective=effective, weakest=weakest, strength=strength, sentence=sentence)
