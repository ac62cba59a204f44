"""Clusters against scipy's connected components, and what people decide."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from nonagon.basics.errors import ArgumentError
from nonagon.methods.identity.clusters import Clusters, clusters

RECORDS = 12
positions = st.integers(0, RECORDS - 1)
scored = st.lists(
    st.tuples(positions, positions, st.floats(0, 1)).filter(lambda one: one[0] != one[1]), max_size=30
)
decided = st.lists(st.tuples(positions, positions).filter(lambda one: one[0] != one[1]), max_size=6)


def joined(pairs: list[tuple[int, int, float]], **more: list[tuple[int, int]]) -> Clusters:
    first, second, chance = zip(*pairs, strict=True) if pairs else ((), (), ())
    return clusters(
        records=RECORDS,
        first=np.array(first, dtype=np.int64),
        second=np.array(second, dtype=np.int64),
        probability=np.array(chance, dtype=float),
        link_above=0.5,
        **more,
    )


@given(scored)
def test_without_decisions_they_are_the_connected_components(pairs: list[tuple[int, int, float]]) -> None:
    found = joined(pairs)
    kept = [(a, b) for a, b, chance in pairs if chance >= 0.5]
    graph = coo_matrix(
        (np.ones(len(kept)), ([a for a, _ in kept], [b for _, b in kept])), shape=(RECORDS, RECORDS)
    )
    count, labels = connected_components(graph, directed=False)
    assert found.count == count
    assert len({(a, b) for a, b in zip(found.labels.tolist(), labels.tolist(), strict=True)}) == count
    assert found.parted == ()


@given(scored, decided, st.randoms())
def test_decisions_hold_and_no_order_matters(
    pairs: list[tuple[int, int, float]], different: list[tuple[int, int]], dice: object
) -> None:
    found = joined(pairs, different=different)
    assert all(found.labels[one] != found.labels[other] for one, other in different)
    again = joined(list(reversed(pairs)), different=[(b, a) for a, b in reversed(different)])
    assert again.labels.tolist() == found.labels.tolist()


def test_a_verdict_joins_what_no_pair_joins_and_its_absence_takes_that_back() -> None:
    assert joined([], same=[(3, 1)]).labels[[1, 3]].tolist() == [1, 1]
    assert joined([]).labels[[1, 3]].tolist() == [1, 3]


def test_the_surer_pair_is_joined_where_both_would_bring_enemies_together() -> None:
    # 0-1 and 1-2 cannot both hold when 0 and 2 are different: 0.9 goes before 0.8.
    found = joined([(0, 1, 0.8), (1, 2, 0.9)], different=[(0, 2)])
    assert found.labels[:3].tolist() == [0, 1, 1]
    assert found.parted == ((0, 1),)


def test_contradicting_verdicts_are_told_and_different_wins() -> None:
    found = joined([], same=[(0, 1), (1, 2)], different=[(0, 2)])
    assert found.labels[:3].tolist() == [0, 0, 2]
    assert found.contradicted == ((1, 2),)
    assert "1 decisions contradict" in found.describe()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"link_above": 1.5}, "link_above must lie from 0 to 1; got 1.5"),
        ({"first": [9]}, "first must lie from 0 to 2; got 9 to 9"),
        ({"second": [0.5]}, "second must hold whole positions"),
        ({"probability": [0.5, 0.6]}, "equally long"),
        ({"same": [(1, 1)]}, "same must hold pairs of two positions"),
    ],
)
def test_wrong_arguments_are_named(more: dict[str, object], said: str) -> None:
    right: dict[str, object] = {
        "records": 3,
        "first": [0],
        "second": [1],
        "probability": [0.9],
        "link_above": 0.5,
    }
    with pytest.raises(ArgumentError, match=said):
        clusters(**{**right, **more})  # type: ignore[arg-type]
