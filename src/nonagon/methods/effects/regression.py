"""Least squares with the standard errors that time series and panels need.

Question: how far may an effect lie from its estimate when neighbours in time, or people of one group, go
together?
Used by: `interrupted_time_series`, `diff_in_diff` and `lag` (step 9).
Source: W. K. Newey and K. D. West, Econometrica 55 (1987), 703-708, and Review of Economic Studies 61 (1994),
631-653 (automatic lag); A. Zeileis, Journal of Statistical Software 11 (2004), no. 10 (conventions).
Checked against: R's sandwich through tests/reference.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import Floats

# Shares of the error before that a period's error may carry.
SHARES = np.linspace(-0.6, 0.97, 40)


@dataclass(frozen=True, slots=True)
class Fit:
    """A least-squares fit: coef (k), residuals and fitted (n), sigma2, and bread, the inverse of X'X (k x k)."""

    design: Floats
    coef: Floats
    residuals: Floats
    fitted: Floats
    sigma2: float
    bread: Floats

    @property
    def freedom(self) -> int:
        """n - k."""
        return len(self.residuals) - len(self.coef)

    @property
    def covariance(self) -> Floats:
        """The usual covariance of the coefficients: equal and unrelated errors."""
        return self.sigma2 * self.bread


def fit(design: Floats, y: Floats, names: tuple[str, ...]) -> Fit:
    """Least squares by QR. Raises NotEnoughData where a column says nothing new or no freedom is left."""
    n, k = design.shape
    if n <= k:
        raise NotEnoughData(f"{n} observations can't tell {k} coefficients ({', '.join(names)}); add observations")
    scale = np.sqrt((design**2).sum(axis=0))
    if np.any(scale == 0):
        raise NotEnoughData(f"the column {names[int(np.argmin(scale))]} is 0 throughout: leave it out")
    q, r = np.linalg.qr(design / scale)
    weak = np.abs(np.diag(r)) < 1e-10
    if weak.any():
        raise NotEnoughData(
            f"the column {names[int(np.argmax(weak))]} says nothing that the columns before it do not: leave "
            "it out"
        )
    coef = linalg.solve_triangular(r, q.T @ y) / scale
    inverse = linalg.solve_triangular(r, np.eye(k)) / scale[:, None]
    fitted = design @ coef
    residuals = y - fitted
    return Fit(design, coef, residuals, fitted, float(residuals @ residuals) / (n - k), inverse @ inverse.T)


def newey_west(model: Fit, lag: int) -> Floats:
    """Newey and West's covariance, Bartlett weights up to `lag`, no prewhitening, no small-sample factor."""
    scores = model.design * model.residuals[:, None]
    middle = scores.T @ scores
    for step in range(1, min(lag, len(scores) - 1) + 1):
        shared = scores[step:].T @ scores[:-step]
        middle += (1 - step / (lag + 1)) * (shared + shared.T)
    return np.asarray(model.bread @ middle @ model.bread)


def autoregressive(model: Fit) -> tuple[Floats, float]:
    """Covariance of the coefficients when each error carries a share of the one before, and that share.

    The share (an autoregression of order 1) has a restricted likelihood over a grid; the covariance is
    averaged over it, so that the doubt about the share widens the errors. Newey and West's covariance is far
    too small in the short series that improvements have; this one is not (tests/methods/effects).
    """
    design, residuals = model.design, model.residuals
    n, k = design.shape
    if not float(residuals @ residuals) > 1e-24 * float(model.fitted @ model.fitted + residuals @ residuals):
        return np.zeros((k, k)), 0.0
    # The fit does not matter to what is left after whitening: residuals serve as well as y, and lose no
    # digits.
    first = np.sqrt(1 - SHARES**2)[:, None]
    white = np.concatenate(
        [
            (first * design[0])[:, None],
            design[None, 1:] - SHARES[:, None, None] * design[None, :-1],
        ],
        axis=1,
    )
    left = np.concatenate([first * residuals[0], residuals[1:] - SHARES[:, None] * residuals[:-1]], axis=1)
    q, r = np.linalg.qr(white)
    projected = np.einsum("gnk,gn->gk", q, left)
    variance = np.maximum((left**2).sum(axis=1) - (projected**2).sum(axis=1), 0.0) / (n - k)
    size = np.log(np.abs(np.diagonal(r, axis1=1, axis2=2))).sum(axis=1)
    loglik = -0.5 * ((n - k) * np.log(np.maximum(variance, 1e-300)) - np.log(1 - SHARES**2) + 2 * size)
    weight = np.exp(loglik - loglik.max())
    weight /= weight.sum()
    scale = weight * variance / (1 - SHARES**2)
    # Weight of products of errors h periods apart, averaged over the shares: h = 0 .. n - 1.
    apart = (scale[:, None] * SHARES[:, None] ** np.arange(n)).sum(axis=0)
    influence = design @ model.bread
    spectrum = np.fft.rfft(influence, 2 * n, axis=0)
    products = np.fft.irfft(np.conj(spectrum)[:, :, None] * spectrum[:, None, :], 2 * n, axis=0)[:n]
    one_way = np.einsum("h,hij->ij", apart, products) - apart[0] * products[0] / 2
    return np.asarray(one_way + one_way.T), float(weight @ SHARES)


def automatic_lag(model: Fit) -> int:
    """Newey and West's (1994) lag for Bartlett weights, no prewhitening; column 0 is the intercept."""
    n = len(model.residuals)
    scores = (model.design[:, 1:] if model.design.shape[1] > 1 else model.design) * model.residuals[:, None]
    series = scores.sum(axis=1)
    reach = int(np.floor(4 * (n / 100) ** (2 / 9)))
    sigma = np.array([series[: n - j] @ series[j:] / n for j in range(reach + 1)])
    level = sigma[0] + 2 * sigma[1:].sum()
    slope = 2 * (np.arange(1, reach + 1) * sigma[1:]).sum()
    if level == 0:
        return 0
    return int(min(n - 1, np.floor(1.1447 * ((slope / level) ** 2) ** (1 / 3) * n ** (1 / 3))))


def clustered(model: Fit, cluster: ArrayLike, taken: int = 0) -> tuple[Floats, int]:
    """Covariance for errors that go together within clusters, with the HC1 factor, and how many clusters.

    The factor is G / (G - 1) times (n - 1) / (n - k), with k all coefficients, `taken` of them taken out
    before the fit by centring.
    """
    labels = np.unique(np.asarray(cluster), return_inverse=True)[1]
    groups = int(labels.max()) + 1
    if groups < 2:
        raise NotEnoughData("cluster must hold at least 2 groups; got 1")
    scores = model.design * model.residuals[:, None]
    sums = np.zeros((groups, scores.shape[1]))
    np.add.at(sums, labels, scores)
    n, k = scores.shape
    factor = groups / (groups - 1) * (n - 1) / (n - k - taken)
    return np.asarray(factor * model.bread @ (sums.T @ sums) @ model.bread), groups


def durbin_watson(residuals: Floats) -> float:
    """Near 2 without correlation between neighbours, towards 0 with positive, towards 4 with negative."""
    total = float(residuals @ residuals)
    return float(np.sum(np.diff(residuals) ** 2)) / total if total > 0 else 2.0
