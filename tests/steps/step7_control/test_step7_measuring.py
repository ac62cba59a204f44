"""Typing measurements in: kept once and before the answer, judged at once, corrected, withdrawn, made facts."""

import json
import uuid
from typing import Any

import pytest

from builders.web import Silent
from nonagon.deliverables.step7 import ControlItem, ControlPoint
from nonagon.process.documents import DocumentError
from nonagon.steps.step7_control.limits import control_limits, judge
from nonagon.steps.step7_control.reading import moment_of, number_of, pasted, reading_of


def chart(kind: str, **limits: Any) -> ControlItem:
    point = ControlPoint(at="2025-12-01", value=0.05, centre=0.05, lower=0.01, upper=0.09, phase="after")
    return ControlItem(id="c", characteristic="c", chart=kind, points=(point,), **limits)


# ---------------------------------------------------------------- one value


@pytest.mark.parametrize(
    ("typed", "value"),
    [("3.5", 3.5), ("3,5", 3.5), ("1 234,5", 1234.5), ("−2", -2), ("٣٫٥", 3.5), ("1e3", 1000), (7, 7)],
)
def test_numbers_are_read_in_any_hand(typed: Any, value: float) -> None:
    assert number_of(typed) == value


@pytest.mark.parametrize("typed", ["", "x", "1,234,5", "1_0", "--1", None])
def test_what_is_no_number_is_refused(typed: Any) -> None:
    with pytest.raises(ValueError, match=r"convert|None|1,234,5|^$|1_0"):
        number_of(typed)


def test_everything_wrong_with_a_reading_is_said_at_once() -> None:
    with pytest.raises(DocumentError) as refused:
        reading_of({"item": "c", "value": "x", "size": "y", "at": "yesterday"})
    assert [one.path for one in refused.value.wrong] == [("value",), ("size",), ("at",)]


def test_a_moment_with_an_offset_and_one_without() -> None:
    assert moment_of("2026-03-31T14:05:00+02:00") == moment_of("2026-03-31 12:05")  # the tests' server is at UTC
    assert moment_of("") is None


def test_a_proportion_has_limits_of_its_own_size() -> None:
    """By hand: 0.05 +- 3 sqrt(0.05 * 0.95 / 100) = 0.05 +- 0.0654; below 0 there is no share."""
    found = control_limits(item=chart("p"), size=100)
    assert found is not None
    assert found.lower == 0
    assert found.upper == pytest.approx(0.11538, abs=1e-5)


def test_a_rate_has_limits_of_its_own_size() -> None:
    """By hand: a centre of 0.05 a thousand, 4000 units are 4 thousands: 0.05 + 3 sqrt(0.05 / 4) = 0.38541."""
    found = control_limits(item=chart("u"), size=4000, per_units=1000)
    assert found is not None
    assert found.upper == pytest.approx(0.38541, abs=1e-5)


def test_the_specification_comes_before_the_control_limits() -> None:
    assert judge(item=chart("imr", upper_limit=0.2), value=0.1).verdict == "outside_limits"
    assert judge(item=chart("imr", upper_limit=0.08), value=0.1).verdict == "outside_specification"
    assert judge(item=chart("p", upper_limit=0.2), value=3, size=10).verdict == "outside_specification"
    assert judge(item=chart("imr"), value=0.05).verdict == "inside"


def test_a_single_value_is_not_held_against_limits_of_means() -> None:
    assert control_limits(item=chart("xbar_s")) is None
    assert judge(item=chart("xbar_s"), value=0.5).verdict == "inside"


# ---------------------------------------------------------------- pastes


def test_a_paste_with_a_header_and_one_without() -> None:
    first = pasted("value;at\n3,5;2025-12-01 10:00\n4;2025-12-01", "c")
    assert [(one.item, one.value) for one in first] == [("c", 3.5), ("c", 4.0)]
    second = pasted("c\t5\t2025-12-01\td\t60\tby hand")
    assert (second[0].value, second[0].subgroup, second[0].size, second[0].note) == (5.0, "d", 60.0, "by hand")
    assert [one.value for one in pasted("3,4\n4,1\n", "c")] == [3.4, 4.1]


def test_a_paste_names_each_bad_row() -> None:
    with pytest.raises(DocumentError) as refused:
        pasted("3\nx\n4\ny", "c")
    assert [one.path[0] for one in refused.value.wrong] == [1, 3]


# ---------------------------------------------------------------- the page


def send(client: Any, cycle: Any, **sent: Any) -> Any:
    body = {"key": str(uuid.uuid4()), "item": "ci_waiting", **sent}
    return client.post(f"/c/{cycle.key}/control/measure/", json.dumps(body), content_type="application/json")


@pytest.mark.django_db
def test_a_frontline_person_keeps_a_value(computed_cycle: Any, client_of: Any, person_of: Any) -> None:
    answer = send(client_of("frontline"), computed_cycle, value="5,5")
    assert answer.status_code == 200
    assert answer.json()["verdict"] == "inside"
    row = computed_cycle.typed_measurements.get()
    assert (row.value, row.name, row.person) == (5.5, "waiting", person_of("frontline"))
    assert computed_cycle.jobs.filter(kind="import", state="waiting").count() == 1
    assert computed_cycle.audit.filter(action="control.measure").count() == 1


@pytest.mark.django_db
def test_a_repeat_is_kept_once(computed_cycle: Any, client_of: Any) -> None:
    client, key = client_of("frontline"), str(uuid.uuid4())
    first = send(client, computed_cycle, key=key, value="5")
    again = send(client, computed_cycle, key=key, value="5")
    assert first.json() == again.json()
    assert computed_cycle.typed_measurements.count() == 1
    assert computed_cycle.audit.filter(action="control.measure").count() == 1


@pytest.mark.django_db
def test_what_lies_outside_is_said_with_the_reaction_plan(computed_cycle: Any, client_of: Any) -> None:
    told = send(client_of("frontline"), computed_cycle, value="9.5").json()
    assert told["verdict"] == "outside_specification"  # the example's upper limit is 9 min
    assert (told["reaction"], told["responder"]) == ("open a second counter", "head of the counter")
    assert "9 min" in told["sentence"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ({"value": "x"}, ["value"]),
        ({"value": "nan"}, ["value"]),
        ({"value": "3", "item": "nothing"}, ["item"]),
        ({"value": "3", "at": "2999-01-01"}, ["at"]),
    ],
)
def test_wrong_values_are_refused_in_the_one_shape(
    computed_cycle: Any, client_of: Any, sent: dict[str, str], path: list[str]
) -> None:
    answer = send(client_of("frontline"), computed_cycle, **sent)
    assert answer.status_code == 422
    assert answer.json()["mistakes"][0]["path"] == path
    assert set(answer.json()["error"]) == {"thing", "rule", "received", "next"}
    assert not computed_cycle.typed_measurements.exists()


@pytest.mark.django_db
def test_without_a_key_nothing_is_kept(computed_cycle: Any, client_of: Any) -> None:
    assert send(client_of("frontline"), computed_cycle, value="5", key="1").status_code == 400
    assert not computed_cycle.typed_measurements.exists()


@pytest.mark.django_db
def test_viewers_and_strangers_measure_nothing(computed_cycle: Any, client_of: Any, stranger_client: Any) -> None:
    assert send(client_of("viewer"), computed_cycle, value="5").status_code == 403
    assert send(stranger_client, computed_cycle, value="5").status_code == 404
    assert not computed_cycle.typed_measurements.exists()


@pytest.mark.django_db
def test_the_form_works_without_a_script(computed_cycle: Any, client_of: Any) -> None:
    client, url = client_of("frontline"), f"/c/{computed_cycle.key}/control/measure/"
    sent = {"key": str(uuid.uuid4()), "item": "ci_waiting", "value": "9.5"}
    page = client.post(url, sent, follow=True).content.decode()
    assert "outside the specification" in page
    assert "open a second counter" in page
    wrong = client.post(url, {**sent, "key": str(uuid.uuid4()), "value": "about five"})
    assert wrong.status_code == 422
    assert 'value="about five"' in wrong.content.decode()


@pytest.mark.django_db
def test_a_correction_takes_the_place_and_the_old_value_stays_to_be_seen(
    computed_cycle: Any, client_of: Any
) -> None:
    client = client_of("frontline")
    first = send(client, computed_cycle, value="55").json()["key"]
    second = send(client, computed_cycle, value="5.5", corrects=first)
    assert second.status_code == 200
    old = computed_cycle.typed_measurements.get(key=first)
    assert old.withdrawn_at is not None
    assert old.replaced_by.value == 5.5
    page = client.get(f"/c/{computed_cycle.key}/control/measure/?item=ci_waiting").content.decode()
    assert "corrected to 5.5" in page
    assert send(client, computed_cycle, value="6", corrects=first).status_code == 422, "it was corrected before"


@pytest.mark.django_db
def test_a_value_of_another_cycle_is_not_there(
    computed_cycle: Any, cycle: Any, client_of: Any, stranger_client: Any
) -> None:
    key = send(client_of("frontline"), computed_cycle, value="5").json()["key"]
    door = "/c/{}/control/measure/" + key + "/withdraw"
    assert client_of("owner").post(door.format(cycle.key)).status_code == 404
    assert stranger_client.post(door.format(computed_cycle.key)).status_code == 404
    assert client_of("viewer").post(door.format(computed_cycle.key)).status_code == 403
    assert client_of("frontline").post(door.format(computed_cycle.key)).status_code == 302
    assert computed_cycle.typed_measurements.get().withdrawn_at is not None


@pytest.mark.django_db
def test_a_paste_is_kept_whole_or_not_at_all(computed_cycle: Any, client_of: Any) -> None:
    client, url = client_of("frontline"), f"/c/{computed_cycle.key}/control/measure/paste"
    sent = {"key": str(uuid.uuid4()), "item": "ci_waiting", "rows": "5\n6\nseven"}
    refused = client.post(url, sent)
    assert refused.status_code == 422
    assert "row 3" in refused.content.decode()
    assert not computed_cycle.typed_measurements.exists()
    for _time in range(2):
        assert client.post(url, {**sent, "rows": "5\n6\n7"}).status_code == 302
    assert sorted(computed_cycle.typed_measurements.values_list("value", flat=True)) == [5, 6, 7]


@pytest.mark.django_db
def test_typed_rows_become_facts_and_go_when_all_are_withdrawn(
    computed_cycle: Any, client_of: Any, person_of: Any
) -> None:
    """The example has 200 measurements; of three typed ones one is withdrawn."""
    from nonagon.process import documents
    from nonagon.workspace.jobs import import_into, take_typed

    client = client_of("frontline")
    keys = [
        send(client, computed_cycle, value=str(5 + n), at=f"2025-12-2{n} 08:00").json()["key"] for n in range(3)
    ]
    door = f"/c/{computed_cycle.key}/control/measure/{{}}/withdraw"
    client.post(door.format(keys[1]))
    take_typed(computed_cycle, person_of("frontline"))
    import_into(computed_cycle, Silent())
    computed_cycle.refresh_from_db()
    assert computed_cycle.facts["measurements"]["rows"] == 202
    head, _version = documents.current(computed_cycle, 0)
    assert "typed_measurements" in head.data
    for key in keys:
        client.post(door.format(key))
    take_typed(computed_cycle, person_of("frontline"))
    import_into(computed_cycle, Silent())
    computed_cycle.refresh_from_db()
    assert computed_cycle.facts["measurements"]["rows"] == 200


@pytest.mark.django_db
def test_rows_without_a_subgroup_do_not_take_a_chart_of_subgroups_apart(
    computed_cycle: Any, actor_of: Any
) -> None:
    from nonagon.process import documents
    from nonagon.process.edits import Edit
    from nonagon.steps.step7_control import services

    _held, base = documents.current(computed_cycle, 7)
    edits = [Edit("set", ("control_items", "@ci_waiting", "chart"), value="xbar_s")]
    documents.edit(actor=actor_of("owner"), cycle=computed_cycle, step=7, edits=edits, base=base)
    reading = services.Reading("ci_waiting", 5.0, moment_of("2025-12-20 08:00"))
    services.record(actor=actor_of("frontline"), cycle=computed_cycle, key=uuid.uuid4(), reading=reading)
    (typed,) = services.typed_rows(computed_cycle)
    assert list(typed.rows) == [("waiting", "2025-12-20 08:00:00", "2025-12-20", None, 5.0, None)]


@pytest.mark.django_db
def test_a_cycle_without_typed_rows_has_no_source_of_them(computed_cycle: Any) -> None:
    from nonagon.steps.step7_control.services import typed_rows

    assert list(typed_rows(computed_cycle)) == []


# ---------------------------------------------------------------- signals and deviations


@pytest.mark.django_db
def test_a_signal_is_explained_and_counts_as_explained(computed_cycle: Any, client_of: Any, actor_of: Any) -> None:
    from nonagon.process import documents
    from nonagon.steps.step7_control import selectors
    from nonagon.workspace.compute import compute_cycle
    from nonagon.workspace.jobs import import_into, take_typed

    client = client_of("analyst")
    assert send(client, computed_cycle, value="30", at="2025-12-20 08:00").status_code == 200
    take_typed(computed_cycle, actor_of("analyst").person)
    import_into(computed_cycle, Silent())
    computed_cycle.refresh_from_db()
    compute_cycle(computed_cycle, Silent())
    found = [one for one in selectors.signals(computed_cycle) if one.open and not one.on_spread]
    loud = next(one for one in found if one.place.startswith("2025-12-20"))
    url = f"/c/{computed_cycle.key}/control/"
    page = client.get(url).content.decode()
    assert f'id="{loud.anchor}"' in page
    sent = {
        "item": "ci_waiting",
        "anchor": loud.anchor,
        "first": "2025-12-20",
        "last": "2025-12-20",
        "kind": "special_cause",
        "cause": "the counter's computer stood still",
        "action": "spare computer",
        "owner": "head of the counter",
    }
    assert client.post(url + "explain", {**sent, "cause": ""}).status_code == 422
    assert client.post(url + "explain", {**sent, "last": "2025-12-19"}).status_code == 422
    assert client.post(url + "explain", sent).status_code == 302
    held, _version = documents.current(computed_cycle, 7)
    assert held.explanations[-1].owner == "head of the counter"
    assert held.explanations[-1].on is not None
    now = next(one for one in selectors.signals(computed_cycle) if one.anchor == loud.anchor)
    assert not now.open
    assert now.kinds == ["special cause found"]
    before = selectors.deliverable(computed_cycle)
    compute_cycle(computed_cycle, Silent())
    after = selectors.deliverable(computed_cycle)
    assert before is not None
    assert after is not None
    assert after.items[0].unexplained < before.items[0].unexplained


@pytest.mark.django_db
def test_only_who_decides_explains(computed_cycle: Any, client_of: Any) -> None:
    url = f"/c/{computed_cycle.key}/control/explain"
    assert client_of("frontline").post(url, {}).status_code == 403
    assert client_of("viewer").post(url, {}).status_code == 403


@pytest.mark.django_db
def test_an_off_plan_activity_is_shown_to_the_plans_team_and_gets_an_owner(
    computed_cycle: Any, client_of: Any, actor_of: Any
) -> None:
    from nonagon.process import documents
    from nonagon.process.edits import Edit
    from nonagon.steps.step7_control import selectors
    from nonagon.workspace.compute import compute_cycle

    _held, base = documents.current(computed_cycle, 6)
    late = [Edit("set", ("activities", "@a1", "done_on"), value="2025-05-31")]
    documents.edit(actor=actor_of("owner"), cycle=computed_cycle, step=6, edits=late, base=base)
    compute_cycle(computed_cycle, Silent())
    late_ones = {one.check.activity for one in selectors.off_plan(computed_cycle)}
    assert "a1" in late_ones
    url = f"/c/{computed_cycle.key}/control/"
    assert "Build it" in client_of("owner").get(url).content.decode()
    assert "Build it" not in client_of("analyst").get(url).content.decode(), "not on the plan's team"
    sent = {"activity": "a1", "deviation": "the wood came late", "owner": "head of the hall", "due": "2025-12-31"}
    assert client_of("analyst").post(url + "deviation", sent).status_code == 403
    assert client_of("owner").post(url + "deviation", {**sent, "owner": ""}).status_code == 422
    assert client_of("owner").post(url + "deviation", sent).status_code == 302
    assert {one.check.activity for one in selectors.off_plan(computed_cycle)} == late_ones - {"a1"}


@pytest.mark.django_db(transaction=True)
def test_the_row_is_committed_before_it_is_acknowledged(
    computed_cycle: Any, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a kill of server and worker after the answer loses nothing: the row and the import job are there."""
    from django.db import connection

    from nonagon.steps.step7_control import views

    seen = []
    told = views._told

    def telling(*given: Any) -> Any:
        seen.append((connection.in_atomic_block, computed_cycle.typed_measurements.count()))
        return told(*given)

    monkeypatch.setattr(views, "_told", telling)
    assert send(client_of("frontline"), computed_cycle, value="5").status_code == 200
    assert seen == [(False, 1)]
    assert computed_cycle.jobs.filter(kind="import", state="waiting").exists()
