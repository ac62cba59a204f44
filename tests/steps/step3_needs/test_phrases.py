"""Proposed needs: planted phrases come up, names of few do not, one need in other words is one proposal."""

import numpy as np

from nonagon.steps.step3_needs.coding.phrases import Heard, PhraseProposal, propose
from nonagon.steps.step3_needs.coding.plain import capitals, spellings, words


def heard(*lines: tuple[str, str]) -> list[Heard]:
    return [Heard(speaker, tuple(words(text))) for speaker, text in lines]


CODED = heard(*[(f"c{at}", "the bus was late and my seat was hard") for at in range(200)])


def found(
    unknown: list[Heard], *, least: int = 10, most: int = 20, known: list[Heard] | None = None
) -> list[PhraseProposal]:
    return propose(unknown, CODED if known is None else known, least_speakers=least, most=most)


def test_a_planted_need_comes_up_with_its_counts() -> None:
    filler = heard(*[(f"f{at}", f"word{at} other{at} the bus") for at in range(100)])
    planted = heard(*[(f"s{at % 12}", "please fit a charging socket") for at in range(15)])
    (one,) = found(filler + planted)
    assert (one.speakers, one.sentences) == (12, 15)
    assert "charging socket" in one.phrase


def test_what_fewer_than_the_least_say_is_withheld() -> None:
    lines = heard(*[(f"s{at % 9}", "John Smith was kind") for at in range(50)])
    assert found(lines) == []
    assert found(lines, least=9) != []


def test_one_need_in_other_words_is_one_proposal() -> None:
    lines = heard(
        *[(f"a{at}", "battery empty and no charging socket") for at in range(20)],
        *[(f"b{at}", "a charging socket please") for at in range(20)],
        *[(f"d{at}", "somebody stole luggage from the hold") for at in range(20)],
    )
    proposals = found(lines)
    assert len(proposals) == 2
    charging = next(one for one in proposals if "charging" in one.phrase)
    assert charging.speakers == 40
    assert any("battery" in one for one in (charging.phrase, *charging.others))


def test_words_that_the_coded_sentences_use_as_much_do_not_stand_out() -> None:
    lines = heard(*[(f"s{at}", "bus seat") for at in range(40)], *[(f"t{at}", f"filler{at}") for at in range(60)])
    known = heard(*[(f"c{at}", "bus seat") for at in range(80)], *[(f"d{at}", f"other{at}") for at in range(120)])
    # Both bodies: 40 percent of the sentences.
    assert found(lines, known=known) == []


def test_empty_words_numbers_and_ignored_phrases_are_no_need() -> None:
    lines = heard(*[(f"s{at}", "and so it is with 2024 thank you") for at in range(30)])
    assert found(lines) == []
    socket = heard(*[(f"s{at}", "and so it is with 2024 sockets") for at in range(30)])
    assert [one.phrase for one in found(socket)] == ["sockets"]
    assert propose(socket, CODED, least_speakers=10, most=20, ignore=("Sockets",)) == []


def test_common_and_short_single_words_are_no_need() -> None:
    """Each alone in its sentences, as often as the need that is found: none of them may come up."""
    junk = ("met", "keep", "bye", "fine", "came", "day", "gut")
    said = [(f"{word}{at}", word) for word in junk for at in range(30)]
    lines = heard(*said, *[(f"s{at}", "charging socket") for at in range(30)])
    assert [one.phrase for one in found(lines)] == ["charging socket"]
    pairs = heard(*[(f"k{at}", "keep fine") for at in range(30)])
    assert found(pairs) == []


def test_an_abbreviation_may_stand_alone() -> None:
    lines = [Heard(f"s{at}", ("usb",), None, ("USB",)) for at in range(30)]
    assert [one.phrase for one in found(lines)] == ["USB"]
    assert found(heard(*[(f"s{at}", "usb") for at in range(30)])) == []


def test_phrases_keep_the_spelling_of_most() -> None:
    texts = ["Im Bus ist es heiß im Frühling", "im bus ist es heiß im Frühling", "IM BUS IST ES HEISS IM FRÜHLING"]
    lines = [Heard(f"s{at}", tuple(words(texts[at % 3])), None, spellings(texts[at % 3])) for at in range(30)]
    (one,) = found(lines)
    assert one.phrase == "heiß im Frühling"


def test_without_coded_sentences_the_most_frequent_come_first() -> None:
    lines = heard(
        *[(f"s{at}", "charging socket") for at in range(30)], *[(f"t{at}", "luggage hold") for at in range(20)]
    )
    assert [one.phrase for one in found(lines, known=[])] == ["charging socket", "luggage hold"]


def test_the_order_of_the_sentences_does_not_matter_for_what_is_proposed() -> None:
    lines = heard(
        *[(f"a{at}", "usb port broken again") for at in range(25)],
        *[(f"b{at}", "luggage hold open") for at in range(15)],
    )
    mixed = [lines[at] for at in np.random.default_rng(0).permutation(len(lines))]
    assert found(lines) == found(mixed)


def test_names_are_withheld_however_many_say_them() -> None:
    texts = ["I met Selma there", "we went to Port Selma", "Selma was kind", "a charging socket at Port Selma"]
    lines = [Heard(f"s{at}", tuple(words(texts[at % 4])), capitals(texts[at % 4])) for at in range(80)]
    assert all("selma" not in " ".join((one.phrase, *one.others)) for one in found(lines))
    assert any("charging socket" in one.phrase for one in found(lines))


def test_german_nouns_are_no_names() -> None:
    text = "Im Bus gibt es keine Steckdose"
    lines = [Heard(f"s{at}", tuple(words(text)), capitals(text)) for at in range(20)]
    assert any("steckdose" in (one.phrase, *one.others) for one in found(lines))


def test_nothing_in_nothing_out() -> None:
    assert found([]) == []
    assert found(heard(("a", "something"))) == []
    assert found(heard(*[(f"s{at}", "charging socket") for at in range(30)]), most=0) == []
