"""Step 9 in the web application: designs sealed, needs carried on, minutes signed, the next cycle begun."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from nonagon.steps.step9_results.decisions import Step9Decisions, fingerprint_of

DOCUMENT = {
    "reviewed_on": "2025-12-20",
    "attendees": ["director"],
    "review": [{"decision": "go on", "owner": "director", "due": "2026-03-31"}],
    "review_inputs": [{"input": "audits", "said": "none held"}],
}


def minutes(**other: Any) -> str:
    return fingerprint_of(Step9Decisions.model_validate({**DOCUMENT, **other}))


# ---------------------------------------------------------------- the fingerprint


@pytest.mark.parametrize(
    "other",
    [
        {"reviewed_on": "2025-12-21"},
        {"attendees": ["director", "quality manager"]},
        {"review": []},
        {"review": [{"decision": "go on", "owner": "somebody else", "due": "2026-03-31"}]},
        {"review_inputs": [{"input": "audits", "said": "one held"}]},
    ],
)
def test_every_part_of_the_minutes_is_in_their_fingerprint(other: dict[str, Any]) -> None:
    assert minutes(**other) != minutes()


def test_what_is_no_part_of_the_minutes_is_not() -> None:
    assert minutes(top_boxes=1) == minutes()
    both = [{"input": "audits", "said": "x"}, {"input": "risks", "said": "y"}]
    assert minutes(review_inputs=both) == minutes(review_inputs=both[::-1]), "the order of headings says nothing"


def test_a_heading_stands_once() -> None:
    from nonagon.deliverables.decisions import Known

    twice = [{"input": "audits", "said": "x"}] * 2
    faults = list(Step9Decisions.model_validate({"review_inputs": twice}).faults(Known({})))
    assert [one.path for one in faults] == [("review_inputs", 1, "input")]


# ---------------------------------------------------------------- pages


def url(cycle: Any, rest: str = "") -> str:
    return f"/c/{cycle.key}/results/{rest}"


def held(cycle: Any) -> Step9Decisions:
    from nonagon.process import documents

    found = documents.current(cycle, 9)[0]
    assert isinstance(found, Step9Decisions)
    return found


def change(client: Any, cycle: Any, *edits: dict[str, Any]) -> Any:
    from nonagon.process import documents

    body = {"base": documents.current(cycle, 9)[1], "edits": list(edits)}
    return client.post(url(cycle, "edit"), body, content_type="application/json")


def hold_review(client: Any, cycle: Any) -> None:
    answer = change(
        client,
        cycle,
        {"op": "set", "path": ["attendees"], "value": ["director"]},
        {"op": "add", "path": ["review"], "value": DOCUMENT["review"][0]},  # type: ignore[index]
        {"op": "put", "path": ["review_inputs", "@input=audits"], "value": {"said": "none held"}},
    )
    assert answer.status_code == 200, answer.content


@pytest.mark.django_db
def test_a_design_is_sealed_once_and_changes_after_that_day_are_shown(computed_cycle: Any, client_of: Any) -> None:
    from nonagon.process.models import DocumentVersion

    client, door = client_of("analyst"), url(computed_cycle, "seal")
    client.post(door, {"effect": "e1"})
    sealed = held(computed_cycle).effects[0].designed_on
    assert sealed is not None
    client.post(door, {"effect": "e1"})
    assert held(computed_cycle).effects[0].designed_on == sealed
    assert "after that" not in client.get(url(computed_cycle)).content.decode()
    change(client, computed_cycle, {"op": "set", "path": ["effects", "@e1", "placebo"], "value": "2025-02-01"})
    later = datetime(sealed.year + 1, 1, 1, tzinfo=UTC)
    newest = DocumentVersion.objects.filter(cycle=computed_cycle, step=9).order_by("-number").first()
    DocumentVersion.objects.filter(pk=newest.pk).update(at=later)
    assert f"placebo changed on {later:%Y-%m-%d}" in client.get(url(computed_cycle)).content.decode()


@pytest.mark.django_db
def test_a_design_without_a_placebo_is_not_sealed(computed_cycle: Any, client_of: Any) -> None:
    client = client_of("analyst")
    change(client, computed_cycle, {"op": "set", "path": ["effects", "@e1", "placebo"], "value": None})
    page = client.post(url(computed_cycle, "seal"), {"effect": "e1"}, follow=True).content.decode()
    assert "placebo date first" in page
    assert held(computed_cycle).effects[0].designed_on is None
    assert client_of("viewer").post(url(computed_cycle, "seal"), {"effect": "e1"}).status_code == 403


@pytest.mark.django_db
def test_a_need_is_carried_once(computed_cycle: Any, client_of: Any) -> None:
    client, door = client_of("analyst"), url(computed_cycle, "carry")
    for _time in range(2):
        client.post(door, {"need": "kind", "reason": "no training yet"})
    assert [one.need for one in held(computed_cycle).carried] == ["clean", "kind"]
    client.post(door, {"need": "fast", "reason": " "})
    assert len(held(computed_cycle).carried) == 2
    assert client_of("frontline").post(door, {"need": "fast", "reason": "x"}).status_code == 403


@pytest.mark.django_db
def test_the_review_has_all_headings_with_what_the_cycle_knows(computed_cycle: Any, client_of: Any) -> None:
    from nonagon.process import results
    from nonagon.steps.step9_results.selectors import INPUTS

    hold_review(client_of("analyst"), computed_cycle)
    page = client_of("owner").get(url(computed_cycle, "review/")).content.decode()
    assert all(f'id="input-{name}"' in page for name in INPUTS)
    assert "none held" in page
    known = results.latest(computed_cycle, 9)
    assert known is not None
    assert known.findings
    assert known.findings[0]["sentence"][:25].replace("'", "&#x27;") in page


@pytest.mark.django_db
def test_what_names_the_plan_stays_with_its_team(computed_cycle: Any) -> None:
    from nonagon.steps.step9_results.selectors import review

    headings = {one.input: one for one in review(computed_cycle, sees_plan=False).headings}
    assert all(step != 6 for one in headings.values() for step, _sentence in one.findings)


@pytest.mark.django_db
def test_the_minutes_are_signed_as_they_were_read(computed_cycle: Any, client_of: Any) -> None:
    hold_review(client_of("analyst"), computed_cycle)
    owner, door = client_of("owner"), url(computed_cycle, "review/sign")
    seen = fingerprint_of(held(computed_cycle))
    owner.post(door, {"seen": "0" * 64, "by": "director"})
    assert held(computed_cycle).review_approval is None, "not what the person read"
    owner.post(door, {"seen": seen, "by": ""})
    assert held(computed_cycle).review_approval is None, "in no role"
    owner.post(door, {"seen": seen, "by": "director"})
    approval = held(computed_cycle).review_approval
    assert approval is not None
    assert (approval.by, approval.sha256) == ("director", seen)
    assert "Signed by director" in owner.get(url(computed_cycle, "review/")).content.decode()
    change(
        client_of("analyst"), computed_cycle, {"op": "set", "path": ["review", 0, "owner"], "value": "somebody"}
    )
    assert "the minutes were changed since" in owner.get(url(computed_cycle, "review/")).content.decode()
    owner.post(door, {"withdraw": "yes"})
    assert held(computed_cycle).review_approval is None


@pytest.mark.django_db
def test_a_review_without_outputs_is_not_signed(computed_cycle: Any, client_of: Any) -> None:
    """Of the small cycle the day is known, and nothing was decided."""
    page = client_of("owner").post(
        url(computed_cycle, "review/sign"), {"seen": fingerprint_of(held(computed_cycle)), "by": "d"}, follow=True
    )
    assert "write down what was decided" in page.content.decode()
    assert held(computed_cycle).review_approval is None


@pytest.mark.django_db
def test_nobody_signs_who_may_not_by_whatever_door(computed_cycle: Any, client_of: Any) -> None:
    hold_review(client_of("analyst"), computed_cycle)
    door = url(computed_cycle, "review/sign")
    seen = fingerprint_of(held(computed_cycle))
    assert client_of("analyst").post(door, {"seen": seen, "by": "director"}).status_code == 403
    forged = {"by": "director", "on": "2025-12-20", "sha256": seen}
    edit = {"op": "set", "path": ["review_approval"], "value": forged}
    assert change(client_of("analyst"), computed_cycle, edit).status_code == 422
    assert change(client_of("owner"), computed_cycle, edit).status_code == 200
    away = {"op": "set", "path": ["review_approval"], "value": None}
    assert change(client_of("analyst"), computed_cycle, away).status_code == 422


# ---------------------------------------------------------------- the next cycle


@pytest.mark.django_db
def test_the_next_cycle_starts_from_what_stays_open(computed_cycle: Any, client_of: Any) -> None:
    from nonagon.process import documents
    from nonagon.process.models import Cycle

    client = client_of("analyst")
    change(
        client,
        computed_cycle,
        {"op": "replace", "path": ["measure"], "value": [{"item": "q_fast", "weight": 2}]},
    )
    door = f"/c/{computed_cycle.key}/next/"
    assert "nothing serves it yet" in client.get(door).content.decode()
    answer = client.post(door, {"name": "Second turn"})
    made = Cycle.objects.get(name="Second turn")
    assert answer["Location"] == f"/c/{made.key}/"
    head, found, _numbers = documents.all_current(made)
    before_head, before, _n = documents.all_current(computed_cycle)
    assert head.items == before_head.items  # type: ignore[attr-defined]
    assert head.data == {}  # type: ignore[attr-defined]
    assert found[1] == before[1]
    assert found[3].needs == before[3].needs  # type: ignore[attr-defined]
    assert found[3].assumptions == ()  # type: ignore[attr-defined]
    (opportunity,) = found[5].opportunities  # type: ignore[attr-defined]
    assert opportunity.need == "clean"
    assert opportunity.reason.startswith("carried over from Small cycle: nothing serves it yet")
    assert [(one.name, one.on) for one in found[5].look_back] == [  # type: ignore[attr-defined]
        ("Second counter", date(2025, 4, 15))
    ]
    assert [one.item for one in found[9].measure] == ["q_fast"]  # type: ignore[attr-defined]
    assert found[9].effects == ()  # type: ignore[attr-defined]
    assert found[6] == type(found[6])(), "nothing of the plan goes over"
    assert documents.faults(made) == {}
    assert made.audit.filter(action="cycle.next").count() == 1


@pytest.mark.django_db
def test_only_who_decides_starts_the_next_cycle(computed_cycle: Any, client_of: Any, stranger_client: Any) -> None:
    door = f"/c/{computed_cycle.key}/next/"
    assert client_of("frontline").get(door).status_code == 403
    assert client_of("viewer").post(door, {"name": "x"}).status_code == 403
    assert stranger_client.post(door, {"name": "x"}).status_code == 404
    assert client_of("analyst").post(door, {"name": ""}).status_code == 422
