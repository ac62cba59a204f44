"""The effectiveness check: one missing step makes the whole ineffective."""

import pytest

from nonagon.deliverables.effectiveness import StepState, effectiveness, step_state
from nonagon.deliverables.evidence import Criterion


def state(step: int, met: int, of: int, *, begun: bool = True) -> StepState:
    criteria = tuple(Criterion(id=f"c{n}", sentence="holds", met=n < met, reason="why") for n in range(of))
    return step_state(step=step, word=f"word{step}", title=f"Step {step}", criteria=criteria, begun=begun)


@pytest.mark.parametrize(
    ("met", "of", "begun", "expected"),
    [
        (5, 5, True, "ready"),
        (5, 5, False, "ready"),
        (4, 5, True, "in_work"),
        (0, 5, True, "in_work"),
        (0, 5, False, "not_started"),
        (0, 0, True, "in_work"),
        (0, 0, False, "not_started"),
    ],
)
def test_the_state_of_a_step(met: int, of: int, begun: bool, expected: str) -> None:
    found = state(1, met, of, begun=begun)
    assert found.state == expected
    assert (found.met, found.of) == (met, of)
    assert found.share == (met / of if of else 0)


def test_all_nine_ready() -> None:
    whole = effectiveness(tuple(state(step, 3, 3) for step in range(1, 10)))
    assert whole.effective
    assert whole.sentence == "All nine steps are ready: 27 of 27 exit criteria are met."
    assert whole.strength == 1.0
    assert whole.weakest == ()


def test_the_weakest_step_is_the_strength() -> None:
    steps = [state(step, 4, 4) for step in range(1, 10)]
    steps[2], steps[6], steps[8] = state(3, 1, 4), state(7, 2, 8), state(9, 3, 4)
    whole = effectiveness(tuple(steps))
    assert not whole.effective
    assert whole.weakest == (3, 7)
    assert whole.strength == 0.25
    assert whole.sentence == (
        "The chain is not whole yet: 30 of 40 exit criteria are met; open are the steps 3 (1 of 4), 7 (2 of 8), "
        "9 (3 of 4)."
    )


def test_one_open_step_is_named_in_the_singular() -> None:
    steps = [state(step, 2, 2) for step in range(1, 10)]
    steps[4] = state(5, 1, 2)
    assert effectiveness(tuple(steps)).sentence == (
        "The chain is not whole yet: 17 of 18 exit criteria are met; open is step 5 (1 of 2)."
    )


def test_steps_that_were_not_run_are_missing() -> None:
    whole = effectiveness((state(3, 2, 2), state(4, 2, 2)))
    assert not whole.effective
    assert whole.sentence == (
        "The chain is not whole yet: 4 of 4 exit criteria are met; only 2 of nine steps were run."
    )


def test_nothing_was_run() -> None:
    whole = effectiveness(())
    assert (whole.effective, whole.strength, whole.weakest) == (False, 0.0, ())
    assert whole.sentence == "The chain is not whole yet: no step was run."
