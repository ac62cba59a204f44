"""Verbatims coded block by block: the same as read in one go, and finished work is never done again."""

import dataclasses
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from builders import coder
from builders.facts import facts_of
from nonagon.basics.errors import Cancelled, InputError, NonagonError
from nonagon.deliverables.cycle import Cycle, Settings
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.step1 import Condition, CustomerClass
from nonagon.deliverables.step3 import NeedsDeliverable
from nonagon.engine import coding
from nonagon.engine.facts import Facts
from nonagon.facts.codes import CodesStore
from nonagon.steps.step3_needs.analysis import analyse, verbatims
from nonagon.steps.step3_needs.analysis.verbatims import coded_by, rulebook_of
from nonagon.steps.step3_needs.coding import whole
from nonagon.steps.step3_needs.coding.rules import Coder
from nonagon.steps.step3_needs.coding.whole import codes_of
from nonagon.steps.step3_needs.decisions import Step3Decisions

PARTS = {
    "travel": ("travel", "punctual", "seats"),
    "punctual": ("punctual",),
    "seats": ("seats",),
    "price": ("price",),
}
SAID = (
    "The bus was late again. It was not expensive!",
    "Never late, and the seats are soft.",
    "Hard seats; too dear",
    "الحافلة متأخرة دائما",
    "ليس متأخرا",
    "A seat belt is missing",
    "Nice driver",
    "",
)


def rows(chance: random.Random) -> list[dict[str, Any]]:
    """What customers with and without names said in eight files; some ids come twice, some about a rival."""
    found = []
    for at in range(480):
        text = f"{chance.choice(SAID)} {chance.choice(SAID)}"
        found.append(
            {
                "verbatim_id": f"v{chance.randrange(400):03}",
                "text": text,
                "customer_id": chance.choice([None, f"c{chance.randrange(40)}"]),
                "respondent_id": chance.choice([None, f"r{chance.randrange(60)}"]),
                "channel": chance.choice([None, "Interview", "review"]),
                "language": chance.choice([None, "ar" if text.startswith(SAID[3][:3]) else "en"]),
                "subject": "rival" if at % 17 == 0 else None,
                "file": f"{at % 8}.csv",
            }
        )
    return found


DOCUMENT = Step3Decisions.model_validate(
    {
        "rules": [dataclasses.asdict(one) for one in coder.RULEBOOK.rules],
        "codes": [
            {"verbatim": f"v{at:03}", "need": need, "coder": "first"}
            for at, need in ((3, "seats"), (3, "price"), (10, "none"), (77, "punctual"), (200, "none"))
        ],
        "withdrawn": ["v005", "v120", "v300"],
    }
)


class Whole:
    """The same questions answered from one reading of all rows in Python: what the product did before."""

    def __init__(self, said: Sequence[dict[str, Any]]) -> None:
        rules = Coder(DOCUMENT.rules, negations=DOCUMENT.negation.by_language(), window=DOCUMENT.negation.window)
        by_hand = DOCUMENT.hand_codes()
        self.rows: list[tuple[dict[str, Any], str, tuple[str, ...]]] = []
        self.negated = 0
        self.matched = [0] * len(DOCUMENT.rules)
        # In the order of ids, and where one is given twice in that of arrival.
        for one in sorted(said, key=lambda row: row["verbatim_id"]):
            if one["subject"] == "rival" or one["verbatim_id"] in DOCUMENT.withdrawn:
                continue
            sentences = rules.code(one["text"], language=one["language"])
            self.negated += sum(each.negated for each in sentences)
            for each in sentences:
                for rule in each.matched:
                    self.matched[rule] += 1
            needs = tuple(dict.fromkeys(need for each in sentences for need in each.needs))
            named = [(kind, one[f"{kind}_id"]) for kind in ("customer", "respondent", "verbatim")]
            speaker = next(f"{kind} {own}" for kind, own in named if own is not None)
            self.rows.append((one, speaker, by_hand.get(one["verbatim_id"], needs)))

    def speakers(self, needs: Sequence[str] | None = None) -> set[str]:
        return {who for _, who, own in self.rows if needs is None or set(needs) & set(own)}

    def units(self, *, interviews: bool) -> dict[str, tuple[str | None, set[str]]]:
        found: dict[str, tuple[str | None, set[str]]] = {}
        for one, speaker, needs in self.rows:
            if interviews and one["channel"] != "Interview":
                continue
            unit = one["respondent_id"] or speaker if interviews else speaker
            found.setdefault(unit, (one["customer_id"], set()))[1].update(needs)
        return found


@pytest.fixture(scope="module", params=[1, 2, 3])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[coding.Coded, Whole]:
    said = rows(random.Random(request.param))
    people = [{"customer_id": f"c{at}", "region": "north" if at % 3 else "south"} for at in range(40)]
    facts = facts_of(tmp_path_factory.mktemp("whole"), verbatims=said, customers=people)
    coded, version = coded_by(facts, DOCUMENT)
    assert len(version.blocks) == 8, "one for each file"
    return coded, Whole(said)


def test_counts_are_those_of_one_reading(both: tuple[coding.Coded, Whole]) -> None:
    coded, read = both
    by_hand = DOCUMENT.hand_codes()
    assert coding.counts(coded) == coding.Counts(
        verbatims=len(read.rows),
        speakers=len(read.speakers()),
        coded=sum(1 for _, _, needs in read.rows if needs),
        by_hand=sum(1 for one, _, _ in read.rows if one["verbatim_id"] in by_hand),
        mentions=sum(len(needs) for _, _, needs in read.rows),
        negated=read.negated,
    )
    named = coding.naming(coded), coding.naming(coded, ["price"])
    assert named == (len(read.speakers(list(PARTS))), len(read.speakers(["price"])))
    assert named[0] > named[1] > 0


def test_needs_are_counted_with_their_parts(both: tuple[coding.Coded, Whole]) -> None:
    coded, read = both
    found = coding.by_need(coded, PARTS)
    assert set(found) == set(PARTS)
    for need, below in PARTS.items():
        held = [(one, needs) for one, _, needs in read.rows if set(below) & set(needs)]
        assert found[need] == coding.SaidOfNeed(
            verbatims=sum(need in needs for _, needs in held),
            speakers=len(read.speakers(below)),
            different=len({one["verbatim_id"] for one, _ in held}),
        )


@pytest.mark.parametrize("interviews", [True, False])
def test_units_are_those_of_one_reading(both: tuple[coding.Coded, Whole], interviews: bool) -> None:
    coded, read = both
    units = coding.interviews(coded, ("INTERVIEW",)) if interviews else coding.speakers(coded)
    assert units is not None
    held = read.units(interviews=interviews)
    found = coding.incidence(coded, units)
    assert found.units == len(held)
    assert found.needs == {need: n for need in PARTS if (n := sum(need in own for _, own in held.values()))}


@pytest.mark.parametrize("interviews", [True, False])
def test_units_by_class_are_those_of_one_reading(both: tuple[coding.Coded, Whole], interviews: bool) -> None:
    coded, read = both
    north = CustomerClass(id="north", name="North", rule=(Condition(field="region", one_of=("north",)),))
    every = CustomerClass(id="every", name="Everybody")
    units = coding.interviews(coded, ("interview",)) if interviews else coding.speakers(coded)
    assert units is not None
    found = coding.incidence_by_class(coded, units, (north, every), apart=interviews)
    for name, regions in (("north", {"north"}), ("every", {"north", "south"})):
        inside = [
            needs
            for customer, needs in read.units(interviews=interviews).values()
            if customer is not None and ("north" if int(customer[1:]) % 3 else "south") in regions
        ]
        assert found[name].units == len(inside) > 0
        assert found[name].needs == {need: n for need in PARTS if (n := sum(need in own for own in inside))}


def test_a_verbatim_and_its_needs_are_found_from_both_ends(both: tuple[coding.Coded, Whole]) -> None:
    coded, read = both
    known = sorted({one["verbatim_id"] for one, _, needs in read.rows if "seats" in needs})
    parts = [coding.ids(coded, ["seats"], start=at, most=7) for at in range(0, len(known), 7)]
    assert [one for part, _ in parts for one in part] == known
    assert {many for _, many in parts} == {len(known)}
    needs = coding.needs_of(coded, known[:5])
    assert list(needs) == known[:5]
    assert all("seats" in own for own in needs.values())


# --- blocks -------------------------------------------------------------------------------------------------


def places(folder: Path) -> dict[str, tuple[int, int]]:
    """Every block with what changes when it is written anew: its inode, and the time of the last change."""
    files = sorted((folder / "home" / "codes").glob("*/*.parquet"))
    return {file.name: (file.stat().st_ino, file.stat().st_mtime_ns) for file in files}


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (folder / "home" / "codes").rglob("*.*")}


def test_processes_of_their_own_find_the_same(tmp_path: Path) -> None:
    here, apart = tmp_path / "here", tmp_path / "apart"
    for place, workers in ((here, 0), (apart, 2)):
        place.mkdir()
        _store, version = codes_of(coder.facts(place, 5, 40), coder.RULEBOOK, workers=workers)
        assert version.tally.verbatims == 5 * 40
    assert contents(here) == contents(apart)
    assert len(contents(here)) == 5 + 1


def test_a_new_wave_is_coded_alone(tmp_path: Path) -> None:
    codes_of(coder.facts(tmp_path, 3, 30), coder.RULEBOOK)
    before = places(tmp_path)
    more = facts_of(tmp_path, home=tmp_path / "home", verbatims=coder.verbatims(4, 30))
    more._tables["verbatims"] = dataclasses.replace(more._tables["verbatims"], label="verbatims@later")
    _store, version = codes_of(more, coder.RULEBOOK)
    after = places(tmp_path)
    assert len(version.blocks) == len(after) == 4
    assert {name: place for name, place in after.items() if name in before} == before


def test_what_was_stopped_goes_on_behind_the_last_block(tmp_path: Path) -> None:
    facts = coder.facts(tmp_path, 6, 30)
    told = coder.stopped_at(facts, 3)
    with pytest.raises(Cancelled):
        codes_of(facts, coder.RULEBOOK)
    before = places(tmp_path)
    assert told == [f"{30 * at} of 180 verbatims coded" for at in (1, 2, 3)]
    assert len(before) == 3
    facts.tell = told.append
    _store, version = codes_of(facts, coder.RULEBOOK)
    after = places(tmp_path)
    assert (len(version.blocks), len(after)) == (6, 6)
    assert {name: place for name, place in after.items() if name in before} == before


def test_stopping_ends_the_processes_too(tmp_path: Path) -> None:
    facts = coder.facts(tmp_path, 8, 30)
    started: list[subprocess.Popen[bytes]] = []
    begin = whole._process

    def kept() -> "subprocess.Popen[bytes]":
        started.append(begin())
        return started[-1]

    def stop(text: str) -> None:
        if started:
            raise Cancelled

    facts.tell = stop
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whole, "_process", kept)
        with pytest.raises(Cancelled):
            codes_of(facts, coder.RULEBOOK, workers=2)
    assert [one.poll() for one in started] == [-signal.SIGKILL] * 2
    assert codes_of(facts_again(tmp_path), coder.RULEBOOK)[1].tally.verbatims == 8 * 30


def facts_again(folder: Path) -> Facts:
    """The same facts, opened by somebody who hears no news."""
    return coder.facts(folder, 8, 30)


def test_killed_at_any_moment_it_goes_on_and_nothing_is_done_twice(tmp_path: Path) -> None:
    """Three rounds of kill -9: the blocks that were there stay, and the end is that of work that nobody killed."""
    quiet, killed = tmp_path / "quiet", tmp_path / "killed"
    for place in (quiet, killed):
        place.mkdir()
    files, size = 24, 60
    codes_of(coder.facts(quiet, files, size), coder.RULEBOOK)
    program = [sys.executable, "-m", "builders.coder", str(killed), str(files), str(size), "1"]
    environment = {**os.environ, "PYTHONPATH": str(Path(coder.__file__).parents[1])}
    seen: dict[str, tuple[int, int]] = {}
    chance = random.Random()
    for wanted in sorted(chance.sample(range(1, files - 1), 3)):
        done = subprocess.Popen(program, stdout=subprocess.PIPE, env=environment)
        assert done.stdout is not None
        assert done.stdout.readline() == b"ready\n"
        while done.poll() is None and len(places(killed)) < wanted:
            time.sleep(0.005)
        done.kill()
        done.communicate()
        now = places(killed)
        assert {name: now.get(name) for name in seen} == seen
        seen = now
    assert seen, "something was done before the first kill"
    finished = subprocess.run(program, check=True, capture_output=True, env=environment, text=True)
    assert "done codes@" in finished.stdout
    now = places(killed)
    assert {name: now[name] for name in seen} == seen
    assert contents(killed) == contents(quiet)


def test_what_no_version_names_goes_and_damage_is_made_good(tmp_path: Path) -> None:
    facts = coder.facts(tmp_path, 3, 20)
    store, version = codes_of(facts, coder.RULEBOOK)
    right = contents(tmp_path)
    first, second, _third = store.files(version)
    (first.parent / ".half.parquet.writing").write_bytes(b"half")
    (first.parent / "0123.parquet").write_bytes(b"of nobody")
    first.unlink()
    assert store.version(version.label) is None, "it is not there as a whole"
    second.write_bytes(second.read_bytes()[:100])
    assert codes_of(facts, coder.RULEBOOK)[1] == version
    assert contents(tmp_path) == right


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    facts = coder.facts(tmp_path, 1, 5)
    (tmp_path / "home" / "codes").write_text("a file", encoding="utf-8")
    with pytest.raises(InputError, match=r"can't be written: .*yours to write in"):
        codes_of(facts, coder.RULEBOOK)


def test_a_process_that_dies_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dead() -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    monkeypatch.setattr(whole, "_process", dead)
    with pytest.raises(NonagonError, match=r"has ended by itself.*run the same again"):
        codes_of(coder.facts(tmp_path, 2, 5), coder.RULEBOOK, workers=1)


def test_nothing_about_us_is_coded_to_nothing(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, verbatims=[{"verbatim_id": "v", "text": "late", "subject": "rival"}])
    coded, version = coded_by(facts, DOCUMENT)
    assert coding.counts(coded) == coding.Counts(0, 0, 0, 0, 0, 0)
    assert version.tally.matched == (0, 0, 0)


def test_rules_of_another_wording_are_another_version(tmp_path: Path) -> None:
    facts = coder.facts(tmp_path, 1, 20)
    store, one = codes_of(facts, coder.RULEBOOK)
    other = rulebook_of(
        DOCUMENT.model_copy(update={"negation": DOCUMENT.negation.model_copy(update={"window": 0})})
    )
    assert codes_of(facts, other)[1].label != one.label
    assert store.version(one.label) == one, "the rules that were tried before are still known"
    assert isinstance(store, CodesStore)


# --- the step -----------------------------------------------------------------------------------------------


def analysed(facts: Facts) -> NeedsDeliverable:
    decisions = Step3Decisions.model_validate({"rules": [{"need": "punctual", "phrases": ["late"]}]})
    cycle = Cycle(name="c", organization="Bus", settings=Settings(group_minimum=2))
    return analyse(cycle=cycle, facts=facts, decisions=decisions, earlier=Earlier())


def test_phrases_of_very_many_verbatims_are_looked_for_in_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [
        {
            "verbatim_id": f"v{at}",
            "customer_id": f"c{at}",
            "text": "late" if at % 2 else "please fit a charging socket",
        }
        for at in range(300)
    ]
    facts = facts_of(tmp_path, verbatims=said)
    every = analysed(facts)
    assert every.proposals[0].sentences == 150
    assert every.origins["proposals"].filter.startswith("150 sentences that no rule matches against 150")
    monkeypatch.setattr(verbatims, "MOST_READ", 100)
    some = analysed(facts)
    assert every.coding == some.coding, "all of them are coded"
    assert 20 < some.proposals[0].sentences < 80  # of 300 verbatims a third is drawn, half of them speak of it
    assert "of 300 verbatims, drawn by their ids" in some.origins["proposals"].filter
    assert any("looked for in about 100 verbatims, drawn by their ids." in one.sentence for one in some.findings)
