"""The incidence record: counting by hand, and what is refused."""

import numpy as np
import pytest

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.needs.incidence import incidence


def test_matrix_and_frequencies_agree() -> None:
    matrix = [[1, 1, 0, 0], [1, 0, 0, 2], [1, 1, 0, 0]]
    one = incidence(matrix=matrix)
    other = incidence(frequency=[3, 2, 0, 1], n_units=3)
    assert one.frequency.tolist() == other.frequency.tolist() == [3, 2, 1]
    assert (one.n_units, one.observed, one.once, one.twice, one.mentions) == (3, 3, 1, 1, 6)
    assert one.alone is not None
    assert one.alone.tolist() == [0, 1, 0]
    assert one.absent_together is not None
    # Counted by hand: the second need is absent in unit 2, the last in units 1 and 3, both never together.
    assert one.absent_together.tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 2]]


def test_messages() -> None:
    with pytest.raises(ArgumentError, match="got both"):
        incidence(matrix=[[1]], frequency=[1], n_units=1)
    with pytest.raises(ArgumentError, match="neither whole"):
        incidence(frequency=[1])
    with pytest.raises(ArgumentError, match="must not exceed n_units"):
        incidence(frequency=[4], n_units=3)
    with pytest.raises(ArgumentError, match="whole numbers"):
        incidence(frequency=[1.5], n_units=3)
    with pytest.raises(ArgumentError, match="n_units"):
        incidence(frequency=[1], n_units=0)
    with pytest.raises(NotEnoughData, match="no need that was mentioned"):
        incidence(frequency=[0, 0], n_units=3)
    with pytest.raises(NotEnoughData, match="no mention"):
        incidence(matrix=np.zeros((2, 3)))
