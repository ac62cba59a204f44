"""Sample sizes: the well-known 385, and the power they promise."""

import numpy as np
import pytest

from nonagon.basics.errors import ArgumentError
from nonagon.methods.survey.sample_size import sample_size, sample_size_difference


def test_known_sizes() -> None:
    # Krejcie and Morgan (1970) table: population 1000 gives 278, 10000 gives 370.
    assert sample_size(margin=0.05).n_ceiling == 385
    assert sample_size(margin=0.05, population=1000).n_ceiling == 278
    assert sample_size(margin=0.05, population=10_000).n_ceiling == 370
    assert sample_size(margin=0.05, population=1).n == pytest.approx(1)


def test_power_is_as_promised() -> None:
    size = sample_size_difference(p1=0.6, p2=0.7, power=0.8)
    generator = np.random.default_rng(7)
    n = size.n_ceiling
    one, two = generator.binomial(n, 0.6, 20_000) / n, generator.binomial(n, 0.7, 20_000) / n
    pooled = (one + two) / 2
    z = (two - one) / np.sqrt(2 * pooled * (1 - pooled) / n)
    assert np.mean(np.abs(z) > 1.959964) == pytest.approx(0.8, abs=0.015)


def test_messages() -> None:
    with pytest.raises(ArgumentError, match="p1 and p2 must differ"):
        sample_size_difference(p1=0.5, p2=0.5)
    with pytest.raises(ArgumentError, match="margin must lie between 0 and 1"):
        sample_size(margin=5)
