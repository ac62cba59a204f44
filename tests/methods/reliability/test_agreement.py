"""Kappas, alpha of Krippendorff and Kendall's W: published examples, identities between them, invariances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.reliability.cohen_kappa import KAPPA_WEIGHTS, cohen_kappa, cross_table
from nonagon.methods.reliability.fleiss_kappa import fleiss_kappa
from nonagon.methods.reliability.kendall_w import kendall_w
from nonagon.methods.reliability.krippendorff_alpha import krippendorff_alpha

CODES = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=3, max_size=40)
# Krippendorff's example of 4 observers and 12 units (Content Analysis, chapter 12); 0 stands for missing.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
]


@given(codes=CODES, weights=st.sampled_from(KAPPA_WEIGHTS), data=st.data())
def test_kappa_is_symmetric_and_at_most_one(
    codes: list[tuple[int, int]], weights: str, data: st.DataObject
) -> None:
    first, second = zip(*codes, strict=True)
    if len({*first, *second}) == 1:
        return
    labels, table = cross_table(first=first, second=second)
    if len(set(first)) == 1 and set(first) == set(second):
        return
    one, other = cohen_kappa(table=table, weights=weights), cohen_kappa(table=table.T, weights=weights)
    assert one.kappa == pytest.approx(other.kappa)
    # A variance that is zero but for rounding (1e-15, over the squared share that chance leaves) has such a root.
    assert one.se == pytest.approx(other.se, abs=1e-6)
    assert one.kappa <= 1 + 1e-12
    assert np.isfinite([one.kappa, one.se, one.low, one.high]).all()
    if weights == "none":
        order = list(data.draw(st.permutations(range(len(labels)))))
        assert cohen_kappa(table=table[np.ix_(order, order)]).kappa == pytest.approx(one.kappa)


def test_quadratic_kappa_is_krippendorffs_interval_alpha_in_large_samples() -> None:
    generator = np.random.default_rng(4)
    true = generator.normal(0, 1, 20_000)
    codes = [np.clip(np.round(true + generator.normal(0, 0.7, 20_000)) + 3, 1, 5) for _ in range(2)]
    _, table = cross_table(first=codes[0].tolist(), second=codes[1].tolist())
    quadratic = cohen_kappa(table=table, weights="quadratic").kappa
    assert krippendorff_alpha(ratings=codes, level="interval").alpha == pytest.approx(quadratic, abs=0.002)


def test_kappa_interval_covers() -> None:
    generator = np.random.default_rng(1969)
    shares = np.array([[0.3, 0.08, 0.02], [0.06, 0.24, 0.05], [0.02, 0.05, 0.18]])
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    truth = (np.trace(shares) - rows @ columns) / (1 - rows @ columns)
    tables = generator.multinomial(120, shares.ravel(), 1500).reshape(-1, 3, 3)
    found = [cohen_kappa(table=table) for table in tables]
    assert 0.93 <= np.mean([one.low <= truth <= one.high for one in found]) <= 0.97


def test_kappa_of_two_raters_who_always_agree_has_an_interval() -> None:
    result = cohen_kappa(table=[[9, 0], [0, 3]])
    assert (result.kappa, result.se, result.high) == (1, 0, 1)
    assert result.low < 0.95
    assert "fewer than 20 units" in result.describe()
    assert cohen_kappa(table=[[9, 0], [0, 3]], interval="normal").low == 1
    with pytest.raises(ArgumentError, match="interval must be one of adjusted, normal; got 'wald'"):
        cohen_kappa(table=[[9, 0], [0, 3]], interval="wald")


def test_fleiss_of_two_raters_is_scotts_pi() -> None:
    # Scott's pi by hand: 3 of 5 units agree, 6 of the 10 codes are a.
    ratings = [["a", "a"], ["a", "b"], ["b", "a"], ["b", "b"], ["a", "a"]]
    share = np.array([6, 4]) / 10
    expected = (share**2).sum()
    assert fleiss_kappa(ratings=ratings).kappa == pytest.approx((3 / 5 - expected) / (1 - expected))


@given(data=st.data(), raters=st.integers(2, 5), units=st.integers(2, 12))
def test_fleiss_does_not_care_who_rates_and_what_categories_are_called(
    data: st.DataObject, raters: int, units: int
) -> None:
    codes = data.draw(
        st.lists(
            st.lists(st.sampled_from("abc"), min_size=raters, max_size=raters), min_size=units, max_size=units
        ).filter(lambda table: len({code for unit in table for code in unit}) > 1)
    )
    plain = fleiss_kappa(ratings=codes)
    shuffled = fleiss_kappa(ratings=[data.draw(st.permutations(unit)) for unit in codes[::-1]])
    renamed = fleiss_kappa(ratings=[[{"a": "z", "b": "x", "c": "y"}[code] for code in unit] for unit in codes])
    assert shuffled.kappa == pytest.approx(plain.kappa)
    assert renamed.z == pytest.approx(plain.z)
    assert -1 <= plain.kappa <= 1


@pytest.mark.parametrize(("level", "printed"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_krippendorffs_own_example(level: str, printed: float) -> None:
    ratings = [[None if code == 0 else code for code in row] for row in OBSERVERS]
    result = krippendorff_alpha(ratings=ratings, level=level)
    assert round(result.alpha, 3) == printed
    assert result.pairable == 40


def test_krippendorff_ratio_by_hand() -> None:
    # Two raters, units (1, 2), (2, 2): coincidences 1-2 twice, 2-2 twice; n = 4, frequencies 1 and 3.
    distance = (1 / 3) ** 2
    alpha = 1 - (2 * distance / 4) / (2 * 1 * 3 * distance / (4 * 3))
    assert krippendorff_alpha(ratings=[[1, 2], [2, 2]], level="ratio").alpha == pytest.approx(alpha)


@given(data=st.data(), judges=st.integers(2, 5), objects=st.integers(2, 7))
def test_kendall_w_lies_between_none_and_complete(data: st.DataObject, judges: int, objects: int) -> None:
    ratings = np.array([data.draw(st.permutations(range(objects))) for _ in range(judges)], dtype=float).T
    result = kendall_w(ratings=ratings)
    assert -1e-12 <= result.w <= 1 + 1e-12
    assert kendall_w(ratings=np.exp(ratings)).w == pytest.approx(result.w)
    assert kendall_w(ratings=ratings[:, [0] * judges]).w == pytest.approx(1)


def test_kendall_w_reaches_one_with_ties_only_when_corrected() -> None:
    alike = [[1, 1], [2, 2], [2, 2], [4, 4]]
    assert kendall_w(ratings=alike).w == pytest.approx(1)
    assert kendall_w(ratings=alike, ties_corrected=False).w < 1


def test_messages() -> None:
    with pytest.raises(NotEnoughData, match="one and the same category"):
        cohen_kappa(table=[[5, 0], [0, 0]])
    with pytest.raises(ArgumentError, match="table must be square"):
        cohen_kappa(table=[[5, 0, 1], [0, 0, 1]])
    with pytest.raises(NotEnoughData, match="single category a"):
        fleiss_kappa(ratings=[["a", "a"]])
    with pytest.raises(NotEnoughData, match="all codes are 2"):
        krippendorff_alpha(ratings=[[2, 2], [2, 2]])
    with pytest.raises(NotEnoughData, match="every judge ties all objects"):
        kendall_w(ratings=[[1, 1], [1, 1]])
