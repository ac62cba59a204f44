"""On which level of the need tree customers were asked."""

from builders.rated_needs import need
from nonagon.deliverables.need_tree import asked_needs, common_wave, latest_wave


def test_a_detail_belongs_to_the_need_above_it_that_was_asked() -> None:
    tree = [
        need("comfort"),
        need("seat", score=(3, 0.2), parent="comfort"),
        need("padding", parent="seat"),
        need("legroom", parent="seat"),
    ]
    assert [one.id for one in asked_needs(tree)] == ["seat"]


def test_what_nobody_asked_about_stands_for_itself() -> None:
    tree = [need("comfort"), need("seat", score=(3, 0.2), parent="comfort"), need("sockets", parent="comfort")]
    assert [one.id for one in asked_needs(tree)] == ["seat", "sockets"]


def test_an_asked_need_above_asked_ones_stays() -> None:
    tree = [need("comfort", score=(3, 0.2)), need("seat", score=(3, 0.2), parent="comfort")]
    assert [one.id for one in asked_needs(tree)] == ["comfort", "seat"]


def test_the_wave_of_a_score_is_the_latest_one_with_that_score() -> None:
    seat = need("seat", score=(3, 0.2), waves={"w1": (3, 0.2), "w2": (2, 0.2)})
    assert latest_wave(seat) == "w1"
    assert latest_wave(need("bored")) is None


def test_most_scores_decide_the_common_wave_and_the_later_one_where_even() -> None:
    first = need("a", score=(3, 0.2), waves={"w1": (3, 0.2)})
    later = need("b", score=(3, 0.2), waves={"w1": (2, 0.2), "w2": (3, 0.2)})
    assert common_wave([first, later]) == "w2"
    assert common_wave([first, first, later]) == "w1"
    assert common_wave([]) is None
