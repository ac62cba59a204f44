"""How often 95 percent intervals of effects hold the planted effect: trends, panels, series, and few units."""

from dataclasses import dataclass

import numpy as np
import pytest

from nonagon.methods.checks import Floats
from nonagon.methods.effects.benefit import benefit
from nonagon.methods.effects.diff_in_diff import PanelErrors, diff_in_diff, diff_in_diff_panel, pre_trend
from nonagon.methods.effects.interrupted_time_series import interrupted_time_series
from nonagon.methods.effects.linear_trend import linear_trend

MANY = 4000


def remembering(random: np.random.Generator, shape: tuple[int, int], memory: float) -> Floats:
    """Rows of errors of which each hands on a share to the next."""
    noise = random.standard_normal((shape[0], shape[1] + 40))
    for at in range(1, noise.shape[1]):
        noise[:, at] += memory * noise[:, at - 1]
    return noise[:, 40:]


@dataclass(frozen=True)
class Panel:
    """Units over eight periods, an effect of 1 from the fifth on."""

    units: int
    treated: int
    memory: float = 0.6
    louder: float = 1.0  # error of the treated over that of the others
    gaps: bool = False

    def draw(self, random: np.random.Generator) -> dict[str, Floats]:
        """Rows; with gaps, a fifth of them missing at random."""
        unit, time = np.repeat(np.arange(self.units), 8), np.tile(np.arange(8), self.units)
        treated, post = (unit < self.treated).astype(float), (time >= 4).astype(float)
        error = remembering(random, (self.units, 8), self.memory).ravel() * np.where(treated, self.louder, 1.0)
        y = random.standard_normal(self.units)[unit] + 0.3 * time + treated * post + error
        rows = {"unit": unit, "time": time, "treated": treated, "post": post, "y": y}
        kept = random.random(len(y)) < 0.8 if self.gaps else np.ones(len(y), dtype=bool)
        return {name: column[kept] for name, column in rows.items()}


def held_by_panel(panel: Panel, samples: int, errors: PanelErrors = "cluster_adjusted") -> float:
    """Share of panels whose interval holds the effect."""
    random = np.random.default_rng(1994)
    inside = 0
    for _ in range(samples):
        found = diff_in_diff_panel(**panel.draw(random), errors=errors)
        assert found.low is not None
        assert found.high is not None
        inside += found.low <= 1 <= found.high
    return inside / samples


PANELS = {
    "6 units, half treated": Panel(6, 3),
    "12 units, half treated, unrelated errors": Panel(12, 6, memory=0.0),
    "20 units, 4 treated": Panel(20, 4),
    "40 units, 8 treated": Panel(40, 8),
    "40 units, 8 treated, with gaps": Panel(40, 8, gaps=True),
    "40 units, 8 treated, whose errors are three times as large": Panel(40, 8, louder=3.0),
    "20 units, half treated, whose errors are three times as large": Panel(20, 10, louder=3.0),
    "20 units, 4 treated, whose errors are three times as large": Panel(20, 4, louder=3.0),
    "20 units, 4 treated, whose errors are a third as large": Panel(20, 4, louder=0.3),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PANELS)
def test_panel_covers(name: str) -> None:
    assert 0.93 <= held_by_panel(PANELS[name], MANY) <= 0.97


@pytest.mark.slow
def test_panel_falls_short_as_stated() -> None:
    # Two or three treated units: at least as often as said, and wide.
    assert held_by_panel(Panel(20, 3, louder=3.0), MANY) >= 0.935
    assert held_by_panel(Panel(20, 3), MANY) >= 0.94
    assert held_by_panel(Panel(20, 2), MANY) >= 0.97
    assert held_by_panel(Panel(20, 2, louder=3.0), MANY) >= 0.94
    # Why "cluster" is no longer the default: measured 0.90.
    assert held_by_panel(Panel(20, 4), MANY, "cluster") <= 0.92


def test_panel_covers_small() -> None:
    # Of 200 panels a true 95 percent shows as 0.90 to 0.995 within three standard errors.
    assert 0.90 <= held_by_panel(Panel(20, 4), 200) <= 0.995


@pytest.mark.parametrize("treated", [4, 6])
def test_adjusted_error_of_a_full_panel_is_welchs(treated: int) -> None:
    """Independent computation: Welch's error and degrees of freedom of the units' changes."""
    rows = Panel(15, treated).draw(np.random.default_rng(1))
    change = rows["y"].reshape(15, 8)[:, 4:].mean(axis=1) - rows["y"].reshape(15, 8)[:, :4].mean(axis=1)
    got, other = change[:treated], change[treated:]
    found = diff_in_diff_panel(**rows)
    n, m = len(got), len(other)
    a, b = got.var(ddof=1) / n, other.var(ddof=1) / m
    assert found.effect == pytest.approx(got.mean() - other.mean())
    assert found.se == pytest.approx(np.sqrt(a + b))
    assert found.freedom == pytest.approx((a + b) ** 2 / (a**2 / (n - 1) + b**2 / (m - 1)))
    assert "units got it" not in found.describe()


def test_few_treated_units_have_no_more_freedom_than_were_all_alike_and_are_named() -> None:
    found = diff_in_diff_panel(**Panel(15, 3).draw(np.random.default_rng(1)))
    # Welch's formula with equal variances, 3 and 12 units.
    alike = (1 / 3 + 1 / 12) ** 2 / (1 / 3**2 / 2 + 1 / 12**2 / 11)
    assert found.freedom is not None
    assert found.freedom <= alike + 1e-9
    assert found.treated_units == 3
    assert "Only 3 units got it" in found.describe()
    alone = diff_in_diff_panel(**Panel(15, 1).draw(np.random.default_rng(1)))
    assert "Only one unit got it" in alone.describe()


@pytest.mark.slow
@pytest.mark.parametrize("panel", [Panel(12, 6), Panel(40, 8)], ids=["12 units", "40 units"])
def test_pre_trend_keeps_its_error(panel: Panel) -> None:
    random = np.random.default_rng(4)
    found = [pre_trend(**panel.draw(random)) for _ in range(MANY)]
    assert 0.93 <= np.mean([one.low <= 0 <= one.high for one in found]) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("n", [(20, 20, 20, 20), (10, 200, 50, 50)])
def test_four_means_cover(n: tuple[int, ...]) -> None:
    scale, shares = np.arange(1.0, 6.0), np.array([0.05, 0.1, 0.2, 0.4, 0.25])
    random, inside = np.random.default_rng(5), 0
    for _ in range(MANY):
        cells = [
            random.choice(scale, size, p=one) for size, one in zip(n, (shares[::-1], *[shares] * 3), strict=True)
        ]
        a, b, c, d = (float(cell.mean()) for cell in cells)
        sd = [cell.std(ddof=1) for cell in cells]
        found = diff_in_diff(treat_pre=a, treat_post=b, control_pre=c, control_post=d, sd=sd, n=n)
        assert found.low is not None
        assert found.high is not None
        inside += found.low <= (shares - shares[::-1]) @ scale <= found.high
    assert 0.93 <= inside / MANY <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("n", [6, 10, 24])
@pytest.mark.parametrize("season", [1, 4])
@pytest.mark.parametrize("tails", [3, 30])
def test_trend_covers_also_with_heavy_tails(n: int, season: int, tails: int) -> None:
    if n < season + 3:
        pytest.skip("too few points for the season")
    random = np.random.default_rng(n)
    values = np.arange(n) / 2 + np.arange(n) % season + random.standard_t(tails, (20_000, n))
    found = linear_trend(values=values, periods_per_year=4, season=season)
    assert 0.93 <= np.mean((found.low <= 2) & (found.high >= 2)) <= 0.97


@pytest.mark.slow
def test_trend_of_series_with_memory_falls_short() -> None:
    # Why the docstring warns of it: measured 0.86 where 0.3 of an error is handed on, 0.69 where 0.6 is.
    for memory, least, most in ((0.3, 0.82, 0.90), (0.6, 0.64, 0.75)):
        errors = remembering(np.random.default_rng(24), (10_000, 24), memory)
        found = linear_trend(values=np.arange(24) / 2 + errors, periods_per_year=4)
        assert least <= np.mean((found.low <= 2) & (found.high >= 2)) <= most


def held_by_series(n: int, memory: float, samples: int) -> float:
    """Share of series with a jump of 1.5 whose interval of the average effect holds it."""
    errors = remembering(np.random.default_rng(n), (samples, n), memory)
    after, inside = np.arange(n) >= n // 2, 0
    for row in 10 + 0.05 * np.arange(n) + 1.5 * after + errors:
        found = interrupted_time_series(y=row, first_post=n // 2)
        inside += found.average_low <= 1.5 <= found.average_high
    return inside / samples


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "memory"), [(48, 0.0), (80, 0.0), (80, 0.3), (80, 0.6), (160, 0.6), (160, 0.8), (24, 0.6)]
)
def test_interrupted_series_covers(n: int, memory: float) -> None:
    assert 0.93 <= held_by_series(n, memory, MANY) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "memory", "least", "most"),
    [(12, 0.0, 0.965, 0.995), (24, 0.0, 0.955, 0.985), (12, 0.6, 0.89, 0.94), (24, 0.8, 0.88, 0.93)],
)
def test_short_interrupted_series_cover_as_stated(n: int, memory: float, least: float, most: float) -> None:
    assert least <= held_by_series(n, memory, 2000) <= most


@pytest.mark.slow
def test_benefit_covers() -> None:
    random, inside = np.random.default_rng(6), 0
    for seed in range(MANY):
        effect, slope = random.normal(0.5, 0.15), random.normal(20, 5)
        found = benefit(effect=effect, effect_se=0.15, slope=slope, slope_se=5, draws=2000, seed=seed)
        inside += found.low <= 10 <= found.high
    assert 0.93 <= inside / MANY <= 0.97
