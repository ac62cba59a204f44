"""Ids that last: worked cases of the stated rule, and the rule over increments made at random."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError
from nonagon.methods.identity.stable_ids import IdEvent, stable_ids


def ids(clusters: dict[str, int], before: dict[str, str], retired: tuple[str, ...] = ()) -> dict[str, str]:
    found = stable_ids(records=list(clusters), clusters=list(clusters.values()), before=before, retired=retired)
    return dict(zip(clusters, found.ids, strict=True))


def test_new_clusters_are_named_after_their_first_record() -> None:
    assert ids({"b": 1, "a": 1, "c": 2}, {}) == {"b": "b", "a": "b", "c": "c"}


def test_of_two_ids_that_meet_the_older_one_stays() -> None:
    # before: "z" was given before "a", which its name does not show.
    assert ids({"a": 1, "z": 1}, {"z": "z", "a": "a"}) == {"a": "z", "z": "z"}


def test_a_part_keeps_the_id_where_most_records_are_and_the_other_gets_its_own() -> None:
    before = {"a": "a", "b": "a", "c": "a"}
    found = stable_ids(records=["a", "b", "c"], clusters=[1, 2, 2], before=before)
    # Two of the three records that carried "a" stay together: they keep it, and "a" itself is named anew.
    assert found.ids == ("a~2", "a", "a")
    assert found.events == (IdEvent("parted", "a~2", "a", ("a",)),)


def test_a_merge_that_is_taken_back_does_not_give_an_id_to_somebody_else() -> None:
    merged = {"a": "a", "b": "a"}
    assert ids({"a": 1, "b": 2}, merged) == {"a": "a", "b": "b"}
    # "b" was retired by the merge, and so is never given again.
    assert ids({"a": 1, "b": 2}, merged, retired=("b",)) == {"a": "a", "b": "b~2"}


def test_an_id_goes_with_its_last_record() -> None:
    found = stable_ids(records=["a"], clusters=[1], before={"a": "a", "b": "b"})
    assert found.events == (IdEvent("gone", "b", "", ()),)
    assert "1 are gone" in found.describe()


@given(st.integers(0, 10_000))
def test_over_increments_ids_stay_or_go_into_older_ones(seed: int) -> None:
    dice = Random(seed)
    truth = {f"r{at}": dice.randrange(6) for at in range(18)}
    before: dict[str, str] = {}
    for part in (6, 12, 18):
        now = dict(list(truth.items())[:part])
        found = ids(now, before)
        ages = list(dict.fromkeys(before.values()))
        for record, own in before.items():
            assert found[record] == own or ages.index(found[record]) < ages.index(own)
        assert len(set(found.values())) == len(set(now.values()))
        before = dict(sorted(found.items(), key=lambda one: (ages + list(found.values())).index(one[1])))


def test_a_record_that_stands_twice_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="each stand once"):
        stable_ids(records=["a", "a"], clusters=[1, 2], before={})
