"""How often 95 percent intervals of Kano shares and places and of abilities hold the truth."""

import numpy as np
import pytest

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.priorities.bradley_terry import bradley_terry_matrix
from nonagon.methods.priorities.kano import kano, kano_continuous

MANY = 4000
LETTERS = {"A": 0.30, "O": 0.25, "M": 0.10, "I": 0.25, "R": 0.06, "Q": 0.04}


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 100, 300])
def test_better_and_worse_cover(n: int) -> None:
    random, better, worse = np.random.default_rng(1984), 0, 0
    for counts in random.multinomial(n, list(LETTERS.values()), MANY):
        found = kano(counts=dict(zip(LETTERS, map(float, counts), strict=True)))
        assert found.better_interval is not None
        assert found.worse_interval is not None
        better += found.better_interval[0] <= 0.55 / 0.90 <= found.better_interval[1]
        worse += found.worse_interval[0] <= -0.35 / 0.90 <= found.worse_interval[1]
    assert 0.93 <= better / MANY <= 0.97
    assert 0.93 <= worse / MANY <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 100])
def test_place_on_the_continuous_map_covers(n: int) -> None:
    there = np.array([0.5, 0.3, 0.12, 0.05, 0.03])
    both = np.outer(there, there[::-1])
    both[0, 0] = both[4, 4] = 0  # answers that contradict themselves do not count
    both /= both.sum()
    scores = np.array([4.0, 2, 0, -1, -2])
    truth = both.sum(axis=1) @ scores, both.sum(axis=0) @ scores[::-1]
    random, inside = np.random.default_rng(1993), np.zeros(2)
    for _ in range(MANY):
        cell = random.choice(25, n, p=both.ravel())
        found = kano_continuous(functional=cell // 5 + 1, dysfunctional=cell % 5 + 1)
        for at, (low, high) in enumerate((found.functional_interval, found.dysfunctional_interval)):
            inside[at] += low <= truth[at] <= high
    assert np.all((inside / MANY >= 0.93) & (inside / MANY <= 0.97))


def held_by_abilities(items: int, times: int, samples: int) -> float:
    """Share of intervals of log abilities (last item 0) that hold the truth, where each pair met `times` times."""
    truth = np.linspace(-1, 1, items)
    random, inside, used = np.random.default_rng(1952), 0.0, 0
    first, second = np.triu_indices(items, 1)
    for _ in range(samples):
        wins = np.zeros((items, items))
        wins[first, second] = random.binomial(times, 1 / (1 + np.exp(truth[second] - truth[first])))
        wins[second, first] = times - wins[first, second]
        try:
            found = bradley_terry_matrix(wins=wins)
        except NotEnoughData:  # an item that won or lost all
            continue
        aim, used = truth - truth[-1], used + 1
        inside += np.mean(((found.low <= aim) & (aim <= found.high))[:-1])
    assert used > 0.98 * samples
    return inside / used


@pytest.mark.slow
@pytest.mark.parametrize(("items", "times"), [(4, 10), (4, 30), (8, 5)])
def test_abilities_cover(items: int, times: int) -> None:
    assert 0.93 <= held_by_abilities(items, times, MANY) <= 0.97


def test_abilities_cover_small() -> None:
    # Three intervals of each of 150 tables, not independent: four standard errors as if there were 150.
    assert 0.88 <= held_by_abilities(4, 20, 150) <= 1
