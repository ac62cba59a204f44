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
    effective = len(steps) == 9 and all(one.state == "ready" for one in steps)
    # Where all are ready none is weaker than the others.
    weakest = () if effective else tuple(one.step for one in steps if one.share == strength)
    return Effectiveness(
        steps=steps, effective=effective, weakest=weakest, strength=strength, sentence=_sentence(steps, effective)
    )


def _sentence(steps: tuple[StepState, ...], effective: bool) -> str:
    met, of = sum(one.met for one in steps), sum(one.of for one in steps)
    if effective:
        return f"All nine steps are ready: {of} of {of} exit criteria are met."
    if not steps:
        return "The chain is not whole yet: no step was run."
    parts = [f"{met} of {of} exit criteria are met"]
    still_open = [one for one in steps if one.state != "ready"]
    if still_open:
        named = ", ".join(f"{one.step} ({one.met} of {one.of})" for one in still_open)
        parts.append(f"open {'is step' if len(still_open) == 1 else 'are the steps'} {named}")
    if len(steps) < 9:
        parts.append(f"only {len(steps)} of nine steps {'was' if len(steps) == 1 else 'were'} run")
    return f"The chain is not whole yet: {'; '.join(parts)}."
