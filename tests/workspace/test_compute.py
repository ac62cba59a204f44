"""The compute job stores what changed: nothing is drawn again that is stored as it would be drawn."""

from collections.abc import Callable
from typing import Any

import pytest

from builders.web import Silent

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the charts that are drawn from here on; a name begins with its step, as `s7-2`."""
    from nonagon.charts import render as drawing

    names: list[str] = []
    whole = drawing.render

    def noted(spec: Any, *, name: str) -> str:
        names.append(name)
        return whole(spec, name=name)

    monkeypatch.setattr(drawing, "render", noted)
    return names


def stored(cycle: Any) -> dict[int, Any]:
    """The newest results by step."""
    from nonagon.process import results

    return {step: one for step in range(1, 10) if (one := results.latest(cycle, step, whole=True)) is not None}


def test_where_nothing_changed_nothing_is_drawn_or_stored(computed_cycle: Any, drawn: list[str]) -> None:
    from nonagon.workspace.compute import compute_cycle

    before = stored(computed_cycle)
    found = compute_cycle(computed_cycle, Silent())
    assert (found["computed"], found["changed"], drawn) == ([], [], [])
    assert {step: one.pk for step, one in stored(computed_cycle).items()} == {
        step: one.pk for step, one in before.items()
    }


def test_an_edit_that_was_taken_back_leaves_the_evidence_as_it_was(
    computed_cycle: Any, actor_of: Callable[[str], Any], drawn: list[str]
) -> None:
    """The stored result then belongs to the newest version of the document, so no step looks stale."""
    from nonagon.process import documents
    from nonagon.process.edits import Edit
    from nonagon.workspace.compute import compute_cycle

    owner, before = actor_of("owner"), stored(computed_cycle)
    edits = [Edit("set", ("unknown_limit",), 0.3)]
    documents.edit(actor=owner, cycle=computed_cycle, step=3, edits=edits, base=1)
    documents.undo(actor=owner, cycle=computed_cycle, step=3)
    compute_cycle(computed_cycle, Silent())
    after = stored(computed_cycle)
    assert drawn == []
    assert (before[3].document_version, after[3].document_version) == (1, 3)
    assert after[3].evidence == before[3].evidence


def test_only_sections_of_what_was_computed_anew_are_drawn(
    computed_cycle: Any, actor_of: Callable[[str], Any], drawn: list[str]
) -> None:
    from nonagon.process import documents
    from nonagon.process.edits import Edit
    from nonagon.process.models import Result
    from nonagon.workspace.compute import compute_cycle

    edits = [Edit("set", ("control_items", "@ci_waiting", "responder"), "head of the hall")]
    documents.edit(actor=actor_of("owner"), cycle=computed_cycle, step=7, edits=edits, base=1)
    found = compute_cycle(computed_cycle, Silent())
    assert found["computed"][0] == 7
    public = {f"s{step}-" for step, one in stored(computed_cycle).items() if one.public is not None}
    fresh = {f"s{step}-" for step in found["computed"]}
    assert {name[:3] for name in drawn} <= fresh | public
    assert not {name for name in drawn if name.startswith("s1-")}, "step 1 says the same to everybody"
    partly = {step: one.section for step, one in stored(computed_cycle).items()}
    Result.objects.filter(cycle=computed_cycle).delete()
    compute_cycle(computed_cycle, Silent())
    assert {step: one.section for step, one in stored(computed_cycle).items()} == partly


def test_the_whole_is_told_anew_after_steps_were_left_out(
    computed_cycle: Any, actor_of: Callable[[str], Any]
) -> None:
    """A fault in step 5 leaves four steps to tell of; when it is mended nothing is computed, but all nine told."""
    from nonagon.process import documents
    from nonagon.process.edits import Edit
    from nonagon.process.models import Whole
    from nonagon.workspace.compute import compute_cycle

    def told() -> list[int]:
        return [one["step"] for one in Whole.objects.get(cycle=computed_cycle).effectiveness["steps"]]

    owner = actor_of("owner")
    edits = [Edit("set", ("opportunities", "@opp-fast", "need"), "nobody")]
    documents.edit(actor=owner, cycle=computed_cycle, step=5, edits=edits, base=1)
    compute_cycle(computed_cycle, Silent())
    assert told() == [1, 2, 3, 4]
    documents.undo(actor=owner, cycle=computed_cycle, step=5)
    assert compute_cycle(computed_cycle, Silent())["computed"] == []
    assert told() == [1, 2, 3, 4, 5, 6, 7, 8, 9]
