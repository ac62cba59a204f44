"""The trace page: from any record both ways, the customers' words at one end, and the plan hidden from others."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

pytestmark = pytest.mark.django_db

# What hangs together in the small cycle (builders/folder.py): fast - waiting - opp-fast - counter - a1, a2 -
# ci_waiting - fu - e1; kind - training leads no further; clean is served by nothing.


def page_of(client: Any, cycle: Any, **query: str) -> str:
    answer = client.get(f"/c/{cycle.key}/trace/", query)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def table_of(page: str) -> dict[str, str]:
    """Kind -> the records in the table under the drawing, without tags."""
    part = page[page.index("The same as a table") :]
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td></tr>', part, re.DOTALL)
    return {kind: " ".join(re.sub(r"<[^>]+>", "", cell).split()) for kind, cell in rows}


def test_a_need_leads_to_its_result(computed_cycle: Any, client_of: Callable[[str], Any]) -> None:
    page = page_of(client_of("owner"), computed_cycle, kind="need", id="fast")
    table = table_of(page)
    assert table["Needs"] == "Serve me fast"
    assert table["Characteristics"] == "Waiting time"
    assert table["Projects"] == "Second counter"
    assert set(table["Activities"].split("; ")) == {"Build it", "Train staff"}
    assert "After the visit" in table["Follow-ups"]
    assert "Second counter" in table["Results"]
    assert "Training hours" not in table["Characteristics"]


def test_a_result_comes_from_its_need(computed_cycle: Any, client_of: Callable[[str], Any]) -> None:
    table = table_of(page_of(client_of("owner"), computed_cycle, kind="result", id="e1"))
    assert table["Needs"] == "Serve me fast"
    assert table["Opportunities"] != "none"


def test_the_drawing_marks_the_record_and_every_record_is_a_link(
    computed_cycle: Any, client_of: Callable[[str], Any]
) -> None:
    page = page_of(client_of("owner"), computed_cycle, kind="characteristic", id="waiting")
    drawing = page[page.index("<svg", page.index("data-trace")) : page.index("</svg>", page.index("data-trace"))]
    marked = re.findall(r'<a href="([^"]+)"[^>]*aria-current="true"', drawing)
    assert marked == [f"/c/{computed_cycle.key}/trace/?kind=characteristic&id=waiting"]
    links = set(re.findall(r'<a href="([^"]+)" data-record="need"', drawing))
    assert links == {f"/c/{computed_cycle.key}/trace/?kind=need&id=fast"}


def test_the_customers_own_words_stand_there(computed_cycle: Any, client_of: Callable[[str], Any]) -> None:
    page = page_of(client_of("viewer"), computed_cycle, kind="need", id="fast")
    words = re.findall(r"<q><bdi>(.*?)</bdi></q>", page)
    # The rules code "wait", "queue" and "slow"; of six sentences two hold them (builders/folder.py).
    assert 0 < len(words) <= 20
    assert set(words) == {"long wait", "the queue is slow"}


def test_records_are_found_by_name_id_and_kind(computed_cycle: Any, client_of: Callable[[str], Any]) -> None:
    client = client_of("owner")
    for query in ("waiting time", "ci_waiting", "follow-up"):
        page = page_of(client, computed_cycle, q=query)
        found = page[page.index('id="found-title"') : page.index("data-trace")]
        assert "/trace/?kind=" in found
    assert "No record is called so" in page_of(client, computed_cycle, q="no such record")


def test_what_was_said_leads_to_its_need_and_is_found_by_its_id(
    computed_cycle: Any, client_of: Callable[[str], Any]
) -> None:
    from nonagon.steps.step3_needs.selectors import said_of

    (said, *_others), _many = said_of(computed_cycle, ["fast"])
    client = client_of("viewer")
    table = table_of(page_of(client, computed_cycle, kind="verbatim", id=said))
    assert table["Needs"] == "Serve me fast"
    assert len(re.findall(r"<q><bdi>", page_of(client, computed_cycle, kind="verbatim", id=said))) == 1
    page = page_of(client, computed_cycle, q=said)
    assert f"kind=verbatim&id={said}" in page[page.index('id="found-title"') : page.index("data-trace")]


def walked(client: Any, cycle: Any, kind: str, own: str, **query: Any) -> Any:
    """The chain of a record as programs get it."""
    answer = client.get(f"/api/v1/cycles/{cycle.key}/trace", {"kind": kind, "id": own, **query})
    assert answer.status_code == 200
    return answer.json()


def test_programs_walk_from_what_was_said_to_the_result_and_back(
    computed_cycle: Any, client_of: Callable[[str], Any]
) -> None:
    client = client_of("owner")
    need = walked(client, computed_cycle, "need", "fast")
    said = need["back"]["verbatim"]
    assert 0 < len(said) == need["verbatims"] <= 50
    ahead = walked(client, computed_cycle, "verbatim", said[0])["forward"]
    assert ahead == {"need": ["fast"], **need["forward"]}
    for kind, ids in ahead.items():
        for own in ids:
            back = walked(client, computed_cycle, kind, own)
            assert said[0] in back["back"]["verbatim"]
            assert back["verbatims"] >= need["verbatims"]
    parts = [walked(client, computed_cycle, "need", "fast", limit=2, offset=at)["back"] for at in (0, 2)]
    assert [part["verbatim"] for part in parts] == [said[:2], said[2:4]]
    assert walked(client, computed_cycle, "verbatim", "not there")["forward"] == {}


def test_codes_that_are_gone_are_made_again(computed_cycle: Any, client_of: Callable[[str], Any]) -> None:
    import shutil

    from nonagon.process.measured import facts_of

    before = walked(client_of("owner"), computed_cycle, "need", "fast")
    codes = facts_of(computed_cycle).home / "codes"
    names = {file.relative_to(codes) for file in codes.rglob("*.*")}
    assert names
    shutil.rmtree(codes)
    assert walked(client_of("owner"), computed_cycle, "need", "fast") == before
    assert {file.relative_to(codes) for file in codes.rglob("*.*")} == names


def test_the_page_follows_a_new_computation(
    computed_cycle: Any, client_of: Callable[[str], Any], actor_of: Callable[[str], Any]
) -> None:
    from builders.web import Silent
    from nonagon.process import documents
    from nonagon.process.edits import Edit
    from nonagon.workspace.compute import compute_cycle

    client = client_of("owner")
    assert "Waiting time" in table_of(page_of(client, computed_cycle))["Characteristics"]
    path = ("characteristics", "@waiting", "name")
    _document, base = documents.current(computed_cycle, 4)
    documents.edit(
        actor=actor_of("owner"),
        cycle=computed_cycle,
        step=4,
        edits=[Edit("set", path, value="Minutes in line")],
        base=base,
    )
    compute_cycle(computed_cycle, Silent())
    assert "Minutes in line" in table_of(page_of(client, computed_cycle))["Characteristics"]


def test_what_is_broken_is_listed_with_where_to_mend_it(
    computed_cycle: Any, client_of: Callable[[str], Any]
) -> None:
    page = page_of(client_of("owner"), computed_cycle)
    broken = page[page.index("Dead ends") :]
    assert "No characteristic serves the need “Keep it clean”." in broken
    assert f"/c/{computed_cycle.key}/characteristics/#edit-relationships" in broken


def test_the_plan_is_confidential_for_who_is_not_on_its_team(
    computed_cycle: Any, client_of: Callable[[str], Any]
) -> None:
    from nonagon.process.models import PlanAccess

    for query in ({}, {"kind": "need", "id": "fast"}, {"q": "a"}):
        page = page_of(client_of("analyst"), computed_cycle, **query)
        assert "confidential" in page
        for secret in ("Build it", "Train staff", "Second counter", "kind=project", "kind=activity", ">a1<"):
            assert secret not in page, (query, secret)
    missing = page_of(client_of("analyst"), computed_cycle, kind="project", id="counter")
    assert "There is no such record, or it is not yours to see" in missing
    assert not PlanAccess.objects.filter(cycle=computed_cycle).exists()
    page_of(client_of("owner"), computed_cycle)
    assert PlanAccess.objects.filter(cycle=computed_cycle, kind="read", what="trace").exists()


def test_an_empty_cycle_says_how_the_trace_begins(cycle: Any, client_of: Callable[[str], Any]) -> None:
    assert "Nothing to trace yet" in page_of(client_of("viewer"), cycle)


def test_strangers_learn_nothing(computed_cycle: Any, stranger_client: Any) -> None:
    assert stranger_client.get(f"/c/{computed_cycle.key}/trace/").status_code == 404
