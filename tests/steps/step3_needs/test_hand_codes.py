"""What a person reads counts ahead of the rules; coders are compared; a sealed register cannot be rewritten."""

import hashlib
import json
from pathlib import Path

import pytest

from builders.codes import said
from builders.facts import facts_of
from nonagon.charts.section import Paragraph
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.decisions import Fault, Known
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.step3 import NeedsDeliverable
from nonagon.engine import verbatims
from nonagon.engine.facts import Facts
from nonagon.steps.step3_needs.analysis import analyse
from nonagon.steps.step3_needs.coding.blocks import Rulebook
from nonagon.steps.step3_needs.coding.suggest import Knowledge
from nonagon.steps.step3_needs.criteria import criteria
from nonagon.steps.step3_needs.decisions import Assumption, Rule, Step3Decisions, seal_of
from nonagon.steps.step3_needs.section import section

NEEDS = [{"id": "delay", "name": "Comes on time"}, {"id": "seats", "name": "Soft seats"}]
RULES = [{"need": "delay", "phrases": ["late"]}, {"need": "seats", "phrases": ["seat*"]}]
SAID = ["late again", "hard seats", "the bus is late", "what a night", "nowhere to put my legs"]
ASSUMED = {"need": "delay", "by": "board", "stated_on": "2026-01-01"}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    rows = [
        {"verbatim_id": f"v{at}", "text": text, "customer_id": f"c{at}", "date": "2025-03-01"}
        for at, text in enumerate(SAID)
    ]
    return facts_of(tmp_path_factory.mktemp("hand"), verbatims=rows)


def run(facts: Facts, **document: object) -> NeedsDeliverable:
    decisions = Step3Decisions.model_validate({"needs": NEEDS, "rules": RULES, **document})
    cycle = Cycle(name="c", organization="Bus")
    found = analyse(cycle=cycle, facts=facts, decisions=decisions, earlier=Earlier())
    assert section(found, decisions).blocks
    assert criteria(found, decisions)
    return found


def coded(facts: Facts, **document: object) -> dict[str, tuple[str, ...]]:
    """The ids behind the counts that the deliverable holds."""
    ids = said(facts, Step3Decisions.model_validate({"needs": NEEDS, "rules": RULES, **document}))
    found = run(facts, **document)
    assert {one.id: one.verbatims for one in found.needs} == {
        one.id: len(ids.get(one.id, ())) for one in found.needs
    }
    return ids


def faults(**document: object) -> list[Fault]:
    one = Step3Decisions.model_validate({"needs": NEEDS, **document})
    return list(one.faults(Known({"need": frozenset({"delay", "seats"})})))


def code(verbatim: str, need: str, coder: str = "first") -> dict[str, str]:
    return {"verbatim": verbatim, "need": need, "coder": coder}


# --- codes by hand


def test_hand_codes_count_in_place_of_rules(facts: Facts) -> None:
    assert coded(facts) == {"delay": ("v0", "v2"), "seats": ("v1",)}
    # v4 no rule knows; v2 was read and speaks of none; v0 speaks of both.
    codes = [code("v4", "seats"), code("v2", "none"), code("v0", "delay"), code("v0", "seats")]
    found = run(facts, codes=codes)
    assert coded(facts, codes=codes) == {"delay": ("v0",), "seats": ("v0", "v1", "v4")}
    assert found.coding is not None
    assert found.coding.by_hand == 3
    # v0, v1 and v4 of 5
    assert found.coding.coded.value == pytest.approx(3 / 5)
    told = [one.text for one in section(found, Step3Decisions()).blocks if isinstance(one, Paragraph)]
    assert any("3 of them by a person" in one for one in told)


def test_codes_alone_need_no_rules(facts: Facts) -> None:
    found = run(facts, rules=[], codes=[code("v3", "delay")])
    assert coded(facts, rules=[], codes=[code("v3", "delay")]) == {"delay": ("v3",)}
    assert not [one for one in found.lacks if "coded" in one.what]


def test_of_two_coders_the_first_counts(facts: Facts) -> None:
    codes = [code("v0", "delay"), code("v1", "delay", "second"), code("v0", "seats", "second")]
    # "first" stands first in the list: v0 is theirs; v1 only "second" has read.
    assert coded(facts, codes=codes) == {"delay": ("v0", "v1", "v2")}


def test_agreement_comes_from_codes_of_two(facts: Facts) -> None:
    first = ["delay", "seats", "delay", "none", "seats"]
    second = ["delay", "seats", "none", "none", "delay"]
    codes = [code(f"v{at}", need) for at, need in enumerate(first)]
    assert run(facts, codes=codes).coding.agreement is None  # type: ignore[union-attr]
    codes += [code(f"v{at}", need, "second") for at, need in enumerate(second)]
    agreement = run(facts, codes=codes).coding.agreement  # type: ignore[union-attr]
    assert agreement is not None
    # Seen 3 of 5; by chance delay 2/5 x 2/5, seats 2/5 x 1/5, none 1/5 x 2/5, together 8/25.
    # (15/25 - 8/25) / (17/25) = 7/17.
    assert (agreement.n, agreement.value) == (5, pytest.approx(7 / 17))


def test_the_two_coders_who_share_most_are_compared(facts: Facts) -> None:
    codes = [code("v0", "delay", "a"), code("v1", "seats", "a"), code("v0", "delay", "b")]
    codes += [code("v0", "delay", "c"), code("v1", "seats", "c")]
    agreement = run(facts, codes=codes).coding.agreement  # type: ignore[union-attr]
    # a and c share two verbatims and agree on both; b shares one with each.
    assert agreement is not None
    assert (agreement.n, agreement.value) == (2, pytest.approx(1.0))


@pytest.mark.parametrize(
    ("codes", "path", "words"),
    [
        ([code("v", "speed")], ("codes", 0, "need"), "unknown need 'speed'"),
        ([code("v", "delay"), code("v", "delay")], ("codes", 1, "need"), "stands twice"),
        ([code("v", "none"), code("v", "delay")], ("codes", 1, "need"), "a need and to none"),
    ],
)
def test_faults_of_codes(codes: list[dict[str, str]], path: tuple[str | int, ...], words: str) -> None:
    found = faults(codes=codes)
    assert [one.path for one in found] == [path]
    assert words in found[0].message


# --- the seal


def test_the_seal_is_the_hash_of_the_register_as_json() -> None:
    entry = {"by": "board", "importance": None, "importance_rank": None, "need": "delay", "predicted": 4.0}
    # Written here by hand as the reference page says: keys in order, no blanks, a number with a decimal point.
    text = json.dumps([{**entry, "stated_on": "2026-01-01"}], separators=(",", ":"))
    assert text.startswith('[{"by":"board","importance":null')
    sealed = seal_of([Assumption.model_validate({**ASSUMED, "predicted": 4})])
    assert sealed == hashlib.sha256(text.encode()).hexdigest()


def sealed(day: str, **more: object) -> dict[str, object]:
    assumptions = [Assumption.model_validate(ASSUMED)]
    return {"assumptions": [ASSUMED], "seal": {"sealed_on": day, "sha256": seal_of(assumptions)}, **more}


def test_a_seal_that_fits_is_no_fault_and_a_changed_entry_is() -> None:
    assert faults(**sealed("2025-01-01")) == []
    changed = sealed("2025-01-01", assumptions=[{**ASSUMED, "predicted": 5}])
    found = faults(**changed)
    assert [one.path for one in found] == [("seal", "sha256")]
    assert "2025-01-01" in found[0].message


def test_the_seal_counts_in_place_of_the_stated_day(facts: Facts) -> None:
    # The verbatims are of 2025-03-01; the entry says 2026-01-01, which is too late by itself.
    unsealed = run(facts, assumptions=[ASSUMED]).audit
    before = run(facts, **sealed("2025-02-28"))
    after = run(facts, **sealed("2025-03-01"))
    assert [one.beliefs[0].sealed for one in (unsealed, before.audit, after.audit) if one] == [False, True, False]
    assert any("not before the first answer" in one.sentence for one in after.findings)
    assert not any("not before the first answer" in one.sentence for one in before.findings)


def test_an_opening_stays_visible_even_without_entries(facts: Facts) -> None:
    opened = {
        "sealed_on": "2025-01-01",
        "sha256": "0" * 64,
        "unsealed_on": "2025-06-01",
        "reason": "the board changed its mind",
    }
    for document in ({"unsealed": [opened]}, {"unsealed": [opened], "assumptions": [ASSUMED]}):
        found = run(facts, **document)
        assert any("the board changed its mind" in one.sentence for one in found.findings)


def test_a_sealed_entry_goes_on_under_the_id_of_the_need_that_took_its_own_over(facts: Facts) -> None:
    entry = {**ASSUMED, "need": "lateness"}
    seal = {"sealed_on": "2025-01-01", "sha256": seal_of([Assumption.model_validate(entry)])}
    document = {"assumptions": [entry], "seal": seal}
    assert [one.path for one in faults(**document)] == [("assumptions", 0, "need")]
    merged = {**document, "merged": {"lateness": "tardy", "tardy": "delay"}}
    assert faults(**merged) == []
    audit = run(facts, **merged).audit
    assert audit is not None
    assert (audit.beliefs[0].need, audit.blind) == ("delay", ("seats",))


# --- suggestions, and the page's query


def test_suggestions_come_from_rules_then_from_words() -> None:
    rules = [Rule.model_validate(one) for one in RULES]
    negations = {"en": ("not",)}
    needs = [("delay", "Comes on time"), ("seats", "Soft seats"), ("price", "Fares that are fair")]
    suggester = Knowledge.of(needs, Rulebook.of(rules, negations, 3)).suggester()
    # A denied rule is no code, yet it says what the sentence is about.
    assert suggester.suggest("It is not late") == ["delay"]
    assert suggester.suggest("The fare is unfair and the seating late") == ["delay", "seats", "price"]
    assert suggester.suggest("The fare is unfair and the seating late", most=1) == ["delay"]
    assert suggester.suggest("Hello there") == []


def test_a_page_of_verbatims_names_nobody(tmp_path: Path) -> None:
    rows = [
        {"verbatim_id": f"v{at}", "text": text, "customer_id": "c", "respondent_id": "r", "subject": subject}
        for at, (text, subject) in enumerate([("Late", "us"), ("late", None), ("LATE", "rival"), ("soft", "us")])
    ]
    facts = facts_of(tmp_path, verbatims=rows)
    found, count = verbatims.page(facts, containing="late")
    assert (found["verbatim_id"].tolist(), count) == (["v0", "v1"], 2)
    assert set(found) == {"verbatim_id", "text", "wave", "date", "channel", "language"}
    found, count = verbatims.page(facts, only=["v3", "v1", "gone"], start=1, most=1)
    assert (found["verbatim_id"].tolist(), count) == (["v3"], 2)
    assert verbatims.page(facts, without=["v0", "v3"])[0]["verbatim_id"].tolist() == ["v1"]
    assert verbatims.page(facts, only=[])[1] == 0
    # A sign that means "any text" in SQL is a sign like others.
    assert verbatims.page(facts, containing="%")[1] == 0
