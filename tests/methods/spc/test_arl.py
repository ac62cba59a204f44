"""Average run lengths: printed tables, a Markov chain, relations, simulation."""

import numpy as np
import pytest
from scipy import special

from nonagon.basics.errors import ArgumentError
from nonagon.methods.spc import absorbing_chain
from nonagon.methods.spc.absorbing_chain import steps_to_absorption
from nonagon.methods.spc.arl_cusum import arl_cusum
from nonagon.methods.spc.arl_ewma import arl_ewma
from nonagon.methods.spc.arl_shewhart import arl_shewhart

SHIFTS = [0, 0.5, 1, 2, 3]


def test_cusum_printed() -> None:
    # Montgomery, Introduction to Statistical Quality Control, table 9.3 (k = 1/2; printed to three digits).
    assert arl_cusum(h=4, shifts=SHIFTS).arl == pytest.approx([168, 26.6, 8.38, 3.34, 2.19], rel=4e-3)
    assert arl_cusum(h=5, shifts=SHIFTS).arl == pytest.approx([465, 38.0, 10.4, 4.01, 2.57], rel=4e-3)


def test_cusum_headstart_printed() -> None:
    # Lucas and Crosier (1982), table 1, as printed for h = 5, k = 1/2, head start h / 2: 430 and 6.35 (shift 1).
    assert arl_cusum(h=5, headstart=2.5, shifts=[0, 1]).arl == pytest.approx([430, 6.35], rel=5e-3)


def test_ewma_printed() -> None:
    # Lucas and Saccucci (1990), table 3, as printed by Montgomery, table 9.11 (rounded to three digits).
    for weight, width, lengths in (
        (0.4, 3.054, [500, 71.2, 14.3, 3.5, 2.0]),
        (0.2, 2.962, [500, 41.8, 10.5, 3.7, 2.4]),
        (0.1, 2.814, [500, 31.3, 10.3, 4.4, 2.9]),
        (0.05, 2.615, [500, 28.4, 11.4, 5.2, 3.5]),
    ):
        found = arl_ewma(weight=weight, width=width, shifts=SHIFTS).arl
        assert found == pytest.approx(lengths, rel=0.02)


def cusum_chain(k: float, h: float, shift: float, states: int) -> float:
    """Brook and Evans (1972): the upper sum cut into steps; run length from 0."""
    step = 2 * h / (2 * states - 1)
    at = np.arange(states) * step
    upper = special.ndtr(at + step / 2 - at[:, None] + k - shift)
    lower = special.ndtr(at - step / 2 - at[:, None] + k - shift)
    moves = upper - lower
    moves[:, 0] = upper[:, 0]
    return float(np.linalg.solve(np.eye(states) - moves, np.ones(states))[0])


@pytest.mark.parametrize(("k", "h", "shift"), [(0.5, 5, 0.0), (0.25, 8, 0.5), (1.0, 2.5, 1.5)])
def test_cusum_against_a_markov_chain(k: float, h: float, shift: float) -> None:
    # The chain's error falls with the square of the steps: two sizes extrapolate to the limit.
    coarse, fine = (cusum_chain(k, h, shift, states) for states in (300, 600))
    expected = fine + (fine - coarse) / 3
    assert arl_cusum(k=k, h=h, shifts=[shift], sides="upper").arl[0] == pytest.approx(expected, rel=2e-5)


def test_astronomic_run_lengths_keep_their_digits() -> None:
    # Far on the safe side the run length grows like exp(2 (k - shift) h) for large h (Siegmund, Sequential
    # Analysis, 1985, chapter II); the plain linear system would have lost every digit.
    short, long = (arl_cusum(k=0.5, h=h, shifts=[-2.0], sides="upper").arl[0] for h in (30.0, 31.0))
    assert long / short == pytest.approx(np.exp(2 * 2.5), rel=1e-8)
    with pytest.raises(ArgumentError, match="h must leave a chance"):
        arl_cusum(k=0.5, h=100, shifts=[-3.0], sides="upper")
    wide = arl_ewma(weight=1, width=8.5, shifts=[0]).arl[0]
    assert wide == pytest.approx(arl_shewhart(width=8.5).arl[0], rel=1e-9)


def test_both_solvers_agree() -> None:
    moves = np.random.default_rng(1).dirichlet(np.ones(9), size=8)
    one = steps_to_absorption(moves[:, :8], moves[:, 8])
    other = absorbing_chain._without_subtraction(moves[:, :8].copy(), moves[:, 8].copy(), np.ones(8))
    assert one == pytest.approx(other, rel=1e-12)


def test_ewma_with_weight_one_is_shewhart() -> None:
    shifts = [0, 0.7, 2]
    expected = arl_shewhart(width=2.5, shifts=shifts).arl
    for limits in ("asymptotic", "exact"):
        found = arl_ewma(weight=1, width=2.5, shifts=shifts, limits=limits).arl
        assert found == pytest.approx(expected, rel=1e-9)


def test_cusum_with_k_beyond_h_is_nearly_shewhart() -> None:
    # With h near 0 a point signals when z > k: the Shewhart chart of one side.
    found = arl_cusum(k=3, h=1e-9, shifts=[0.0], sides="upper").arl[0]
    assert found == pytest.approx(1 / special.ndtr(-3), rel=1e-6)


def test_exact_limits_signal_earlier() -> None:
    shifts = [0, 1, 3]
    slow, fast = (
        arl_ewma(weight=0.1, width=2.7, shifts=shifts, limits=limits).arl for limits in ("asymptotic", "exact")
    )
    assert np.all(fast < slow)


def test_shifts_are_symmetric_and_shorten_the_run() -> None:
    for function in (arl_cusum, arl_ewma, arl_shewhart):
        found = function(shifts=[-1.5, 0, 1.5]).arl
        assert found[0] == pytest.approx(found[2], rel=1e-9)
        assert found[1] > found[0] >= 1


def simulated(function: str, random: np.random.Generator, runs: int, shift: float) -> np.ndarray:
    """Run lengths of an EWMA chart with exact limits, or a CUSUM with head start, point by point."""
    lengths = np.zeros(runs, dtype=int)
    going = np.ones(runs, dtype=bool)
    average, up, down = np.zeros(runs), np.full(runs, 2.0), np.full(runs, 2.0)
    for time in range(1, 20_000):
        z = random.normal(shift, 1, size=runs)
        if function == "ewma":
            average = 0.2 * z + 0.8 * average
            limit = 2.7 * np.sqrt(0.2 / 1.8 * (1 - 0.8 ** (2 * time)))
            out = np.abs(average) > limit
        else:
            up, down = np.maximum(0, up + z - 0.5), np.maximum(0, down - z - 0.5)
            out = (up > 4) | (down > 4)
        lengths[going & out] = time
        going &= ~out
        if not going.any():
            break
    return lengths


@pytest.mark.parametrize("shift", [0.5, 1.0])
def test_simulation(shift: float) -> None:
    random = np.random.default_rng(17)
    for function, expected in (
        ("ewma", arl_ewma(weight=0.2, width=2.7, shifts=[shift], limits="exact").arl[0]),
        ("cusum", arl_cusum(h=4, headstart=2, shifts=[shift]).arl[0]),
    ):
        lengths = simulated(function, random, 4000, shift)
        assert lengths.mean() == pytest.approx(expected, abs=4 * lengths.std() / np.sqrt(4000))


def test_messages() -> None:
    with pytest.raises(ArgumentError, match="width must be at least"):
        arl_shewhart(width=0)
    with pytest.raises(ArgumentError, match=r"weight must be more than 0 and at most 1; got 1.5"):
        arl_ewma(weight=1.5)
    with pytest.raises(ArgumentError, match="headstart must lie from 0 to h"):
        arl_cusum(h=4, headstart=5)
    assert "for a shift of 0" in arl_cusum().describe()
