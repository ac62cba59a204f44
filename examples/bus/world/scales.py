"""Answers on a scale of whole numbers whose mean is exactly what was planted, in spite of rounding and ends."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def latent_means(*, wanted: Floats, sd: float, low: int, high: int) -> Floats:
    """Means of a normal variable that, rounded and cut to low..high, has the wanted means."""
    grid = np.linspace(low - 4.0, high + 4.0, 1601)
    cuts = np.arange(low, high) + 0.5
    # The mean of the rounded variable is low plus the chances to exceed each cut.
    exceed = 1.0 - _normal_cdf((cuts[None, :] - grid[:, None]) / sd)
    means: Floats = np.interp(wanted, low + exceed.sum(axis=1), grid)
    return means


def on_scale(latent: Floats, *, low: int, high: int) -> Ints:
    """Rounded (halves up) and cut to the scale."""
    return np.clip(np.floor(latent + 0.5), low, high).astype(np.int64)


def _normal_cdf(z: Floats) -> Floats:
    """The normal distribution function by summing the density on a fine grid: numpy has no erf."""
    steps = np.linspace(-9.0, 9.0, 36001)
    density = np.exp(-(steps**2) / 2) / np.sqrt(2 * np.pi)
    total = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2) * (steps[1] - steps[0])])
    share: Floats = np.interp(z, steps, total)
    return share
