"""How often 95 percent intervals of a house's weights and of part-worths hold the truth."""

import numpy as np
import pytest

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import Floats
from nonagon.methods.priorities.conjoint_cbc import conjoint_cbc
from nonagon.methods.priorities.conjoint_ratings import conjoint_ratings
from nonagon.methods.priorities.qfd_importance import qfd_importance
from nonagon.methods.priorities.qfd_uncertainty import JudgeDraws, qfd_uncertainty

HOUSE = np.array([[9, 3, 0, 1], [3, 9, 1, 0], [0, 3, 9, 0]])
SCALE = np.arange(1.0, 6.0)
ANSWERS = np.array([[0.05, 0.1, 0.2, 0.4, 0.25], [0.2, 0.3, 0.3, 0.1, 0.1], [0.1, 0.2, 0.4, 0.2, 0.1]])
WORDS = np.array([0.0, 1.0, 3.0, 9.0])


def held_from_answers(n: int, samples: int) -> float:
    """Share of weights that the interval holds, importances being means of n answers a need."""
    random, inside = np.random.default_rng(9), 0.0
    truth = qfd_importance(relationships=HOUSE, importance=ANSWERS @ SCALE).relative
    for seed in range(samples):
        given = np.stack([random.choice(SCALE, n, p=shares) for shares in ANSWERS])
        found = qfd_uncertainty(
            relationships=HOUSE,
            importance=given.mean(axis=1),
            importance_se=given.std(axis=1, ddof=1) / np.sqrt(n),
            draws=1000,
            seed=seed,
        )
        inside += np.mean((found.low <= truth) & (truth <= found.high))
    return inside / samples


def held_by_judges(judges: int, samples: int, judge_draws: JudgeDraws = "student") -> float:
    """The same with importances known to 0.3 and judges who each read every relationship with error.

    The truth is the house of the mean of all judges there could be.
    """
    random, inside = np.random.default_rng(5), 0.0
    chances = random.dirichlet(np.ones(4), (3, 4))
    importance = np.array([8.0, 6.0, 7.0])
    truth = qfd_importance(relationships=chances @ WORDS, importance=importance).relative
    for seed in range(samples):
        read = (random.random((judges, 3, 4, 1)) > chances.cumsum(axis=-1)).sum(axis=-1)
        found = qfd_uncertainty(
            relationships=WORDS[np.minimum(read, 3)],
            importance=random.normal(importance, 0.3),
            importance_se=[0.3] * 3,
            judge_draws=judge_draws,
            draws=1000,
            seed=seed,
        )
        inside += np.mean((found.low <= truth) & (truth <= found.high))
    return inside / samples


@pytest.mark.slow
@pytest.mark.parametrize("n", [15, 30, 100])
def test_weights_from_answers_cover(n: int) -> None:
    assert 0.925 <= held_from_answers(n, 2500) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("judges", [4, 6, 10, 20])
def test_weights_of_judges_cover(judges: int) -> None:
    assert 0.925 <= held_by_judges(judges, 2000) <= 0.97


@pytest.mark.slow
def test_weights_of_few_judges_fall_short_as_stated() -> None:
    assert 0.85 <= held_by_judges(2, 1000) <= 0.93
    assert 0.90 <= held_by_judges(3, 1000) <= 0.96
    assert held_by_judges(4, 1000, "resample") <= 0.86


def test_weights_of_judges_cover_small() -> None:
    # Four weights of each of 150 houses, not independent: four standard errors as if there were 150.
    assert 0.88 <= held_by_judges(6, 150) <= 1
    assert 0.88 <= held_from_answers(30, 150) <= 1


def test_few_judges_are_named() -> None:
    found = qfd_uncertainty(relationships=np.stack([HOUSE, HOUSE[::-1]]), importance=[3, 2, 1])
    assert "2 judges hardly show" in found.describe()
    assert "hardly show" not in qfd_uncertainty(relationships=HOUSE, importance=[3, 2, 1]).describe()


PROFILES = {"price": [1, 1, 1, 2, 2, 2, 3, 3, 3], "wait": [1, 2, 3, 2, 3, 1, 3, 1, 2], "seat": list("ababababa")}
WORTH = {"price": [2, 0.5, -2.5], "wait": [1, 0, -1], "seat": [0.5, -0.5]}


def held_by_ratings(respondents: int, samples: int) -> Floats:
    """Share of intervals of each part-worth that hold it; respondents differ, unless there is one."""
    random = np.random.default_rng(6)
    levels = {name: np.unique(values, return_inverse=True)[1] for name, values in PROFILES.items()}
    truth = np.concatenate(list(WORTH.values()))
    inside = np.zeros(len(truth))
    for _ in range(samples):
        ratings = 6 + random.standard_normal((respondents, 9))
        for name, place in levels.items():
            own = 0.7 * random.standard_normal((respondents, len(WORTH[name]))) * (respondents > 1)
            ratings += (np.array(WORTH[name]) + own - own.mean(axis=1, keepdims=True))[:, place]
        found = conjoint_ratings(profiles=PROFILES, ratings=ratings)
        assert found.low is not None
        assert found.high is not None
        low, high = (np.concatenate([ends[name] for name in WORTH]) for ends in (found.low, found.high))
        inside += (low <= truth) & (truth <= high)
    return inside / samples


@pytest.mark.slow
@pytest.mark.parametrize("respondents", [1, 2, 5, 50])
def test_part_worths_of_ratings_cover(respondents: int) -> None:
    found = held_by_ratings(respondents, 4000)
    assert np.all((found >= 0.93) & (found <= 0.97))


def test_part_worths_of_ratings_cover_small() -> None:
    # Of 200 samples a true 95 percent shows as 0.90 to 0.995 within three standard errors.
    assert 0.90 <= held_by_ratings(8, 200).mean() <= 0.995


CHOICE_WORTH = {"price": -0.1, "fast": 1.2, "desk": 0.4}


def held_by_choices(tasks: int, samples: int) -> tuple[Floats, Floats]:
    """Share of intervals of each part-worth, and of each willingness to pay, that hold it."""
    random, inside, worth, used = np.random.default_rng(7), np.zeros(3), np.zeros(2), 0
    task = np.repeat(np.arange(tasks), 3)
    for _ in range(samples):
        columns = {
            "price": random.choice([10.0, 20.0, 30.0], 3 * tasks),
            "fast": random.integers(0, 2, 3 * tasks).astype(float),
            "desk": random.integers(0, 2, 3 * tasks).astype(float),
        }
        utility = sum(CHOICE_WORTH[name] * column for name, column in columns.items())
        best = (utility + random.gumbel(size=3 * tasks)).reshape(-1, 3).argmax(axis=1)
        choice = np.zeros(3 * tasks)
        choice[np.arange(tasks) * 3 + best] = 1
        try:
            found = conjoint_cbc(task=task, attributes=columns, choice=choice, price="price")
        except NotEnoughData:  # an attribute that decided every choice
            continue
        used += 1
        inside += [found.low[name] <= true <= found.high[name] for name, true in CHOICE_WORTH.items()]
        away = {name: abs(found.willingness_to_pay[name] - CHOICE_WORTH[name] / 0.1) for name in ("fast", "desk")}
        worth += [distance <= 1.96 * found.willingness_se[name] for name, distance in away.items()]
    assert used > 0.98 * samples
    return inside / used, worth / used


@pytest.mark.slow
@pytest.mark.parametrize("tasks", [30, 50, 100, 300])
def test_part_worths_of_choices_cover(tasks: int) -> None:
    for found in held_by_choices(tasks, 3000):
        assert np.all((found >= 0.93) & (found <= 0.975))


def test_part_worths_of_choices_cover_small() -> None:
    for found in held_by_choices(60, 200):
        assert 0.90 <= found.mean() <= 0.995
