"""Adjusted p values: order of strictness, order of the tests, and the false discovery rate kept."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from nonagon.basics.errors import ArgumentError
from nonagon.methods.survey.multiplicity import ADJUSTMENTS, multiplicity

P = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@given(p=P, data=st.data())
def test_order_of_tests_does_not_matter(p: list[float], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(p))))
    adjustment = data.draw(st.sampled_from(ADJUSTMENTS))
    plain = multiplicity(p=p, adjustment=adjustment).adjusted
    assert multiplicity(p=[p[at] for at in order], adjustment=adjustment).adjusted == pytest.approx(
        plain[list(order)]
    )


@given(p=P)
def test_strictness(p: list[float]) -> None:
    found = {name: multiplicity(p=p, adjustment=name).adjusted for name in ADJUSTMENTS}
    assert np.all(found["BH"] >= np.array(p) - 1e-15)
    assert np.all(found["BY"] >= found["BH"] - 1e-12)
    assert np.all(found["holm"] >= found["BH"] - 1e-12)
    assert np.all(found["bonferroni"] >= found["holm"] - 1e-12)
    assert all(np.all(one <= 1) for one in found.values())


def test_bh_keeps_the_false_discovery_rate() -> None:
    generator = np.random.default_rng(1995)
    true = np.arange(40) < 10
    z = generator.normal(np.where(true, 3.0, 0.0), 1, (2000, 40))
    rejected = multiplicity(p=2 * ndtr(-np.abs(z)), level=0.1).rejected
    false_share = (rejected & ~true).sum(axis=1) / np.maximum(rejected.sum(axis=1), 1)
    # The rate of BH with 30 of 40 true nulls is 0.1 * 30 / 40.
    assert false_share.mean() == pytest.approx(0.075, abs=0.01)


def test_message() -> None:
    with pytest.raises(ArgumentError, match=r"p must hold values from 0 to 1; got 1\.2"):
        multiplicity(p=[0.5, 1.2])
