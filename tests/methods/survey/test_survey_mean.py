"""Design-based means: textbook formulas by hand, invariances, lonely clusters, coverage."""

import numpy as np
import pytest

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.survey.mean import mean_of
from nonagon.methods.survey.survey_mean import survey_mean

Y = np.array([7, 9, 4, 8, 6, 10, 3, 5, 9, 8, 2, 7], dtype=float)
STRATUM = list("aaaaabbbbccc")
SIZE = {"a": 50, "b": 40, "c": 150}


def test_no_design_is_the_plain_mean() -> None:
    plain, designed = mean_of(values=Y), survey_mean(y=Y, interval="t")
    assert designed.se == pytest.approx(plain.se.item())
    assert designed.low == pytest.approx(plain.low.item())


def test_stratified_with_small_populations_is_cochrans_formula() -> None:
    # Cochran (1977), 5.8: sum over strata of W^2 (1 - n / N) s^2 / n.
    result = survey_mean(y=Y, stratum=STRATUM, population=[SIZE[one] for one in STRATUM])
    whole, mean, variance = sum(SIZE.values()), 0.0, 0.0
    for name, size in SIZE.items():
        inside = Y[[one == name for one in STRATUM]]
        mean += size / whole * inside.mean()
        variance += (size / whole) ** 2 * (1 - inside.size / size) * inside.var(ddof=1) / inside.size
    assert result.mean == pytest.approx(mean)
    assert result.se == pytest.approx(np.sqrt(variance))


def test_population_as_fractions_is_the_same() -> None:
    sizes = [SIZE[one] for one in STRATUM]
    drawn = {"a": 5, "b": 4, "c": 3}
    shares = [drawn[one] / SIZE[one] for one in STRATUM]
    one = survey_mean(y=Y, stratum=STRATUM, population=sizes)
    other = survey_mean(y=Y, stratum=STRATUM, population=shares)
    assert (one.mean, one.se) == pytest.approx((other.mean, other.se))


def test_equal_clusters_are_the_mean_of_cluster_means() -> None:
    cluster = np.repeat([4, 9, 2, 7], 3)
    means = np.array([Y[cluster == one].mean() for one in (4, 9, 2, 7)])
    result = survey_mean(y=Y, cluster=cluster)
    assert result.se == pytest.approx(means.std(ddof=1) / 2)
    assert result.degrees == 3


def test_cluster_names_count_within_their_stratum() -> None:
    named_alike = [1, 1, 2, 2, 1, 1, 2, 2]
    apart = [1, 1, 2, 2, 3, 3, 4, 4]
    y, stratum = Y[:8], list("aaaabbbb")
    assert survey_mean(y=y, stratum=stratum, cluster=named_alike) == survey_mean(
        y=y, stratum=stratum, cluster=apart
    )


def test_scale_of_weights_does_not_matter() -> None:
    weights = np.linspace(1, 3, 12)
    one, other = survey_mean(y=Y, weights=weights), survey_mean(y=Y, weights=weights * 1000)
    assert (one.mean, one.se, one.n_effective) == pytest.approx((other.mean, other.se, other.n_effective))


def test_a_stratum_with_one_cluster() -> None:
    y, stratum = Y[:5], list("aaaab")
    with pytest.raises(NotEnoughData, match="single cluster"):
        survey_mean(y=y, stratum=stratum)
    certain = survey_mean(y=y, stratum=stratum, lonely="certainty").se
    average = survey_mean(y=y, stratum=stratum, lonely="average").se
    adjusted = survey_mean(y=y, stratum=stratum, lonely="adjust").se
    assert average == pytest.approx(certain * np.sqrt(2))
    # The lonely answer adds its squared distance from the mean of all, over n squared.
    assert adjusted**2 - certain**2 == pytest.approx(((y[4] - y.mean()) / 5) ** 2)
    # A stratum asked in full adds nothing and is no reason to fail.
    whole = survey_mean(y=y, stratum=stratum, population=[40, 40, 40, 40, 1])
    assert np.isfinite(whole.se)


def test_interval_covers_under_clusters() -> None:
    generator = np.random.default_rng(65)
    cluster, covered = np.repeat(np.arange(30), 8), 0
    for _ in range(400):
        y = generator.normal(0, 1, 30)[cluster] + generator.normal(0, 1, 240)
        result = survey_mean(y=y, cluster=cluster)
        covered += result.low <= 0 <= result.high
    assert 0.92 <= covered / 400 <= 0.98


def test_messages() -> None:
    with pytest.raises(ArgumentError, match="stratum must have one label for each of the 12"):
        survey_mean(y=Y, stratum=["a"])
    with pytest.raises(ArgumentError, match="population must be at least the clusters drawn"):
        survey_mean(y=Y, population=[5] * 12)
