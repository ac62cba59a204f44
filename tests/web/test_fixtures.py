"""The fixtures of the web tests themselves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from builders.web import ROLES, Silent
from nonagon.accounts.access import Actor, rows
from nonagon.process import documents, jobs, registry, results
from nonagon.process.models import Cycle
from nonagon.workspace.compute import compute_cycle
from nonagon.workspace.places import folder_of


def test_files_of_tests_lie_in_a_temporary_folder() -> None:
    assert "nonagon-tests-" in str(settings.HOME)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_one_person_who_sees_the_cycle(
    role: str, cycle: Any, person_of: Callable[[str], Any]
) -> None:
    assert person_of(role) == person_of(role)
    assert list(rows(Actor(person_of(role)), Cycle)) == [cycle]


def test_a_stranger_sees_nothing(cycle: Any, stranger: Any) -> None:
    assert not rows(Actor(stranger), Cycle).exists()


def test_the_computed_cycle_has_decisions_facts_and_results_of_all_nine_steps(
    computed_cycle: Any, home: Path
) -> None:
    _head, _given, numbers = documents.all_current(computed_cycle)
    found = results.all_latest(computed_cycle, sections=True)
    assert set(numbers) == set(range(10))
    assert all(numbers.values())
    assert sorted(found) == list(range(1, 10))
    assert all(one.section["blocks"] and one.criteria for one in found.values())
    assert computed_cycle.facts["answers"]["rows"] > 0
    assert folder_of(computed_cycle).is_relative_to(home)
    assert (folder_of(computed_cycle) / "out" / "facts").is_dir()


@pytest.mark.parametrize("step", range(1, 10))
def test_its_pages_answer(step: int, computed_cycle: Any, client_of: Callable[[str], Any]) -> None:
    answer = client_of("owner").get(f"/c/{computed_cycle.key}/{registry.room(step).word}/")
    assert answer.status_code == 200
    assert "Empty cycle" not in answer.content.decode()
    assert "Small cycle" in answer.content.decode()


def test_a_worker_computes_it_again_and_finds_nothing_changed(computed_cycle: Any, owner: Any) -> None:
    assert compute_cycle(computed_cycle, Silent())["computed"] == []
    assert jobs.enqueue("compute", cycle=computed_cycle, person=owner).state == "waiting"
