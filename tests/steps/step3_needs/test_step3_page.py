"""The reference page of step 3: its example is valid and codes as it says, and every key stands on it."""

import tomllib
from pathlib import Path

from nonagon.deliverables.decisions import Known
from nonagon.steps.step3_needs.coding.rules import Coder
from nonagon.steps.step3_needs.decisions import NEGATIONS, AcceptedUnheard, Negation, Rule, Step3Decisions

PAGE = (Path(__file__).parents[3] / "docs/reference/decisions-step3.md").read_text(encoding="utf-8")


def example() -> Step3Decisions:
    return Step3Decisions.model_validate(tomllib.loads(PAGE.split("```toml\n")[1].split("```")[0]))


def test_the_example_is_valid() -> None:
    decisions = example()
    known = Known({"need": frozenset(need for _, need in decisions.defines())})
    assert list(decisions.faults(known)) == []


def test_the_example_codes_as_it_says() -> None:
    decisions = example()
    coder = Coder(decisions.rules, negations=decisions.negation.by_language(), window=decisions.negation.window)
    texts = ["waited 20 min", "no leg room", "not late", "the late show", "Zu spaet? Zu spät!", "الحافلة متاخرة"]
    found = [[need for one in coder.code(text) for need in one.needs] for text in texts]
    assert found == [["late_departure"], ["seats"], [], [], ["late_departure"], ["late_departure"]]


def test_a_language_that_is_given_replaces_its_list_alone() -> None:
    words = Negation(words={"en": ("nay",)}).by_language()
    assert words["en"] == ("nay",)
    assert words["de"] == NEGATIONS["de"]


def test_every_key_is_explained() -> None:
    for name in [
        *Step3Decisions.model_fields,
        *AcceptedUnheard.model_fields,
        *Rule.model_fields,
        *Negation.model_fields,
    ]:
        assert f"| `{name}` |" in PAGE, name
    for language in NEGATIONS:
        assert f"| `{language}` |" in PAGE
