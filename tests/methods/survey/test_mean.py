"""Means from sums: against single answers, invariances, limits and coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.survey.mean import mean, mean_difference, mean_of
from nonagon.methods.survey.welch_t import welch_t

ANSWERS = st.lists(st.integers(1, 10), min_size=2, max_size=40)


@given(answers=ANSWERS)
def test_sums_and_single_answers_agree(answers: list[int]) -> None:
    x = np.array(answers, dtype=float)
    from_sums = mean(n=len(x), total=x.sum(), total_of_squares=(x**2).sum())
    single = mean_of(values=x)
    assert from_sums.mean.item() == pytest.approx(x.mean())
    assert from_sums.sd.item() == pytest.approx(x.std(ddof=1), abs=1e-6)
    assert from_sums.low.item() == pytest.approx(single.low.item(), abs=1e-6)
    assert np.isfinite([single.low, single.high, single.se]).all()


@given(answers=ANSWERS, shift=st.floats(-1e6, 1e6), scale=st.floats(0.01, 100))
def test_shift_and_scale(answers: list[int], shift: float, scale: float) -> None:
    plain, moved = mean_of(values=answers), mean_of(values=np.array(answers) * scale + shift)
    tolerance = 1e-9 * (abs(shift) + scale * 10)
    assert moved.mean.item() == pytest.approx(plain.mean.item() * scale + shift, abs=tolerance)
    assert moved.se.item() == pytest.approx(plain.se.item() * scale, abs=tolerance)


@given(answers=ANSWERS, weight=st.floats(0.1, 9))
def test_equal_weights_change_nothing(answers: list[int], weight: float) -> None:
    plain, weighted = mean_of(values=answers), mean_of(values=answers, weights=[weight] * len(answers))
    assert (weighted.low.item(), weighted.high.item()) == pytest.approx(
        (plain.low.item(), plain.high.item()), abs=1e-9
    )


def test_kish_effective_number() -> None:
    # Weights 1, 1, 2: (4)^2 / 6.
    assert mean_of(values=[1, 2, 4], weights=[1, 1, 2]).n_effective.item() == pytest.approx(16 / 6)


def test_difference_many_at_once_equals_welch_one_by_one() -> None:
    generator = np.random.default_rng(28)
    first, second = generator.integers(1, 6, (4, 30)), generator.integers(1, 6, (4, 25))
    one = mean(n=np.full(4, 30), total=first.sum(axis=1), total_of_squares=(first**2).sum(axis=1))
    two = mean(n=np.full(4, 25), total=second.sum(axis=1), total_of_squares=(second**2).sum(axis=1))
    many = mean_difference(one=one, two=two)
    for at in range(4):
        single = welch_t(a=first[at], b=second[at])
        assert many.t[at] == pytest.approx(single.t.item())
        assert many.df[at] == pytest.approx(single.df.item())
        assert many.p[at] == pytest.approx(single.p.item())
    assert "Of 4 pairs" in many.describe()


def test_swapping_groups_turns_the_sign() -> None:
    one, other = welch_t(a=[1, 2, 3, 9], b=[2, 4, 6]), welch_t(a=[2, 4, 6], b=[1, 2, 3, 9])
    assert one.t.item() == pytest.approx(-other.t.item())
    assert one.low.item() == pytest.approx(-other.high.item())
    assert one.p.item() == pytest.approx(other.p.item())


def test_all_equal_has_no_width_and_no_test() -> None:
    equal = mean_of(values=[4, 4, 4])
    assert equal.low.item() == equal.high.item() == 4
    with pytest.raises(NotEnoughData, match=r"pair 0 .* all answers of both groups are equal"):
        mean_difference(one=equal, two=equal)


def test_interval_covers() -> None:
    generator = np.random.default_rng(1908)
    answers = generator.choice([1, 2, 3, 4, 5], p=[0.05, 0.1, 0.2, 0.4, 0.25], size=(6000, 25)).astype(float)
    truth = 1 * 0.05 + 2 * 0.1 + 3 * 0.2 + 4 * 0.4 + 5 * 0.25
    result = mean(n=np.full(6000, 25), total=answers.sum(axis=1), total_of_squares=(answers**2).sum(axis=1))
    assert 0.93 <= np.mean((result.low <= truth) & (truth <= result.high)) <= 0.97


def test_difference_covers() -> None:
    generator = np.random.default_rng(1947)
    first, second = generator.normal(3, 1, (5000, 12)), generator.normal(2.5, 3, (5000, 30))

    def summed(x: np.ndarray) -> object:
        return mean(n=np.full(len(x), x.shape[1]), total=x.sum(axis=1), total_of_squares=(x**2).sum(axis=1))

    result = mean_difference(one=summed(first), two=summed(second))
    assert 0.93 <= np.mean((result.low <= 0.5) & (result.high >= 0.5)) <= 0.97


def test_messages() -> None:
    with pytest.raises(NotEnoughData, match=r"group 1 .* has 1 answers"):
        mean(n=[5, 1], total=[10, 3], total_of_squares=[30, 9])
    with pytest.raises(ArgumentError, match="total_of_squares must be at least"):
        mean(n=4, total=20, total_of_squares=50)
    with pytest.raises(ArgumentError, match="go together"):
        mean(n=4, total=20, total_of_squares=120, total_of_weights=4)


def test_few_answers_are_named() -> None:
    assert (
        "too narrow where most of them stand at one end" in mean(n=20, total=90, total_of_squares=420).describe()
    )
    assert "too narrow" not in mean(n=200, total=900, total_of_squares=4200).describe()
