"""Coding rules on sentences written for each case, in several languages and scripts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.steps.step3_needs.coding.plain import forms, plain, sentences, words
from nonagon.steps.step3_needs.coding.rules import Coder
from nonagon.steps.step3_needs.decisions import NEGATIONS, Rule


def needs(text: str, *rules: Rule, language: str | None = None, window: int = 3) -> list[str]:
    coder = Coder(rules, negations=NEGATIONS, window=window)
    return [need for one in coder.code(text, language=language) for need in one.needs]


LATE = Rule(need="punctual", phrases=("late", "delay*", "behind schedule"))


@pytest.mark.parametrize(
    "text",
    [
        "The bus was late",
        "LATE again!",
        "One delay after another",
        "delayed",
        "We ran behind  schedule.",
        "behind-schedule",
        "Was it late?",
    ],
)
def test_phrases_match_whole_words_in_any_case(text: str) -> None:
    assert needs(text, LATE) == ["punctual"]


@pytest.mark.parametrize("text", ["relate", "later", "a plate", "schedule behind", "", "behind. Schedule"])
def test_parts_of_words_and_other_orders_do_not_match(text: str) -> None:
    assert needs(text, LATE) == []


@pytest.mark.parametrize(
    "text",
    [
        "It is not late",
        "It isn't late any more",
        "It isn’t late any more",
        "It is no longer late",
        "never once too late",
        "without a delay",
    ],
)
def test_a_denying_word_before_sets_the_match_aside(text: str) -> None:
    (one,) = Coder([LATE], negations=NEGATIONS).code(text)
    assert (one.needs, one.negated, one.known) == ((), 1, True)


@pytest.mark.parametrize(
    "text",
    [
        "Not only late but dirty",
        "No. It was late",
        "not what I call good and it came late",
        "I would not mind the seats, if it were not for buses that always come very late",
    ],
)
def test_a_denial_elsewhere_does_not_count(text: str) -> None:
    assert needs(text, LATE) == ["punctual"]


def test_the_window_can_be_switched_off_and_a_rule_can_keep_denied_matches() -> None:
    assert needs("not late", LATE, window=0) == ["punctual"]
    room = Rule(need="seats", phrases=("leg room",), when_negated="keep")
    assert needs("There is no leg room", room) == ["seats"]


def test_unless_rules_out_the_sentence_only() -> None:
    rule = Rule(need="seats", phrases=("seat",), unless=("car seat",))
    assert needs("My car seat is fine. The seat here is not.", rule) == ["seats"]
    assert needs("My car seat is fine", rule) == []


@pytest.mark.parametrize(
    ("phrase", "text", "language"),
    [
        ("zu spät", "Der Bus kommt ZU SPAT", "de"),
        ("spaet", "spaet", "de"),
        ("très cher", "C'est tres cher", "fr"),
        ("straße", "Die STRASSE ist laut", "de"),
        ("incómodo", "asiento incomodo", "es"),
        ("متأخرة", "الحافلة متاخرة جدا", "ar"),
        ("حافلة", "والحافلةُ تأخّرت", "ar"),
        ("المقاعد", "مقاعد ضيقة", "ar"),
    ],
)
def test_accents_and_spelling_variants_are_set_aside(phrase: str, text: str, language: str) -> None:
    found = needs(text, Rule(need="x", phrases=(phrase,)), language=language)
    assert found == (["x"] if phrase != "المقاعد" else [])


def test_an_arabic_phrase_without_the_article_matches_with_it() -> None:
    assert needs("المقاعد ضيقة", Rule(need="seats", phrases=("مقاعد",)), language="ar") == ["seats"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ليست الحافلة متأخرة", "ar"),
        ("nie zu spät", "de"),
        ("jamais en retard", "fr"),
        ("nunca llega tarde", "es"),
    ],
)
def test_denial_in_other_languages(text: str, language: str) -> None:
    rule = Rule(need="x", phrases=("متأخرة", "zu spät", "en retard", "tarde"))
    assert needs(text, rule, language=language) == []
    # A language that is not known is denied by any list.
    assert needs(text, rule) == []


def test_a_denying_word_of_another_language_does_not_deny() -> None:
    # "nie" denies in German only.
    assert needs("nie late", LATE, language="en") == ["punctual"]


def test_rules_of_a_language_skip_other_languages() -> None:
    rule = Rule(need="gift", phrases=("gift",), language="de")
    assert needs("a gift", rule, language="en-GB") == []
    assert needs("das Gift", rule, language="de_AT") == ["gift"]
    assert needs("gift", rule) == ["gift"]


def test_regular_expressions_see_the_text_as_written_and_plain() -> None:
    rule = Rule(need="wait", regex=r"\b\d+ min|verspatet")
    assert needs("waited 20 Min", rule) == ["wait"]
    assert needs("immer VERSPÄTET", rule) == ["wait"]
    assert needs("never waited 20 min", rule) == []


def test_one_verbatim_may_speak_of_several_needs_once_each() -> None:
    seat = Rule(need="seats", phrases=("seat*",))
    (one,) = Coder([LATE, seat], negations=NEGATIONS).code("late, late and the seats are hard")
    assert one.needs == ("punctual", "seats")
    assert one.matched == (0, 1)


def test_sentences_keep_numbers_and_end_at_arabic_marks() -> None:
    assert sentences("The 7.40 left. Why؟ لماذا؟ نعم") == ["The 7.40 left", "Why", "لماذا", "نعم"]
    assert sentences("one<br/>two\nthree") == ["one", "two", "three"]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_coded_without_error_and_plain_form_is_stable(text: str) -> None:
    Coder([LATE], negations=NEGATIONS).code(text)
    assert plain(plain(text)) == plain(text)
    assert all(word in forms(word) for word in words(text))
