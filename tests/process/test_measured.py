"""Facts that pages read stay open: for the thread, for the version, and only so many."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

from nonagon.engine.facts import Facts
from nonagon.process import measured
from nonagon.process.measured import MOST_OPEN, facts_of

pytestmark = pytest.mark.django_db


def import_again(cycle: Any) -> None:
    from builders.web import Silent
    from nonagon.workspace.jobs import import_into

    import_into(cycle, Silent())
    cycle.refresh_from_db()


def test_they_stay_open_for_the_next_page(computed_cycle: Any) -> None:
    facts = facts_of(computed_cycle)
    assert facts.rows("customers") == 60  # builders/folder.py makes sixty
    assert facts_of(computed_cycle) is facts


def test_a_newer_version_of_a_table_is_opened_anew(computed_cycle: Any) -> None:
    from nonagon.workspace.places import files_of

    before = facts_of(computed_cycle)
    file = next(files_of(computed_cycle).rglob("customers.csv"))
    file.write_text(file.read_text(encoding="utf-8") + "c999,2024-01-01,north\n", encoding="utf-8")
    import_again(computed_cycle)
    after = facts_of(computed_cycle)
    assert after is not before
    assert (before.rows("customers"), after.rows("customers")) == (60, 61)
    assert facts_of(computed_cycle) is after


def test_a_connection_serves_one_thread(computed_cycle: Any) -> None:
    opened = measured._Open()
    mine, theirs = Facts({}), Facts({})
    key = (measured.out_of(computed_cycle), "us", ())
    found: list[Facts] = [opened.kept(key, mine)]
    other = Thread(target=lambda: found.append(opened.kept(key, theirs)))
    other.start()
    other.join()
    assert found == [mine, theirs]
    assert opened.kept(key, theirs) is mine


def test_only_so_many_stay_open_those_asked_for_last(tmp_path: Any) -> None:
    opened = measured._Open()
    made = {name: Facts({}) for name in ("a", "b", "c")[: MOST_OPEN + 1]}
    ask: Callable[[str], Facts] = lambda name: opened.kept((tmp_path / name, "us", ()), made[name])  # noqa: E731
    assert [ask(name) for name in ("a", "b", "a", "c")] == [made["a"], made["b"], made["a"], made["c"]]
    kept = [key[0].name for key in opened.facts]
    assert kept == ["a", "c"]  # b was asked for longest ago
