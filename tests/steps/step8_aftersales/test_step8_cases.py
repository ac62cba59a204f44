"""Cases in the web application: opened once, worked on at the counter, held against what was promised."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest

from nonagon.deliverables.cycle import Item
from nonagon.steps.step8_aftersales.decisions import CaseDecision, CaseTimes
from nonagon.steps.step8_aftersales.selectors import Card, by_branch, highest_low

OPENED = date(2025, 12, 1)


def card(today: date, **days: Any) -> Card:
    return Card(CaseDecision(id="k", opened=OPENED, **days), CaseTimes.model_validate({}), today)


# ---------------------------------------------------------------- a case against its promises


def test_a_new_case_is_to_be_acknowledged_within_the_promise() -> None:
    """Promised by default: 2 days to acknowledge, 20 to close."""
    new = card(OPENED + timedelta(days=2))
    assert (new.state, new.next_step, new.due, new.late_by) == ("new", "acknowledged", date(2025, 12, 3), 0)
    assert card(OPENED + timedelta(days=5)).late_by == 3


def test_an_acknowledged_case_is_held_to_the_day_of_closing() -> None:
    found = card(date(2025, 12, 25), acknowledged=OPENED)
    assert (found.next_step, found.due, found.late_by) == ("assessed", date(2025, 12, 21), 4)
    assert [broken for _words, _due, _done, broken in found.promises] == [False, True]


def test_a_step_that_was_left_out_does_not_hold_a_case_back() -> None:
    """The example's cases know no day of assessment."""
    found = card(OPENED, acknowledged=OPENED, answered=OPENED)
    assert (found.state, found.next_step) == ("answered", "closed")


def test_a_closed_case_is_never_late() -> None:
    found = card(date(2026, 12, 1), acknowledged=OPENED, closed=OPENED)
    assert (found.is_open, found.late_by, found.next_step, found.age) == (False, 0, "", 0)


def test_causes_go_to_their_branches_and_others_are_not_lost() -> None:
    causes = ("method: no rule", "Method: no check", "strange: thing", "bare")
    found = {name: held for name, _word, held in by_branch(CaseDecision(id="k", opened=OPENED, causes=causes))}
    assert found["method"] == ["no rule", "no check"]
    assert found["environment"] == ["thing", "bare"]


def test_a_detractor_is_low_and_the_lowest_quarter_of_other_scales() -> None:
    """Reichheld's net promoter score: 0 to 6 of 10 are detractors."""
    assert highest_low(Item(id="q", text="q", kind="recommend", scale_min=0, scale_max=10)) == 6
    assert highest_low(Item(id="q", text="q", scale_min=1, scale_max=5)) == 2


# ---------------------------------------------------------------- at the counter


def url(cycle: Any, rest: str = "") -> str:
    return f"/c/{cycle.key}/aftersales/{rest}"


def new_case(client: Any, cycle: Any, **more: Any) -> Any:
    sent = {
        "key": str(uuid.uuid4()),
        "kind": "complaint",
        "said": "I waited for an hour",
        "severity": "high",
        "opened": "2025-12-01",
        "need": "fast",
    }
    return client.post(url(cycle, "cases/new/"), {**sent, **more})


def cases_of(cycle: Any) -> Any:
    from nonagon.process import documents

    return documents.current(cycle, 8)[0].cases


@pytest.mark.django_db
def test_a_frontline_person_opens_a_case_once(computed_cycle: Any, client_of: Any) -> None:
    client, key = client_of("frontline"), str(uuid.uuid4())
    before = len(cases_of(computed_cycle))
    first = new_case(client, computed_cycle, key=key)
    again = new_case(client, computed_cycle, key=key)
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    assert len(cases_of(computed_cycle)) == before + 1
    made = cases_of(computed_cycle)[-1]
    assert (made.said, made.severity, made.need, made.opened) == ("I waited for an hour", "high", "fast", OPENED)
    page = client.get(first["Location"]).content.decode()
    assert "I waited for an hour" in page
    assert "opened the case" in page


@pytest.mark.django_db
def test_a_case_without_words_is_not_opened(computed_cycle: Any, client_of: Any) -> None:
    assert new_case(client_of("frontline"), computed_cycle, said="").status_code == 422
    assert new_case(client_of("frontline"), computed_cycle, need="no such need").status_code == 422
    assert new_case(client_of("viewer"), computed_cycle).status_code == 403


def send(client: Any, cycle: Any, *edits: dict[str, Any]) -> Any:
    from nonagon.process import documents

    base = documents.current(cycle, 8)[1]
    body = {"base": base, "edits": list(edits)}
    return client.post(url(cycle, "cases/edit"), body, content_type="application/json")


def setting(path: list[Any], value: Any) -> dict[str, Any]:
    return {"op": "set", "path": path, "value": value}


@pytest.mark.django_db
def test_a_frontline_person_works_on_a_case(computed_cycle: Any, client_of: Any) -> None:
    client = client_of("frontline")
    whys = ["nobody was at the counter", "the shift began late"]
    answer = send(
        client,
        computed_cycle,
        setting(["cases", "@k3", "whys"], whys),
        setting(["cases", "@k3", "causes"], ["method: no rule"]),
        setting(["cases", "@k3", "cause"], "no plan for shifts"),
    )
    assert answer.status_code == 200
    held = next(one for one in cases_of(computed_cycle) if one.id == "k3")
    assert held.whys == tuple(whys)
    assert "Cause: no plan for shifts" in client.get(url(computed_cycle, "case/k3/")).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "edit",
    [
        setting(["as_of"], "2025-12-01"),
        setting(["case_times", "close_days"], 99),
        setting(["cases", "@k3", "id"], "other"),
        setting(["cases", "@k9", "cause"], "x"),
        {"op": "remove", "path": ["cases", "@k3"]},
        {"op": "replace", "path": ["cases"], "value": []},
        {"op": "replace", "path": [], "value": {}},
        {"op": "add", "path": ["cases"], "value": {"id": "k9", "opened": "2025-12-01"}},
        {"op": "put", "path": ["cases", "@k3", "whys", "x"], "value": None},
    ],
)
def test_nothing_but_the_fields_of_cases_is_reached(
    computed_cycle: Any, client_of: Any, edit: dict[str, Any]
) -> None:
    from nonagon.process import documents

    before = documents.current(computed_cycle, 8)
    assert send(client_of("frontline"), computed_cycle, edit).status_code == 422
    assert documents.current(computed_cycle, 8) == before


@pytest.mark.django_db
def test_the_general_door_stays_closed_to_frontline_people(computed_cycle: Any, client_of: Any) -> None:
    body = {"base": 1, "edits": [setting(["cases", "@k3", "cause"], "x")]}
    answer = client_of("frontline").post(url(computed_cycle, "edit"), body, content_type="application/json")
    assert answer.status_code == 403


@pytest.mark.django_db
def test_a_case_is_taken_through_its_steps(computed_cycle: Any, client_of: Any) -> None:
    client, door = client_of("frontline"), url(computed_cycle, "cases/step")
    made = new_case(client, computed_cycle)["Location"]
    case = made.rstrip("/").rsplit("/", 1)[1]

    def held() -> Any:
        return next(one for one in cases_of(computed_cycle) if one.id == case)

    for step in ("acknowledged", "assessed", "answered"):
        assert client.post(door, {"case": case, "step": step}).status_code == 302
        assert getattr(held(), step) is not None
    client.post(door, {"case": case, "step": "closed"})
    assert held().closed is None, "no root cause yet"
    send(client, computed_cycle, setting(["cases", f"@{case}", "cause"], "too few hands"))
    client.post(door, {"case": case, "step": "closed", "back": "case"})
    assert held().closed is not None
    first = held().acknowledged
    client.post(door, {"case": case, "step": "acknowledged"})
    assert held().acknowledged == first, "a step is written down once"
    client.post(door, {"case": case, "step": "id"})
    assert held().id == case


@pytest.mark.django_db
def test_the_board_shows_open_cases_by_state_and_finds(computed_cycle: Any, client_of: Any) -> None:
    page = client_of("viewer").get(url(computed_cycle, "cases/")).content.decode()
    assert page.index('id="column-acknowledged"') < page.index("case/k3/") < page.index('id="column-closed"')
    assert page.index('id="column-closed"') < page.index("case/k1/")
    found = client_of("viewer").get(url(computed_cycle, "cases/?kind=request")).content.decode()
    assert "case/k3/" in found
    assert "case/k1/" not in found
    assert "case/k2/" in client_of("viewer").get(url(computed_cycle, "cases/?search=TRAIN")).content.decode()


@pytest.mark.django_db
def test_strangers_see_no_case(computed_cycle: Any, client_of: Any, stranger_client: Any) -> None:
    for rest in ("cases/", "cases/new/", "cases/low-scores/", "case/k1/"):
        assert stranger_client.get(url(computed_cycle, rest)).status_code == 404
    assert client_of("owner").get(url(computed_cycle, "case/nothing/")).status_code == 404
    assert client_of("viewer").get(url(computed_cycle, "cases/low-scores/")).status_code == 403


@pytest.mark.django_db
def test_low_scores_open_cases_once(computed_cycle: Any, client_of: Any) -> None:
    """Every answer of the small cycle is of a known customer, on a scale of 1 to 5: low is 1 or 2."""
    from nonagon.steps.step8_aftersales import selectors

    found = selectors.low_scores(computed_cycle)
    assert found
    assert all(one.value <= 2 for one in found)
    newest = max(one.day for one in found)
    assert min(one.day for one in found) >= newest - timedelta(days=90)
    first = found[0]
    client, door = client_of("frontline"), url(computed_cycle, "cases/low-scores/")
    before = len(cases_of(computed_cycle))
    for _time in range(2):
        client.post(door, {"score": f"{first.respondent}\x1f{first.item}"})
    assert len(cases_of(computed_cycle)) == before + 1
    made = cases_of(computed_cycle)[-1]
    assert (made.kind, made.respondent, made.customer) == ("low_score", first.respondent, first.customer)
    assert (first.respondent, first.item) not in {
        (one.respondent, one.item) for one in selectors.low_scores(computed_cycle)
    }
    client.post(door, {"score": "r999\x1fq_fast"})
    assert len(cases_of(computed_cycle)) == before + 1, "there is no such low score"
