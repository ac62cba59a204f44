"""The page of step 3 and its doors: what people see, what scripts are told, what is refused."""

import gzip
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.template import Context, Template

from builders.web import Silent
from nonagon.accounts.access import Actor
from nonagon.process import documents, results
from nonagon.process.edits import Edit
from nonagon.steps.step3_needs import selectors, services
from nonagon.steps.step3_needs.decisions import Step3Decisions
from nonagon.workspace.compute import compute_cycle

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(computed_cycle: Any, client_of: Callable[[str], Any]) -> Callable[..., Any]:
    """`ask("verbatims/", need="fast")`; `ask("merge/", send={...}, role="analyst")`."""

    def asked(part: str = "", *, role: str = "owner", send: Any = None, form: Any = None, **query: str) -> Any:
        where = f"/c/{computed_cycle.key}/needs/{part}"
        client = client_of(role)
        if send is not None:
            return client.post(where, json.dumps(send), content_type="application/json")
        return client.post(where, form) if form is not None else client.get(where, query)

    return asked


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def put(cycle: Any, owner: Any, *edits: Edit) -> None:
    _document, number = documents.current(cycle, 3)
    documents.edit(actor=Actor(owner), cycle=cycle, step=3, edits=list(edits), base=number)


# --- the page


def test_every_field_of_the_document_has_its_place(ask: Callable[..., Any]) -> None:
    page = text_of(ask())
    # the tree has its own place; what is sealed and opened is told, and changed by the two forms alone
    places = {name: f'id="edit-{name}"' for name in Step3Decisions.model_fields}
    single = {name: f"[&quot;{name}&quot;]" for name in ("withdrawn", "unknown_limit", "interview_channels")}
    for name, place in {**places, **single, "seal": 'name="base"', "unsealed": 'id="register"'}.items():
        assert place in page, name


def test_a_viewer_reads_and_has_nothing_to_press(ask: Callable[..., Any]) -> None:
    page = text_of(ask(role="viewer"))
    assert "Serve me fast" in page
    for absent in ("data-need-act", 'id="coding"', "Seal the register", "data-take-need"):
        assert absent not in page
    assert "data-readonly" in page


def test_an_analyst_edits_and_does_not_seal(ask: Callable[..., Any]) -> None:
    page = text_of(ask(role="analyst"))
    assert "data-need-act" in page
    assert "Seal the register" not in page
    assert "An owner or a quality manager seals" in page


def test_names_cannot_break_out_of_the_page(computed_cycle: Any, owner: Any, ask: Callable[..., Any]) -> None:
    put(computed_cycle, owner, Edit("set", ("needs", 0, "name"), value="</script><b>fast</b>"))
    page = text_of(ask())
    assert "</script><b>fast" not in page
    assert "&lt;/script&gt;&lt;b&gt;fast" in page


def test_the_tree_stands_without_a_script_too() -> None:
    needs = [
        {"id": "b", "name": "Below", "parent": "a"},
        {"id": "a", "name": "Above & <beyond>", "parent": None},
        {"id": "c", "name": "Lost", "parent": "gone"},
    ]
    shown = Template("{% load needs_tags %}{% need_list needs %}").render(Context({"needs": needs}))
    assert shown == "<ul><li>Above &amp; &lt;beyond&gt;<ul><li>Below</li></ul></li><li>Lost</li></ul>"


def test_needs_in_a_circle_can_still_be_seen() -> None:
    needs = [{"id": "a", "name": "A", "parent": "b"}, {"id": "b", "name": "B", "parent": "a"}]
    shown = Template("{% load needs_tags %}{% need_list needs %}").render(Context({"needs": needs}))
    assert shown == "<ul><li>A</li><li>B</li></ul>"


def test_needs_that_only_questions_name_can_be_taken_in(
    computed_cycle: Any, owner: Any, ask: Callable[..., Any]
) -> None:
    assert "Asked about, but not in the tree" not in text_of(ask())
    put(computed_cycle, owner, Edit("remove", ("needs", "@clean")))
    page = text_of(ask())
    assert 'data-take-need="clean" data-name="The hall is clean"' in page


def test_an_empty_cycle_has_a_page(cycle: Any, client_of: Callable[[str], Any]) -> None:
    page = text_of(client_of("owner").get(f"/c/{cycle.key}/needs/"))
    assert "No needs yet" in page
    assert "Seal the register" not in page, "there is nothing to seal"
    for part in ("tree/", "verbatims/?need=x", "queue/"):
        assert client_of("owner").get(f"/c/{cycle.key}/needs/{part}").status_code == 200


# --- verbatims


def test_verbatims_come_with_what_coded_them_and_without_who_said_them(ask: Callable[..., Any]) -> None:
    page = text_of(ask("verbatims/", need="fast"))
    assert "by the rule “wait, queue, slow”" in page
    assert "long wait" in page
    assert not re.search(r"\bc0\d\d\b", page), "customers of the small cycle are called c000 to c059"


def test_verbatims_are_filtered_and_shown_fifty_at_a_time(
    computed_cycle: Any, owner: Any, ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = {"need": "clean", "regex": r"\w"}
    put(computed_cycle, owner, Edit("add", ("rules",), value=everything))
    codes = [{"verbatim": f"v{at:03d}", "need": "clean", "coder": "first"} for at in range(60)]
    put(computed_cycle, owner, Edit("set", ("codes",), value=codes))
    first, last, beyond = (ask("verbatims/", need="clean", page=number) for number in ("1", "2", "9"))
    assert [one.content.decode().count("<li data-verbatim") for one in (first, last, beyond)] == [50, 10, 0]
    assert "page 1 of 2" in text_of(first)
    assert re.search(r'data-said-page="3" disabled|data-said-page="3"[^>]* disabled', text_of(last))
    found = text_of(ask("verbatims/", need="clean", q="COLD"))
    assert set(re.findall(r'<p dir="auto">([^<]+)', found)) == {"cold hall"}
    assert "of 60 verbatims contain it" in found
    assert ask("verbatims/", need="clean", page="x").status_code == 200


def test_a_stale_code_says_that_it_goes(computed_cycle: Any, owner: Any, ask: Callable[..., Any]) -> None:
    put(computed_cycle, owner, Edit("remove", ("rules", 0)))
    assert "no rule finds it any more" in text_of(ask("verbatims/", need="fast"))


def test_a_result_of_another_version_is_as_none(
    computed_cycle: Any, ask: Callable[..., Any], client_of: Callable[[str], Any]
) -> None:
    """Earlier versions stored the ids of all verbatims; until the step is computed again, pages do without it."""
    stored = results.latest(computed_cycle, 3, whole=True)
    assert stored is not None
    content = json.loads(results.deliverable_of(stored))
    for need in content["needs"]:
        need["verbatims"] = ["v000", "v001"]
    stored.deliverable, stored.evidence = gzip.compress(json.dumps(content).encode()), "0" * 64
    stored.save()
    assert selectors.deliverable(computed_cycle) is None
    for part, query in (("", {}), ("verbatims/", {"need": "fast"}), ("queue/", {}), ("tree/", {})):
        assert ask(part, **query).status_code == 200
    assert client_of("owner").get(f"/c/{computed_cycle.key}/trace/?kind=need&id=fast").status_code == 200
    compute_cycle(computed_cycle, Silent())
    assert "long wait" in text_of(ask("verbatims/", need="fast"))


# --- doors for scripts


def test_the_tree_as_scripts_get_it(computed_cycle: Any, ask: Callable[..., Any]) -> None:
    told = ask("tree/").json()
    assert [one["id"] for one in told["needs"]] == ["fast", "kind", "clean"]
    assert told["version"] == documents.current(computed_cycle, 3)[1]
    assert told["counts"]["fast"]["verbatims"] > 0
    assert told["urls"]["merge"] == f"/c/{computed_cycle.key}/needs/merge/"


def test_coding_answers_with_the_version_that_stands(computed_cycle: Any, ask: Callable[..., Any]) -> None:
    told = ask("code/", send={"verbatim": "v001", "needs": ["fast", "none"], "coder": "second"}).json()
    assert told["version"] == documents.current(computed_cycle, 3)[1]
    (code,) = documents.current(computed_cycle, 3)[0].codes
    assert (code.verbatim, code.need, code.coder) == ("v001", "fast", "second")


@pytest.mark.parametrize(
    ("part", "send", "status", "words"),
    [
        ("code/", {"verbatim": "v001", "needs": "fast", "coder": ""}, 400, "needs"),
        ("code/", [], 400, "verbatim"),
        ("code/", {"verbatim": "v001", "needs": ["speed"], "coder": ""}, 422, "speed"),
        ("merge/", {"need": "fast"}, 400, "into"),
        ("merge/", {"need": "fast", "into": "fast"}, 422, "itself"),
        ("remove/", {"need": "fast"}, 422, "merge it"),
        ("split/", {"need": "fast", "base": "1"}, 400, "base"),
    ],
)
def test_what_is_wrong_is_said_in_the_one_shape(
    part: str, send: Any, status: int, words: str, ask: Callable[..., Any]
) -> None:
    answer = ask(part, send=send)
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"thing", "rule", "received", "next"}
    assert words in answer.json()["error"]["rule"]


def test_merging_says_before_what_it_does(computed_cycle: Any, ask: Callable[..., Any]) -> None:
    told = ask("merge/", need="clean", into="kind").json()
    assert told["blocked"] == []
    assert "Step 9, carried: 1 entry follow." in told["sentences"]
    done = ask("merge/", send={"need": "clean", "into": "kind"}).json()
    assert done["steps"] == [0, 3, 8, 9]
    assert done["version"] == documents.current(computed_cycle, 3)[1]
    assert ask("merge/", need="clean", into="kind").status_code == 422


# --- the seal


def test_sealing_and_opening_by_the_forms(computed_cycle: Any, owner: Any, ask: Callable[..., Any]) -> None:
    number = documents.current(computed_cycle, 3)[1]
    answer = ask("seal/", form={"base": number, "by": "quality manager"})
    assert (answer.status_code, answer.url) == (302, f"/c/{computed_cycle.key}/needs/#register")
    page = text_of(ask())
    seal = documents.current(computed_cycle, 3)[0].seal
    assert seal.sha256 in page
    assert seal.by == "quality manager"
    grid = page.split('id="grid-assumptions"')[1].split("</table>")[0]
    assert "data-blank-row" not in grid, "sealed entries cannot be typed over"
    ask("open/", form={"reason": "short"})
    assert documents.current(computed_cycle, 3)[0].seal is not None
    assert "ten characters" in text_of(ask())
    ask("open/", form={"reason": "the board named a need twice", "by": "quality manager"})
    page = text_of(ask())
    assert "the board named a need twice" in page
    assert "data-blank-row" in page.split('id="grid-assumptions"')[1].split("</table>")[0]


def test_the_general_door_does_not_lead_around_the_seal(
    computed_cycle: Any, owner: Any, client_of: Callable[[str], Any]
) -> None:
    number = documents.current(computed_cycle, 3)[1]
    services.seal_register(actor=Actor(owner), cycle=computed_cycle, base=number)
    edit = {"op": "set", "path": ["assumptions", 0, "predicted"], "value": 1.0}
    answer = client_of("owner").post(
        f"/c/{computed_cycle.key}/needs/edit",
        json.dumps({"base": number + 1, "edits": [edit]}),
        content_type="application/json",
    )
    assert answer.status_code == 422
    assert answer.json()["mistakes"][0]["path"] == ["assumptions"]
    assert "was sealed" in answer.json()["error"]["rule"]
