"""How often 95 percent intervals of weighted means hold the truth: survey_mean, raking, post_stratification.

Each scenario draws new samples from a population whose mean follows from the normal distribution (no simulation in
the truth). The bounds 93 and 97 percent are the project's; where a scenario is known to fall short, its bounds are
those that the docstring states.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import special

from nonagon.methods.checks import Floats
from nonagon.methods.survey.linearization import DesignInterval, design, design_interval, variance_of_total
from nonagon.methods.survey.post_stratification import post_stratification
from nonagon.methods.survey.raking import raking
from nonagon.methods.survey.survey_mean import survey_mean

MANY = 4000
FEW = 250


def satisfied(latent: Floats) -> Floats:
    """Answers of 1 to 5 of which three quarters are 5 and 1 percent 1 (skewness about -2.2)."""
    return 5 - np.clip(np.floor(np.exp(0.9 * latent - 0.6)), 0, 4)


SATISFIED_MEAN = 5 - float(special.ndtr(-(np.log([1, 2, 3, 4]) + 0.6) / 0.9).sum())


def mixed(latent: Floats) -> Floats:
    """Answers of 1 to 5 around 3.8, a third of them 4."""
    return np.clip(np.round(3.8 + 1.1 * latent), 1, 5)


MIXED_MEAN = 1 + float(special.ndtr((3.8 - np.array([1.5, 2.5, 3.5, 4.5])) / 1.1).sum())


@dataclass(frozen=True)
class Drawn:
    """How a sample is drawn: clusters a stratum, answers a cluster, likeness within clusters, weights."""

    strata: int = 1
    clusters: int = 100
    answers: int = 1
    likeness: float = 0.0
    uneven: float = 0.0  # coefficient of variation of the weights within strata
    apart: float = 1.0  # weight of the last stratum over that of the first
    skewed: bool = True
    sizes_vary: bool = False


def sample(random: np.random.Generator, how: Drawn) -> dict[str, Floats]:
    """Answers, weights and labels."""
    clusters = how.strata * how.clusters
    size = random.integers(how.answers // 2, 2 * how.answers, clusters) if how.sizes_vary else how.answers
    cluster = np.repeat(np.arange(clusters), size)
    stratum = cluster // how.clusters
    latent = np.sqrt(how.likeness) * random.standard_normal(clusters)[cluster]
    latent += np.sqrt(1 - how.likeness) * random.standard_normal(cluster.size)
    spread = np.sqrt(np.log1p(how.uneven**2))
    weights = np.geomspace(1, how.apart, how.strata)[stratum] * np.exp(
        spread * random.standard_normal(cluster.size)
    )
    y = satisfied(latent) if how.skewed else mixed(latent)
    return {"y": y, "weights": weights, "stratum": stratum, "cluster": cluster}


def held_by_mean(how: Drawn, samples: int, interval: DesignInterval = "adjusted") -> float:
    """Share of samples whose interval holds the true mean."""
    random = np.random.default_rng(1977)
    truth = SATISFIED_MEAN if how.skewed else MIXED_MEAN
    held = 0
    for _ in range(samples):
        result = survey_mean(**sample(random, how), interval=interval)
        held += result.low <= truth <= result.high
    return held / samples


REALISTIC = {
    "100 skewed answers": Drawn(),
    "40 skewed answers": Drawn(clusters=40),
    "20 answers": Drawn(clusters=20, skewed=False),
    "weights that vary by half": Drawn(clusters=60, uneven=0.5),
    "50 answers, weights that vary by 0.7": Drawn(clusters=50, uneven=0.7),
    "200 answers, weights that vary as much as their mean": Drawn(clusters=200, uneven=1.0),
    "30 shops of about 8": Drawn(clusters=30, answers=8, likeness=0.2, uneven=0.5, sizes_vary=True),
    "10 shops of 8": Drawn(clusters=10, answers=8, likeness=0.3, uneven=0.5),
    "5 strata of 4 shops, weights 1 to 8": Drawn(5, 4, 8, likeness=0.3, uneven=0.5, apart=8.0),
    "10 strata of 4 shops": Drawn(10, 4, 5, likeness=0.1, uneven=0.7),
    "10 strata of 2 shops": Drawn(10, 2, 10, likeness=0.1, uneven=0.5, apart=4.0),
    "3 strata of 30 answers, weights 1 to 8": Drawn(3, 30, apart=8.0),
    "5 strata of 2 shops, mixed answers": Drawn(5, 2, 8, likeness=0.3, uneven=0.5, skewed=False),
    "5 strata of 2 shops, mixed, weights 1 to 8": Drawn(
        5, 2, 8, likeness=0.2, uneven=0.5, apart=8.0, skewed=False
    ),
}
# Falls short, as the docstring says: with two clusters a stratum nothing shows the skewness.
SHORT = {
    "5 strata of 2 shops": Drawn(5, 2, 8, likeness=0.3, uneven=0.5),
    "5 strata of 2 shops, weights 1 to 8": Drawn(5, 2, 8, likeness=0.2, uneven=0.5, apart=8.0),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REALISTIC)
def test_mean_covers(name: str) -> None:
    assert 0.93 <= held_by_mean(REALISTIC[name], MANY) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("name", SHORT)
def test_mean_falls_as_short_as_stated(name: str) -> None:
    assert 0.91 <= held_by_mean(SHORT[name], MANY) <= 0.94


@pytest.mark.slow
def test_the_design_t_is_right_where_answers_are_normal_enough_and_weights_even() -> None:
    even = Drawn(5, 4, 10, likeness=0.2, skewed=False)
    assert 0.93 <= held_by_mean(even, MANY, "t") <= 0.97
    # And why it is not the default: measured 0.886.
    assert held_by_mean(REALISTIC["5 strata of 4 shops, weights 1 to 8"], MANY, "t") < 0.92


@pytest.mark.parametrize("name", ["40 skewed answers", "5 strata of 4 shops, weights 1 to 8"])
def test_mean_covers_small(name: str) -> None:
    # Of 250 samples a true 95 percent shows as 0.91 to 0.98 within three standard errors.
    assert 0.905 <= held_by_mean(REALISTIC[name], FEW) <= 0.99


SEXES, AGES = np.array(["F", "M"]), np.array(["old", "middle", "young"])
# Shares of the customers by sex and age, and how readily each answers: the product of a part of each.
CUSTOMERS = np.array([[0.20, 0.20, 0.10], [0.10, 0.20, 0.20]])
ANSWERING = np.array([1.0, 0.6])[:, None] * np.array([1.0, 0.5, 0.25])
# The young are less satisfied: their latent satisfaction is lower (a higher latent lowers the skewed answers).
LIKING = np.array([0.3, 0.1])[:, None] + np.array([0.0, -0.3, -0.6])


@dataclass(frozen=True)
class Raked:
    """A sample of customers who answer more or less readily."""

    n: int = 150
    clusters: int | None = None
    uneven: float = 0.0
    skewed: bool = True
    strata: int = 1


def true_mean(skewed: bool) -> float:
    """The mean over all customers of the cells' means."""
    if skewed:
        reach = (np.log([1, 2, 3, 4]) + 0.6) / 0.9
        means = 5 - special.ndtr(-LIKING[..., None] - reach).sum(axis=-1)
    else:
        means = 1 + special.ndtr((3.8 - np.array([1.5, 2.5, 3.5, 4.5])) / 1.1 + LIKING[..., None]).sum(axis=-1)
    return float((CUSTOMERS * means).sum())


def held_by_raking(how: Raked, samples: int, interval: DesignInterval = "adjusted") -> float:
    """Share of samples whose interval of the raked mean holds the true mean."""
    random = np.random.default_rng(1940)
    chance = (CUSTOMERS * ANSWERING).ravel() / (CUSTOMERS * ANSWERING).sum()
    sexes, ages = CUSTOMERS.sum(axis=1), CUSTOMERS.sum(axis=0)
    margins = {"sex": dict(zip(SEXES, sexes, strict=True)), "age": dict(zip(AGES, ages, strict=True))}
    held, truth = 0, true_mean(how.skewed)
    for _ in range(samples):
        cell = random.choice(6, how.n, p=chance)
        while len(np.unique(cell)) < 6:
            cell = random.choice(6, how.n, p=chance)
        cluster = None if how.clusters is None else random.permutation(np.arange(how.n) % how.clusters)
        noise = random.standard_normal(how.n)
        if cluster is not None:
            noise = np.sqrt(0.9) * noise + np.sqrt(0.1) * random.standard_normal(how.clusters or 1)[cluster]
        y = satisfied(noise - LIKING.ravel()[cell]) if how.skewed else mixed(noise + LIKING.ravel()[cell])
        base = np.exp(np.sqrt(np.log1p(how.uneven**2)) * random.standard_normal(how.n))
        labels = {"sex": SEXES[cell // 3], "age": AGES[cell % 3]}
        result = raking(
            variables=labels, margins=margins, y=y, base_weights=base, cluster=cluster, interval=interval
        )
        assert result.low is not None
        assert result.high is not None
        held += result.low <= truth <= result.high
    return held / samples


RAKED = {
    "150 skewed answers": Raked(),
    "60 skewed answers, cells of about 3": Raked(60),
    "60 mixed answers, cells of about 3": Raked(60, skewed=False),
    "120 answers, base weights that vary by 0.7": Raked(120, uneven=0.7),
    "12 shops of 12": Raked(144, clusters=12),
    "12 shops of 12, mixed answers, base weights": Raked(144, clusters=12, uneven=0.5, skewed=False),
    "500 answers": Raked(500),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", RAKED)
def test_raked_mean_covers(name: str) -> None:
    assert 0.93 <= held_by_raking(RAKED[name], MANY) <= 0.97


@pytest.mark.slow
def test_the_normal_interval_of_a_raked_mean_falls_short_with_small_cells() -> None:
    # Why it is not the default: measured 0.84.
    assert held_by_raking(RAKED["60 skewed answers, cells of about 3"], 2000, "normal") < 0.90


def test_raked_mean_covers_small() -> None:
    assert 0.905 <= held_by_raking(RAKED["150 skewed answers"], FEW) <= 0.99


def held_by_groups(n: int, samples: int) -> float:
    """Share of samples whose post-stratified interval holds the mean of two groups of the customers."""
    random = np.random.default_rng(1979)
    means = 5 - special.ndtr(-np.array([0.3, -0.5])[:, None] - (np.log([1, 2, 3, 4]) + 0.6) / 0.9).sum(axis=1)
    truth, held = float(means @ [0.5, 0.5]), 0
    for _ in range(samples):
        group = (random.random(n) < 0.2).astype(int)
        group[:4] = [0, 0, 1, 1]
        y = satisfied(random.standard_normal(n) - np.array([0.3, -0.5])[group])
        result = post_stratification(group=np.array(["E", "H"])[group], totals={"E": 500, "H": 500}, y=y)
        assert result.low is not None
        assert result.high is not None
        held += result.low <= truth <= result.high
    return held / samples


@pytest.mark.slow
@pytest.mark.parametrize("n", [40, 200])
def test_post_stratified_mean_covers(n: int) -> None:
    assert 0.93 <= held_by_groups(n, MANY) <= 0.97


@pytest.mark.parametrize("share_drawn", [None, 0.4])
def test_degrees_and_factor_agree_with_dense_matrices(share_drawn: float | None) -> None:
    """Independent computation: the working model's covariance and the variance's quadratic form written out."""
    random = np.random.default_rng(2002)
    n, clusters = 40, 12
    cluster = np.concatenate([np.arange(clusters), random.integers(0, clusters, n - clusters)])
    stratum = cluster // 4
    base, weights = random.uniform(1, 3, n), random.uniform(1, 5, n)
    columns = np.stack([np.ones(n), random.random(n) < 0.5], axis=1).astype(float)
    y = random.normal(0, 1, n)
    plan = design(
        n=n,
        weights=base,
        stratum=stratum,
        cluster=cluster,
        population=None if share_drawn is None else np.full(n, share_drawn),
    )
    fit = columns @ np.linalg.solve(columns.T @ (base[:, None] * columns), columns.T @ np.diag(base))
    residuals = y - fit @ y
    share = weights / weights.sum()
    se = float(np.sqrt(variance_of_total(scores=share * residuals, plan=plan)))
    found = design_interval(
        estimate=0.0, se=se, residuals=residuals, weights=weights, columns=columns, fitted_with=base, plan=plan,
        confidence=0.95, interval="adjusted",
    )  # fmt: skip

    left_out = 1.0 if share_drawn is None else 1 - share_drawn
    to_cluster = (np.arange(clusters)[:, None] == plan.cluster).astype(float) @ np.diag(share)
    form = np.kron(np.eye(3), left_out * 4 / 3 * (np.eye(4) - 0.25))
    totals = to_cluster @ residuals
    size = to_cluster.sum(axis=1)
    own = np.array([4 * np.var(totals[at : at + 4], ddof=1) / (size[at : at + 4] ** 2).sum() for at in (0, 4, 8)])
    sigma = np.repeat((own.mean() + 3 * own) / 4, 4)
    alike = (plan.cluster[:, None] == plan.cluster) * sigma[plan.cluster]
    lifted = to_cluster @ (np.eye(n) - fit)
    spread = form @ lifted @ alike @ lifted.T
    assert found.degrees == pytest.approx(np.trace(spread) ** 2 / np.trace(spread @ spread))
    true = left_out * float((sigma * size**2).sum())
    assert found.factor == pytest.approx(np.sqrt(true / np.trace(spread)))
    # Hall's transformation of the studentized ends gives back the ends of the t interval.
    for end, sign in ((found.low, 1), (found.high, -1)):
        s, g = -end / (se * found.factor), found.skewness
        assert s + g / 3 * s**2 + g**2 / 27 * s**3 + g / 6 == pytest.approx(
            sign * special.stdtrit(found.degrees, 0.975)
        )


def test_plain_samples_need_no_adjustment_but_for_skewness() -> None:
    y = np.array([1.0, 2, 3, 4, 5, 6])
    one, other = survey_mean(y=y), survey_mean(y=y, interval="t")
    assert (one.low, one.high) == pytest.approx((other.low, other.high))
    assert one.interval_degrees == pytest.approx(5)
    skewed = survey_mean(y=[5, 5, 5, 4, 5, 1.0])
    assert skewed.mean - skewed.low > skewed.high - skewed.mean
    still = survey_mean(y=[5.0] * 6)
    assert still.low == still.high == 5


def test_groups_that_tell_the_clusters_apart_leave_no_error_and_no_nan() -> None:
    result = raking(
        variables={"shop": ["a", "a", "b", "b"]}, margins={"shop": {"a": 1, "b": 1}}, y=[1, 2, 3, 5],
        cluster=[0, 0, 1, 1],
    )  # fmt: skip
    assert result.se == pytest.approx(0)
    assert result.low == pytest.approx(2.75)
