"""Change adjusted for leavers: planted change and planted leaving are told apart."""

import numpy as np
import pytest

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.survey.composition import composition, reweighted_change


def panel(generator: np.random.Generator, change: float, n: int = 800) -> tuple[np.ndarray, np.ndarray]:
    """A panel in which the less satisfied leave more often; everyone changes by `change` on average."""
    before = generator.choice([1, 2, 3, 4, 5], n, p=[0.1, 0.2, 0.3, 0.25, 0.15]).astype(float)
    after = before + change + generator.normal(0, 0.8, n)
    left = generator.random(n) < np.array([0.8, 0.6, 0.4, 0.2, 0.1])[before.astype(int) - 1]
    return before, np.where(left, np.nan, after)


def test_leavers_do_not_look_like_success() -> None:
    before, after = panel(np.random.default_rng(9), change=0.0)
    result = composition(before=before, after=after)
    assert result.naive > 0.3
    assert result.selection == pytest.approx(result.naive - result.among_stayed.change)
    assert not result.adjusted.shown
    assert "no change was shown" in result.describe()


def test_planted_change_is_found() -> None:
    before, after = panel(np.random.default_rng(10), change=0.5)
    result = composition(before=before, after=after)
    assert result.adjusted.low < 0.5 < result.adjusted.high
    assert result.adjusted.shown
    left = 1 - result.stayed / result.asked
    assert result.tipping_shift == pytest.approx(result.adjusted.change / left)


def test_adjusted_interval_covers_and_the_plain_change_does_not() -> None:
    generator = np.random.default_rng(11)
    results = [composition(before=b, after=a) for b, a in (panel(generator, 0.3) for _ in range(500))]
    inside = np.mean([one.adjusted.low <= 0.3 <= one.adjusted.high for one in results])
    assert 0.92 <= inside <= 0.98
    assert np.mean([one.naive for one in results]) > 0.6


def test_change_that_depends_on_the_first_answer_needs_the_adjustment() -> None:
    # The dissatisfied, who leave most, lose one point each, the others none: those who stayed understate the loss.
    generator = np.random.default_rng(12)
    inside, among = [], []
    for _ in range(300):
        before, after = panel(generator, 0.0)
        after = after - (before <= 2)
        result = composition(before=before, after=after)
        inside.append(result.adjusted.low <= -0.3 <= result.adjusted.high)
        among.append(result.among_stayed.change)
    assert 0.92 <= np.mean(inside) <= 0.98
    assert np.mean(among) > -0.2


def test_within_a_band_the_unhappier_leave() -> None:
    """Answers of many values fall into five bands; nobody changes, and who lies lower in a band leaves sooner."""
    before = np.linspace(1.0, 9.0, 200)
    after = np.where((np.arange(200) % 40 < 25) & (np.arange(200) % 3 > 0), np.nan, before)
    result = composition(before=before, after=after)
    assert result.cells == 5
    assert result.naive > 0.05
    assert result.adjusted.change == pytest.approx(0, abs=1e-12)


def test_nobody_left_is_the_paired_change() -> None:
    before, after = np.array([1.0, 2, 3, 4] * 5), np.array([2.0, 2, 4, 4] * 5)
    result = composition(before=before, after=after, cell=["all"] * 20)
    assert result.adjusted.change == pytest.approx(result.among_stayed.change) == pytest.approx(result.naive)
    assert result.adjusted.se == pytest.approx(result.among_stayed.se, rel=0.03)
    assert result.tipping_shift is None
    assert result.mean_before_left is None


def test_standard_error_agrees_with_the_bootstrap() -> None:
    before, after = panel(np.random.default_rng(13), 0.2)
    result = composition(before=before, after=after, cell=before)
    generator = np.random.default_rng(14)
    drawn = [generator.integers(0, 800, 800) for _ in range(600)]
    changes = [composition(before=before[at], after=after[at], cell=before[at]).adjusted.change for at in drawn]
    assert result.adjusted.se == pytest.approx(np.std(changes), rel=0.12)


def test_changed_mix_of_independent_samples() -> None:
    generator = np.random.default_rng(15)
    inside, naive = [], []
    for _ in range(500):
        sums = []
        for shares, change in (([0.5, 0.5], 0.0), ([0.2, 0.8], 0.25)):
            cell = generator.choice(2, 300, p=shares)
            y = np.array([3.0, 5.0])[cell] + change + generator.normal(0, 1, 300)
            sums += [np.bincount(cell, minlength=2), np.bincount(cell, y), np.bincount(cell, y**2)]
        names = ("n_before", "total_before", "squares_before", "n_after", "total_after", "squares_after")
        result = reweighted_change(**dict(zip(names, sums, strict=True)))
        inside.append(result.adjusted.low <= 0.25 <= result.adjusted.high)
        naive.append(result.naive)
    assert 0.92 <= np.mean(inside) <= 0.98
    assert np.mean(naive) > 0.7


def test_messages() -> None:
    with pytest.raises(NotEnoughData, match=r"cell 0 .* has 1 who stayed"):
        composition(before=[1, 1, 5, 5], after=[1, None, 5, 5], cell=["a", "a", "b", "b"])
    with pytest.raises(ArgumentError, match="after must be as long as before"):
        composition(before=[1, 2], after=[1])
