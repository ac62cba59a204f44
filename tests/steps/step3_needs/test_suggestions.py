"""Suggestions for who codes by hand: learned from what people coded, stored by blocks, the surest shown first."""

import math
import random
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import coder
from nonagon.accounts.access import Actor
from nonagon.app import server
from nonagon.app.command import nonagon
from nonagon.basics.errors import ArgumentError, Cancelled
from nonagon.engine import verbatims
from nonagon.facts.codes import SUGGESTIONS, CodesStore
from nonagon.process.measured import facts_of
from nonagon.steps.step3_needs import selectors, services
from nonagon.steps.step3_needs.coding.blocks import Rulebook
from nonagon.steps.step3_needs.coding.suggest import Knowledge, characteristic
from nonagon.steps.step3_needs.coding.whole import codes_of, suggestions_of

NEEDS = [("punctual", "Comes on time"), ("seats", "Soft seats"), ("price", "Fair fares")]
KNOWN = Knowledge.of(NEEDS, coder.RULEBOOK, [("bus", ["seats"]), ("a bus", ["seats"]), ("dull", []), ("rain", [])])

# Words of at most five letters without an s at the end: each is its own beginning.
WORDS = ("alpha", "bravo", "cold", "delta", "echo", "fox")
READ = st.lists(
    st.tuples(
        st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join),
        st.lists(st.sampled_from(["one", "two"]), unique=True, max_size=2),
    ),
    max_size=12,
)


# --- learning


@given(READ)
@settings(max_examples=60, deadline=None)
def test_weights_are_the_stated_ones(read: list[tuple[str, list[str]]]) -> None:
    found = characteristic(read)
    assert set(found) == {need for _, needs in read for need in needs}
    for need, own in found.items():
        speaking = [text.split() for text, needs in read if need in needs]
        others = [text.split() for text, needs in read if need not in needs]
        for word in WORDS:
            # Counted one by one here, from the equation of the docstring.
            a, b = sum(word in text for text in speaking), sum(word in text for text in others)
            weight = math.log((a + 0.5) / (len(speaking) + 1) * (len(others) + 1) / (b + 0.5))
            if a >= 2 and others and weight > 1e-9:
                assert own[word] == pytest.approx(weight)
            elif weight < -1e-9 or a < 2 or not others:
                assert word not in own


@given(READ, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_codes_does_not_matter(read: list[tuple[str, list[str]]], chance: random.Random) -> None:
    other = [(text, chance.sample(needs, len(needs))) for text, needs in chance.sample(read, len(read))]
    assert list(characteristic(read).items()) == list(characteristic(other).items())
    assert (
        Knowledge.of(NEEDS, coder.RULEBOOK, read).as_json() == Knowledge.of(NEEDS, coder.RULEBOOK, other).as_json()
    )


@given(READ, st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_what_is_kept_is_bounded_and_the_most_telling(read: list[tuple[str, list[str]]], most: int) -> None:
    every, some = characteristic(read), characteristic(read, most=most)
    for need, own in some.items():
        assert len(own) == min(most, len(every[need]))
        assert own.items() <= every[need].items()
        speaking = [text.split() for text, needs in read if need in needs]
        tells = {word: sum(word in text for text in speaking) * one for word, one in every[need].items()}
        left = [tells[word] for word in tells if word not in own]
        assert max(left, default=0) <= min((tells[word] for word in own), default=math.inf) + 1e-12


def test_words_that_people_coded_suggest_what_no_name_and_no_rule_says() -> None:
    said = "The draught again"
    assert Knowledge.of(NEEDS, coder.RULEBOOK).suggester().suggest(said) == []
    coded = [("a draught", ["seats"]), ("draught from the door", ["seats"]), ("dull", []), ("rain", ["gone"])]
    known = Knowledge.of(NEEDS, coder.RULEBOOK, coded)
    assert known.suggester().suggest(said) == ["seats"]
    assert set(known.weights) == {"punctual", "seats", "price"}, "no need that the tree does not hold"


def test_what_is_known_comes_back_from_its_line_and_its_name_says_it() -> None:
    assert Knowledge.from_json(KNOWN.as_json()) == KNOWN
    assert list(Knowledge.from_json(KNOWN.as_json()).weights) == [need for need, _ in NEEDS]
    others = (
        Knowledge.of(NEEDS, coder.RULEBOOK),
        Knowledge.of(NEEDS[::-1], coder.RULEBOOK),
        Knowledge.of(NEEDS, Rulebook(coder.RULEBOOK.rules, {}, 3)),
    )
    assert len({KNOWN.fingerprint(), *(one.fingerprint() for one in others)}) == 4


# --- storing


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (folder / "home" / SUGGESTIONS).rglob("*.*")}


def test_stored_is_what_is_suggested_for_those_without_a_need(tmp_path: Path) -> None:
    facts = coder.facts(tmp_path, 2, 32)
    store, version = suggestions_of(facts, KNOWN)
    stored = {row["verbatim_id"]: row for file in store.files(version) for row in pq.read_table(file).to_pylist()}
    rules, suggester, first = coder.RULEBOOK.coder(), KNOWN.suggester(), dict.fromkeys(dict(NEEDS), 0)
    for one in coder.verbatims(2, 32):
        needs, _negated = rules.tell(one["text"], language=None, matched=[0] * 3)
        wanted = [] if needs else suggester.suggest(one["text"])
        row = stored.pop(one["verbatim_id"], None)
        assert (row is not None) == bool(wanted)
        if row is not None:
            assert [row[name] for name in ("need", "second", "third") if row[name] is not None] == wanted[:3]
            assert row["score"] > 0
            first[row["need"]] += 1
    assert not stored
    # "not late" alone matches a rule that is denied; "the bus" has the word learned for seats.
    assert (first["punctual"] > 0, first["seats"] > 0) == (True, True)
    assert version.tally.matched == tuple(first.values())
    assert version.tally.verbatims == 2 * 32


def test_processes_of_their_own_store_the_same_beside_the_same_blocks(tmp_path: Path) -> None:
    here, apart = tmp_path / "here", tmp_path / "apart"
    for place, workers in ((here, 0), (apart, 2)):
        place.mkdir()
        suggestions_of(coder.facts(place, 3, 20), KNOWN, workers=workers)
    assert contents(here) == contents(apart)
    _store, codes = codes_of(coder.facts(here, 3, 20), coder.RULEBOOK)
    newest = CodesStore(here / "home", SUGGESTIONS).newest()
    assert newest is not None
    assert newest.blocks == codes.blocks
    assert newest.label.startswith("suggestions@")


def test_stopped_work_goes_on_and_what_is_known_is_not_done_again(tmp_path: Path) -> None:
    facts = coder.facts(tmp_path, 4, 20)
    told = coder.stopped_at(facts, 2)
    with pytest.raises(Cancelled):
        suggestions_of(facts, KNOWN)
    assert told == [f"{20 * at} of 80 verbatims read for suggestions" for at in (1, 2)]
    assert CodesStore(tmp_path / "home", SUGGESTIONS).newest() is None
    done = {file: file.stat().st_mtime_ns for file in (tmp_path / "home" / SUGGESTIONS).rglob("*.parquet")}
    assert len(done) == 2
    facts.tell = told.append
    _store, version = suggestions_of(facts, KNOWN)
    assert {file: file.stat().st_mtime_ns for file in done} == done
    many = len(told)
    assert suggestions_of(facts, KNOWN)[1] == version
    assert len(told) == many, "nothing is read"


def test_of_what_was_known_before_only_the_last_is_kept(tmp_path: Path) -> None:
    facts = coder.facts(tmp_path, 1, 10)
    labels = [suggestions_of(facts, Knowledge.of(NEEDS[:many], coder.RULEBOOK))[1].label for many in (1, 2, 3)]
    store = CodesStore(tmp_path / "home", SUGGESTIONS)
    assert [store.version(label) is not None for label in labels] == [False, True, True]


# --- the queue


@pytest.mark.django_db
def test_the_queue_begins_with_the_surest_and_shows_what_is_stored(
    computed_cycle: Any, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of the small cycle "no seats" and "cold hall" match no rule; no name and no rule has one of these words.
    before = selectors.queue(computed_cycle, coder="first")["verbatims"]
    assert {one["text"]: one["suggested"] for one in before} == {"no seats": [], "cold hall": []}
    cold = [one["id"] for one in before if one["text"] == "cold hall"]
    seats = [one["id"] for one in before if one["text"] == "no seats"]
    assert min(len(cold), len(seats)) >= 3, "two to learn from, and one to suggest for"
    for verbatim, needs in ((cold[0], ["clean"]), (cold[1], ["clean"]), (seats[0], []), (seats[1], [])):
        services.code_verbatim(
            actor=Actor(owner), cycle=computed_cycle, verbatim=verbatim, needs=needs, coder="first"
        )
    learned = selectors.queue(computed_cycle, coder="first")["verbatims"]
    assert {one["text"]: one["suggested"] for one in learned} == {"no seats": [], "cold hall": ["clean"]}
    told: list[str] = []
    found = services.suggest_needs(key=computed_cycle.key, tell=told.append)
    assert told[-1].endswith("verbatims read for suggestions")
    assert found.first == {
        **dict.fromkeys(found.first, 0),
        "clean": verbatims.page(facts_of(computed_cycle), containing="cold hall")[1],
    }
    stored = selectors.queue(computed_cycle, coder="first")["verbatims"]
    texts = [one["text"] for one in stored]
    assert texts == sorted(texts), "each cold hall before any no seats"
    assert {one["text"]: one["suggested"] for one in stored} == {"no seats": [], "cold hall": ["clean"]}
    # What is stored is shown although less is known now.
    monkeypatch.setattr(selectors, "knowledge_of", lambda *_given, **_more: Knowledge(Rulebook((), {}, 3), {}))
    assert selectors.queue(computed_cycle, coder="first")["verbatims"] == stored
    monkeypatch.undo()
    # The second coder is told nothing of what the first one thought.
    check = selectors.queue(computed_cycle, coder="second", check=True)["verbatims"]
    assert {one["id"]: one["suggested"] for one in check} == {one: [] for one in [*cold[:2], *seats[:2]]}


@pytest.mark.django_db
def test_the_command_says_how_many_each_need_may_have(
    computed_cycle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "prepare", lambda: None)
    done = CliRunner().invoke(nonagon, ["suggest", computed_cycle.key], catch_exceptions=False)
    read = verbatims.page(facts_of(computed_cycle))[1]
    # Nothing is suggested: no name and no rule has a word of what the rules know nothing of.
    assert f"{read} verbatims read; 0 without a need may speak of one:" in done.output
    assert done.output.splitlines()[-1].split() == ["0", "clean"], "the last of the tree"


@pytest.mark.django_db
def test_suggestions_are_for_cycles_that_are_there(cycle: Any) -> None:
    with pytest.raises(ArgumentError, match="got 'nowhere'"):
        services.suggest_needs(key="nowhere", tell=print)
    with pytest.raises(ArgumentError, match="has none: import some first"):
        services.suggest_needs(key=cycle.key, tell=print)
