"""How often 95 percent intervals of changes adjusted for leavers, or for a changed mix, hold the truth."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import special

from nonagon.methods.checks import Floats
from nonagon.methods.survey.composition import changes_apart, composition, reweighted_change

MANY = 4000
# Answers 1 to 5 at wave 1, spread or mostly 5; of those who gave each, this share answers again.
SPREAD = np.array([0.1, 0.2, 0.3, 0.25, 0.15])
TOP = np.array([0.03, 0.04, 0.08, 0.25, 0.60])
STAYING = np.array([0.2, 0.4, 0.6, 0.8, 0.9])
CUTS = np.array([1.5, 2.5, 3.5, 4.5])
SCATTER = 1.1


@dataclass(frozen=True)
class Panel:
    """Customers asked twice; `fall`: mean further loss, exponential, of those who answered 1 or 2."""

    n: int
    top: bool = False
    fall: float = 0.0
    change: float = 0.3

    @property
    def shares(self) -> Floats:
        return TOP if self.top else SPREAD

    @property
    def truth(self) -> float:
        """Mean change of all of wave 1: rounded normal answers, cut at 1 and 5, less the fall."""
        first = np.arange(1.0, 6.0)
        after = 1 + special.ndtr((first[:, None] + self.change - CUTS) / SCATTER).sum(axis=1)
        return float(self.shares @ (after - first) - self.fall * self.shares[:2].sum())

    def draw(self, random: np.random.Generator) -> tuple[Floats, Floats]:
        """Both waves; NaN for who left."""
        at = random.choice(5, self.n, p=self.shares)
        after = np.clip(np.round(at + 1 + self.change + random.normal(0, SCATTER, self.n)), 1, 5)
        after -= (at <= 1) * random.exponential(self.fall, self.n)
        return at + 1.0, np.where(random.random(self.n) > STAYING[at], np.nan, after)


def held(panel: Panel, samples: int) -> float:
    """Share of panels whose adjusted interval holds the true change."""
    random = np.random.default_rng(1994)
    inside = 0
    for _ in range(samples):
        before, after = panel.draw(random)
        found = composition(before=before, after=after).adjusted
        inside += found.low <= panel.truth <= found.high
    return inside / samples


PANELS = {
    "800 customers, the dissatisfied fall": Panel(800, fall=1.0),
    "200 customers": Panel(200),
    "200 mostly satisfied customers": Panel(200, top=True),
    "200 mostly satisfied, the few dissatisfied fall": Panel(200, top=True, fall=1.0),
    "80 customers, the dissatisfied fall": Panel(80, fall=1.0),
    "40 customers": Panel(40),
    "40 mostly satisfied customers": Panel(40, top=True),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PANELS)
def test_adjusted_change_covers(name: str) -> None:
    assert 0.93 <= held(PANELS[name], MANY) <= 0.97


def test_adjusted_change_covers_small() -> None:
    # Of 250 samples a true 95 percent shows as 0.91 to 0.99 within three standard errors.
    assert 0.905 <= held(PANELS["80 customers, the dissatisfied fall"], 250) <= 0.99


@pytest.mark.slow
def test_forty_customers_whose_dissatisfied_fall_and_leave_fall_as_short_as_stated() -> None:
    # Few who were dissatisfied stay, and their band is joined to the next one, which did not fall. Measured 0.90.
    random = np.random.default_rng(7)
    inside = 0
    for _ in range(MANY):
        at = random.choice(5, 40, p=SPREAD)
        after = at + 1.3 + random.normal(0, 0.8, 40) - (at <= 1) * random.exponential(1, 40)
        found = composition(
            before=at + 1.0, after=np.where(random.random(40) > STAYING[at], np.nan, after)
        ).adjusted
        inside += found.low <= 0.3 - 0.3 <= found.high
    assert 0.88 <= inside / MANY <= 0.93


@pytest.mark.slow
@pytest.mark.parametrize("n", [60, 300])
def test_treated_less_control_covers(n: int) -> None:
    random = np.random.default_rng(8)
    treated, control = Panel(n, change=0.6), Panel(2 * n, top=True, change=0.1)
    truth, inside = treated.truth - control.truth, 0
    for _ in range(MANY):
        one, other = (composition(before=b, after=a) for b, a in (treated.draw(random), control.draw(random)))
        found = changes_apart(one=one.adjusted, other=other.adjusted)
        inside += found.low <= truth <= found.high
    assert 0.93 <= inside / MANY <= 0.97


def held_by_mix(n: int, m: int, samples: int) -> float:
    """Share of pairs of samples whose change at the first one's mix of four classes holds the true one."""
    random = np.random.default_rng(1983)
    means, first, second = np.array([3.0, 3.6, 4.2, 4.4]), np.array([4, 3, 2, 1]) / 10, np.array([1, 2, 3, 4]) / 10
    names = ("n_before", "total_before", "squares_before", "n_after", "total_after", "squares_after")
    inside, lifted = 0, 0.25
    was = 1 + special.ndtr((means[:, None] - CUTS) / SCATTER).sum(axis=1)
    became = 1 + special.ndtr((means[:, None] + lifted - CUTS) / SCATTER).sum(axis=1)
    truth = float(first @ (became - was))
    for _ in range(samples):
        sums = []
        for size, shares, more in ((n, first, 0.0), (m, second, lifted)):
            cell = random.choice(4, size, p=shares)
            while np.bincount(cell, minlength=4).min() < 2:
                cell = random.choice(4, size, p=shares)
            y = np.clip(np.round(means[cell] + more + random.normal(0, SCATTER, size)), 1, 5)
            sums += [np.bincount(cell, minlength=4), np.bincount(cell, y), np.bincount(cell, y**2)]
        found = reweighted_change(**dict(zip(names, sums, strict=True))).adjusted
        inside += found.low <= truth <= found.high
    return inside / samples


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(60, 50), (300, 60), (300, 300)])
def test_change_at_the_first_mix_covers(n: int, m: int) -> None:
    assert 0.93 <= held_by_mix(n, m, MANY) <= 0.97


def test_change_at_the_first_mix_covers_small() -> None:
    assert 0.905 <= held_by_mix(300, 60, 250) <= 0.99
