"""Conjoint analysis of ratings and of choices."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.priorities.conjoint_cbc import conjoint_cbc
from nonagon.methods.priorities.conjoint_ratings import conjoint_ratings

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "preference"
PROFILES = {"price": [1, 1, 1, 2, 2, 2, 3, 3, 3], "wait": [1, 2, 3, 2, 3, 1, 3, 1, 2], "seat": list("ababababa")}


@settings(max_examples=40, deadline=None)
@given(ratings=st.lists(st.integers(0, 10), min_size=9, max_size=9), shift=st.integers(-5, 5))
def test_part_worths_add_up_to_zero_and_a_shift_moves_only_the_intercept(ratings: list[int], shift: int) -> None:
    one = conjoint_ratings(profiles=PROFILES, ratings=ratings)
    other = conjoint_ratings(profiles=PROFILES, ratings=[rating + shift for rating in ratings])
    for name, values in one.part_worths.items():
        assert sum(values) == pytest.approx(0, abs=1e-9)
        assert other.part_worths[name] == pytest.approx(values, abs=1e-9)
    assert other.intercept == pytest.approx(one.intercept + shift)
    if one.importance is not None:
        assert sum(one.importance.values()) == pytest.approx(1)
    assert one.describe()


def test_exact_preferences_are_found_again() -> None:
    worth = {"price": {1: 2.0, 2: 0.5, 3: -2.5}, "wait": {1: 1.0, 2: 0.0, 3: -1.0}, "seat": {"a": 0.5, "b": -0.5}}
    rows = zip(*PROFILES.values(), strict=True)
    ratings = [6 + sum(worth[name][level] for name, level in zip(PROFILES, row, strict=True)) for row in rows]
    result = conjoint_ratings(profiles=PROFILES, ratings=[ratings, ratings])
    assert result.intercept == pytest.approx(6)
    assert result.part_worths["price"] == pytest.approx((2, 0.5, -2.5))
    assert result.r2 == pytest.approx(1)
    # Ranges 4.5, 2 and 1 of 7.5.
    assert result.importance_individual == pytest.approx({"price": 0.6, "wait": 2 / 7.5, "seat": 1 / 7.5})


def test_flat_respondents_have_no_importance() -> None:
    result = conjoint_ratings(profiles=PROFILES, ratings=[[5] * 9, [5] * 9])
    assert (result.importance, result.importance_individual, result.r2, result.flat) == (None, None, None, 2)
    assert "no attribute's importance" in result.describe()


@pytest.mark.shared
@pytest.mark.skipif(not DATA.exists(), reason="the tea data are not beside the repository")
def test_tea_figures_as_the_package_documents_them() -> None:
    # R package conjoint, documentation of caUtilities and caImportance for the tea data.
    with (DATA / "conjoint_tea_tprof.csv").open(encoding="utf-8") as file:
        offers = list(csv.DictReader(file))
    with (DATA / "conjoint_tea_tprefm.csv").open(encoding="utf-8") as file:
        ratings = [[float(cell) for cell in row] for row in list(csv.reader(file))[1:]]
    result = conjoint_ratings(
        profiles={name: [int(offer[name]) for offer in offers] for name in offers[0]}, ratings=ratings
    )
    assert result.intercept == pytest.approx(3.5534, abs=5e-5)
    assert result.part_worths["variety"] == pytest.approx((0.6149, 0.0349, -0.6498), abs=5e-5)
    assert result.importance_individual is not None
    shares = [100 * share for share in result.importance_individual.values()]
    assert shares == pytest.approx([24.76, 32.22, 27.15, 15.88], abs=0.006)


def test_rating_messages() -> None:
    with pytest.raises(ArgumentError, match=r"profiles\[a\] must have at least 2 levels; got \[1\]"):
        conjoint_ratings(profiles={"a": [1, 1]}, ratings=[1, 2])
    with pytest.raises(NotEnoughData, match="cannot tell apart 3 part-worths"):
        conjoint_ratings(profiles={"a": [1, 2, 1, 2], "b": [1, 2, 1, 2]}, ratings=[1, 2, 3, 4])


def choices(tasks: int, seed: int) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    rng = np.random.default_rng(seed)
    task = np.repeat(np.arange(tasks), 3)
    columns = {
        "price": rng.choice([10.0, 20.0, 30.0], 3 * tasks),
        "fast": rng.integers(0, 2, 3 * tasks).astype(float),
        "desk": rng.integers(0, 2, 3 * tasks).astype(float),
    }
    utility = -0.1 * columns["price"] + 1.2 * columns["fast"] + 0.4 * columns["desk"] + rng.gumbel(size=3 * tasks)
    choice = np.zeros(3 * tasks)
    choice[np.arange(tasks) * 3 + utility.reshape(-1, 3).argmax(axis=1)] = 1
    return task, columns, choice


def test_choices_reach_the_maximum_that_a_direct_search_reaches() -> None:
    task, columns, choice = choices(150, seed=1)
    x = np.stack(list(columns.values()), axis=1).reshape(-1, 3, 3)
    taken = choice.reshape(-1, 3) == 1

    def minus_loglik(coef: np.ndarray) -> float:
        utility = x @ coef
        return float(-np.sum(utility[taken] - np.log(np.exp(utility).sum(axis=1))))

    direct = optimize.minimize(
        minus_loglik, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10}
    )
    fit = conjoint_cbc(task=task, attributes=columns, choice=choice, price="price")
    assert fit.loglik == pytest.approx(-direct.fun, abs=1e-6)
    assert list(fit.coef.values()) == pytest.approx(direct.x, abs=1e-4)
    assert fit.loglik_null == pytest.approx(-150 * np.log(3))
    assert fit.mcfadden_r2 == pytest.approx(1 - fit.loglik / fit.loglik_null)
    assert fit.willingness_to_pay["fast"] == pytest.approx(-fit.coef["fast"] / fit.coef["price"])


def test_order_of_rows_and_unit_of_price_do_not_matter() -> None:
    task, columns, choice = choices(80, seed=2)
    one = conjoint_cbc(task=task, attributes=columns, choice=choice, price="price")
    order = np.random.default_rng(0).permutation(task.size)
    other = conjoint_cbc(
        task=task[order],
        attributes={name: column[order] * (100 if name == "price" else 1) for name, column in columns.items()},
        choice=choice[order],
        price="price",
    )
    assert other.coef["fast"] == pytest.approx(one.coef["fast"], abs=1e-8)
    assert other.coef["price"] == pytest.approx(one.coef["price"] / 100)
    assert other.willingness_se["desk"] == pytest.approx(one.willingness_se["desk"] * 100, rel=1e-6)


def test_intervals_cover_the_true_part_worths() -> None:
    hits = []
    for seed in range(120):
        task, columns, choice = choices(100, seed)
        fit = conjoint_cbc(task=task, attributes=columns, choice=choice)
        hits += [
            fit.low[name] < true < fit.high[name] for name, true in (("price", -0.1), ("fast", 1.2), ("desk", 0.4))
        ]
    assert 0.92 <= np.mean(hits) <= 0.98


def test_choice_messages() -> None:
    with pytest.raises(ArgumentError, match="exactly one choice; task 1 has 2"):
        conjoint_cbc(task=[1, 1], attributes={"a": [0, 1]}, choice=[1, 1])
    with pytest.raises(NotEnoughData, match="separates the choices perfectly"):
        conjoint_cbc(task=[1, 1, 2, 2], attributes={"a": [1, 0, 1, 0]}, choice=[1, 0, 1, 0])
    with pytest.raises(NotEnoughData, match="never varies"):
        conjoint_cbc(task=[1, 1, 2, 2], attributes={"a": [1, 1, 1, 1]}, choice=[1, 0, 1, 0])
