"""The sixteen headlines gather what the steps say to them."""

from nonagon.deliverables.evidence import Deliverable, Finding
from nonagon.reports.headlines import TITLES, headlines


def finding(number: int | None, kind: str, sentence: str) -> Finding:
    return Finding.model_validate({"kind": kind, "sentence": sentence, "headline": number})


def test_all_sixteen_in_order_also_where_nothing_is_known() -> None:
    found = headlines([], {})
    assert [one.number for one in found] == list(range(1, 17))
    assert all(one.sentences == () for one in found)
    assert [one.title for one in found] == [title for title, _ in TITLES.values()]


def test_sentences_come_from_the_steps_and_from_the_whole() -> None:
    steps = [
        Deliverable(
            step=5, findings=(finding(2, "not_shown", "Nobody knows the lowest."), finding(None, "shown", "x"))
        ),
        Deliverable(
            step=9, findings=(finding(5, "not_shown", "No effect is shown."), finding(5, "shown", "It rose."))
        ),
    ]
    found = {one.number: [part.sentence for part in one.sentences] for one in headlines(steps, {3: "Walk it."})}
    assert found[2] == ["Nobody knows the lowest."]
    assert found[3] == ["Walk it."]
    assert found[5] == ["It rose.", "No effect is shown."], "what is shown comes first"
    assert sum(len(one) for one in found.values()) == 4


def test_a_warning_comes_before_everything() -> None:
    said = [finding(10, kind, kind) for kind in ("not_shown", "note", "shown", "warning")]
    (found,) = [one for one in headlines([Deliverable(step=8, findings=tuple(said))], {}) if one.number == 10]
    assert [one.kind for one in found.sentences] == ["warning", "shown", "note", "not_shown"]
