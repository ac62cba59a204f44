"""Stored results: a new row for what is new, none for what is the same."""

import json
from dataclasses import replace
from typing import Any

import pytest

from nonagon.deliverables.step2 import MarketDeliverable
from nonagon.process import results
from nonagon.process.models import Result, Whole

pytestmark = pytest.mark.django_db

FRESH = results.Fresh(
    step=2,
    key="a" * 64,
    content=json.dumps({"origins": {"o": {"data": "x"}}, "findings": [{"text": "f"}], "lacks": []}).encode(),
    document_version=3,
    facts=("answers@1",),
    section={"step": 2, "blocks": []},
    criteria=[{"id": "k", "sentence": "s", "met": True}],
    begun=True,
)
WHOLE = {"effectiveness": {"share": 0.5}, "headlines": [], "public": {}, "intake": []}


def store(cycle: Any, fresh: results.Fresh) -> list[int]:
    return results.store(cycle=cycle, fresh={fresh.step: fresh}, whole=None, trace=None)


def test_a_result_is_read_back_as_it_was_stored(cycle: Any) -> None:
    assert store(cycle, FRESH) == [2]
    found = results.latest(cycle, 2, whole=True)
    assert found is not None
    assert results.deliverable_of(found) == FRESH.content
    assert (found.number, found.document_version, found.facts) == (1, 3, ["answers@1"])
    assert (found.origins, found.findings) == ({"o": {"data": "x"}}, [{"text": "f"}])
    assert results.latest(cycle, 1) is None
    assert set(results.all_latest(cycle)) == {2}


def test_what_came_out_the_same_makes_no_row_but_notes_what_it_was_computed_from(cycle: Any) -> None:
    store(cycle, FRESH)
    before = results.latest(cycle, 2)
    assert store(cycle, replace(FRESH, key="b" * 64, document_version=4, facts=("answers@2",))) == []
    now = results.latest(cycle, 2)
    assert before is not None
    assert now is not None
    assert (now.pk, now.evidence, now.computed_at) == (before.pk, before.evidence, before.computed_at)
    assert (now.key, now.document_version, now.facts) == ("b" * 64, 4, ["answers@2"])


@pytest.mark.parametrize(
    ("other", "evidence"),
    [
        ({"content": b'{"findings": []}'}, True),
        ({"criteria": [{"id": "k", "sentence": "s", "met": False}]}, True),
        ({"section": {"step": 2, "blocks": [{"kind": "heading"}]}}, False),
        ({"public": {"section": {}}}, False),
    ],
)
def test_what_is_new_makes_a_row_and_only_numbers_and_criteria_are_evidence(
    cycle: Any, other: dict[str, Any], evidence: bool
) -> None:
    store(cycle, FRESH)
    assert store(cycle, replace(FRESH, **other)) == [2]
    first, second = Result.objects.filter(cycle=cycle, step=2).order_by("number")
    assert (first.number, second.number) == (1, 2)
    assert (first.evidence != second.evidence) is evidence
    assert results.all_latest(cycle)[2].pk == second.pk


def test_a_page_reads_neither_deliverables_nor_sections_it_does_not_show(
    cycle: Any, django_assert_num_queries: Any
) -> None:
    store(cycle, FRESH)
    with django_assert_num_queries(1):
        found = results.all_latest(cycle)[2]
    assert {"deliverable", "section"} <= found.get_deferred_fields()
    with django_assert_num_queries(1):
        latest = results.latest(cycle, 2)
    assert latest is not None
    assert latest.get_deferred_fields() == {"deliverable"}


def test_the_whole_is_one_row_a_cycle(cycle: Any) -> None:
    for share in (0.5, 0.6):
        whole = WHOLE | {"effectiveness": {"share": share}}
        results.store(cycle=cycle, fresh={}, whole=whole, trace=b'{"links": []}')
    assert [one.effectiveness for one in Whole.objects.filter(cycle=cycle)] == [{"share": 0.6}]


def test_a_deliverable_is_read_once_and_anew_when_it_changed(cycle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []

    class Noted(MarketDeliverable):
        @classmethod
        def model_validate_json(cls, content: Any, **more: Any) -> "Noted":  # type: ignore[override]
            read.append(content)
            return super().model_validate_json(content, **more)

    assert results.deliverable(cycle, 2, Noted) is None
    first, second = (MarketDeliverable(competitors=names) for names in ((), ("rival",)))
    store(cycle, replace(FRESH, content=first.model_dump_json().encode()))
    found = results.deliverable(cycle, 2, Noted)
    assert found is not None
    assert found.competitors == ()
    assert results.deliverable(cycle, 2, Noted) is found
    assert len(read) == 1
    store(cycle, replace(FRESH, content=second.model_dump_json().encode()))
    now = results.deliverable(cycle, 2, Noted)
    assert now is not None
    assert now.competitors == ("rival",)
    assert len(read) == 2


def test_the_state_of_the_results_changes_with_every_new_one(cycle: Any) -> None:
    seen = [results.state_of(cycle)]
    store(cycle, FRESH)
    seen.append(results.state_of(cycle))
    results.store(cycle=cycle, fresh={}, whole=WHOLE, trace=b"{}")
    seen.append(results.state_of(cycle))
    store(cycle, replace(FRESH, content=b"{}"))
    seen.append(results.state_of(cycle))
    results.store(cycle=cycle, fresh={}, whole=WHOLE, trace=b'{"links": []}')
    seen.append(results.state_of(cycle))
    assert len(set(seen)) == len(seen)
    assert results.state_of(cycle) == seen[-1]
