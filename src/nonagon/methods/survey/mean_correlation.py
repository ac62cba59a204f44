"""How the errors of several items' means go together, when the same people answered them.

Question: whoever is strict on one item is strict on others: how much of that is in the difference of two means?
Used by: step 5 (rank confidence and spread of needs rated by the same respondents).
Source: the covariance of two means over overlapping samples, n_ij s_ij / (n_i n_j); N. J. Higham, IMA Journal of
Numerical Analysis 22 (2002), 329-343 (nearest correlation matrix; one spectral projection of it is enough here).
Checked against: numpy's correlation on complete answers, and simulation with missing ones (tests).
"""

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, real_array


def mean_correlation(*, counts: ArrayLike, sums: ArrayLike, products: ArrayLike) -> Floats:
    """Correlation of the means of k items, k x k, from pairwise sums.

    counts[i, j]: respondents who answered both i and j. sums[i, j]: sum of their answers to i. products[i, j]:
    sum of products of their answers to i and j. All k x k; counts and products symmetric. Pairs with fewer than
    3 respondents in common, and items without variation, count as uncorrelated. The result is a proper
    correlation matrix: where answers are missing, small negative eigenvalues are cut off.
    Assumes respondents drawn independently. Raises ArgumentError for shapes that do not fit.

    >>> answers = np.array([[1.0, 2.0], [3.0, 3.0], [5.0, 4.0], [2.0, 4.0]])
    >>> result = mean_correlation(
    ...     counts=np.full((2, 2), 4), sums=np.tile(answers.sum(axis=0)[:, None], 2), products=answers.T @ answers
    ... )
    >>> round(float(result[0, 1]), 4), round(float(np.corrcoef(answers.T)[0, 1]), 4)
    (0.6625, 0.6625)
    """
    n, total, crossed = (
        real_array(name, one, ndim=2) for name, one in (("counts", counts), ("sums", sums), ("products", products))
    )
    k = len(n)
    if not n.shape == total.shape == crossed.shape == (k, k):
        raise ArgumentError(
            f"counts, sums and products must all be {k} x {k}; got {n.shape}, {total.shape}, {crossed.shape}"
        )
    own = np.diag(n)
    shared = np.maximum(n - 1, 1)
    covariance = (crossed - total * total.T / np.maximum(n, 1)) / shared
    variance = np.diag(covariance)
    # Rounding of sums of squares must not pass for variation.
    varied = variance > 1e-12 * np.maximum(np.diag(crossed) / np.maximum(own, 1), 1e-300)
    sd = np.sqrt(np.where(varied, variance, 1.0))
    usable = (n >= 3) & varied[:, None] & varied[None, :]
    overlap = n / np.sqrt(np.maximum(own[:, None] * own[None, :], 1))
    correlation = np.where(usable, covariance / np.outer(sd, sd) * overlap, 0.0)
    np.fill_diagonal(correlation, 1.0)
    return _proper(np.clip((correlation + correlation.T) / 2, -1, 1))


def _proper(matrix: Floats) -> Floats:
    values, axes = np.linalg.eigh(matrix)
    if values.min() >= 0:
        return matrix
    cut = (axes * np.maximum(values, 0)) @ axes.T
    scale = np.sqrt(np.diag(cut))
    found: Floats = cut / np.outer(scale, scale)
    np.fill_diagonal(found, 1.0)
    return found
