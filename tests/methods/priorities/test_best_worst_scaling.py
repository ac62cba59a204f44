"""Best-worst scaling: counts by hand, models against a direct maximisation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.priorities.best_worst_scaling import MODELS, best_worst_model, best_worst_scaling

# A balanced incomplete block design: 7 items in 7 sets of 3, each pair together once (the Fano plane).
SETS = [[1, 2, 3], [1, 4, 5], [1, 6, 7], [2, 4, 6], [2, 5, 7], [3, 4, 7], [3, 5, 6]]
UTILITY = np.array([1.0, 0.7, 0.4, 0.2, 0.0, -0.5, -1.0])


def answers(people: int, seed: int) -> tuple[list[int], list[int]]:
    """Best and worst as the maximum-difference model has them."""
    rng = np.random.default_rng(seed)
    best, worst = [], []
    for _ in range(people):
        for members in SETS:
            pairs = [(a, b) for a in members for b in members if a != b]
            weight = np.array([np.exp(UTILITY[a - 1] - UTILITY[b - 1]) for a, b in pairs])
            a, b = pairs[rng.choice(len(pairs), p=weight / weight.sum())]
            best.append(a)
            worst.append(b)
    return best, worst


@settings(max_examples=25, deadline=None)
@given(people=st.integers(1, 6), seed=st.integers(0, 99))
def test_counts_add_up_and_positions_say_the_same(people: int, seed: int) -> None:
    best, worst = answers(people, seed)
    result = best_worst_scaling(sets=SETS, best=best, worst=worst)
    assert result.best.sum() == result.worst.sum() == len(best)
    assert result.shown.sum() == 3 * len(best)
    assert result.best_minus_worst.sum() == 0
    places = [[SETS[index % 7].index(item) + 1 for index, item in enumerate(some)] for some in (best, worst)]
    other = best_worst_scaling(sets=SETS, best=places[0], worst=places[1], answers="positions")
    assert other.best_minus_worst.tolist() == result.best_minus_worst.tolist()


@pytest.mark.parametrize("model", MODELS)
def test_models_reach_the_maximum_that_a_direct_search_reaches(model: str) -> None:
    best, worst = answers(25, seed=1)

    def minus_loglik(free: np.ndarray) -> float:
        v, total = np.append(free, 0.0), 0.0
        for index, (a, b) in enumerate(zip(best, worst, strict=True)):
            members = [item - 1 for item in SETS[index % 7]]
            if model == "maxdiff":
                total -= (
                    v[a - 1]
                    - v[b - 1]
                    - np.log(sum(np.exp(v[i] - v[j]) for i in members for j in members if i != j))
                )
            else:
                left = [i for i in members if model == "marginal" or i != a - 1]
                total -= v[a - 1] - np.log(sum(np.exp(v[i]) for i in members))
                total -= -v[b - 1] - np.log(sum(np.exp(-v[i]) for i in left))
        return total

    direct = optimize.minimize(minus_loglik, np.zeros(6), method="BFGS")
    fit = best_worst_model(sets=SETS, best=best, worst=worst, model=model)
    assert fit.loglik == pytest.approx(-direct.fun, abs=1e-6)
    assert fit.coef[:-1] == pytest.approx(direct.x, abs=1e-3)
    information = optimize.approx_fprime(
        direct.x, lambda free: optimize.approx_fprime(free, minus_loglik, 1e-4), 1e-3
    )
    assert fit.se[:-1] == pytest.approx(np.sqrt(np.diag(np.linalg.inv(information))), rel=0.01)


def test_shares_do_not_depend_on_the_base_and_find_the_truth() -> None:
    best, worst = answers(300, seed=2)
    one = best_worst_model(sets=SETS, best=best, worst=worst)
    other = best_worst_model(sets=SETS, best=best, worst=worst, base=3)
    assert other.share == pytest.approx(one.share)
    assert other.share_low == pytest.approx(one.share_low, rel=1e-6)
    true = np.exp(UTILITY) / np.exp(UTILITY).sum()
    assert ((one.share_low < true) & (true < one.share_high)).sum() >= 6


def test_people_as_clusters() -> None:
    # Everybody answers alike: between people nothing varies.
    best, worst = answers(1, seed=3)
    result = best_worst_scaling(sets=SETS, best=best * 4, worst=worst * 4, respondent=np.repeat([1, 2, 3, 4], 7))
    assert result.standardized_se == pytest.approx(np.zeros(7), abs=1e-12)
    alone = best_worst_scaling(sets=SETS, best=best, worst=worst, respondent=[1] * 7)
    assert alone.standardized_se is None


def test_an_item_never_worst_has_no_ratio_and_no_limit_in_the_model() -> None:
    result = best_worst_scaling(sets=[[1, 2, 3]] * 2, best=[1, 1], worst=[2, 3])
    assert result.sqrt_ratio == (None, 0.0, 0.0)
    with pytest.raises(NotEnoughData, match="do not place every item"):
        best_worst_model(sets=[[1, 2, 3]] * 2, best=[1, 1], worst=[2, 3])


def test_messages() -> None:
    with pytest.raises(ArgumentError, match="best must be an item of the set"):
        best_worst_scaling(sets=[[1, 2]], best=[3], worst=[1], items=3)
    with pytest.raises(ArgumentError, match="best and worst must differ; answer 1 has 2 for both"):
        best_worst_scaling(sets=[[1, 2]], best=[2], worst=[2])
    with pytest.raises(ArgumentError, match=r"set_of_answer must be from 1 to 1; got 2"):
        best_worst_scaling(sets=[[1, 2]], best=[1], worst=[2], set_of_answer=[2])
