"""Analytic hierarchy process: weights from paired judgements, and whether the judgements agree.

Question: how much does each criterion weigh, and does the team contradict itself?
Used by: steps 3, 4 and 5.
Source: T. L. Saaty, "The Analytic Hierarchy Process", 1980 (eigenvector, consistency ratio, random index);
G. Crawford, C. Williams, Journal of Mathematical Psychology 29 (1985), 387-405 (geometric means); J. A. Alonso,
M. T. Lamata, International Journal of Uncertainty, Fuzziness and Knowledge-Based Systems 14 (2006), 445-459
(random index by formula); J. Aczel, T. L. Saaty, Journal of Mathematical Psychology 27 (1983), 93-102
(joining judges).
Checked against: R's eigen (tests/reference). The index for random judgements differs by table; `random_index`
names it.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, one_of, real_array

Weights = Literal["eigen", "geometric_mean"]
RandomIndex = Literal["saaty1980", "alonso_lamata", "noble"]
# Mean consistency index of random judgements by number of criteria, from 1.
_SAATY_1980 = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
# E. Noble's simulation as quoted by Alonso and Lamata, table 1.
_NOBLE = (0.0, 0.0, 0.49, 0.82, 1.03, 1.16, 1.25, 1.31, 1.36, 1.39, 1.42, 1.44, 1.46, 1.48, 1.49)


@dataclass(frozen=True, slots=True)
class Ahp:
    """Weights of criteria and the consistency of the judgements behind them.

    matrix: the judgements used, joined over judges by geometric means where there were several. weights: by the
    chosen method, adding up to one; both variants stand in weights_eigen and weights_geometric_mean.
    lambda_max: principal eigenvalue, at least the number of criteria. consistency_index: (lambda_max - n) /
    (n - 1). consistency_ratio: index over that of random judgements; up to 0.1 is usual; None for two criteria
    (always consistent), where random judgements have no index. worst_pair: the judgement that deviates most
    from the weights, as positions counted from 0, and worst_factor: how many times larger it is than they say.
    judge_ratio: the consistency ratio of each judge.
    """

    matrix: Floats
    weights: Floats
    weights_eigen: Floats
    weights_geometric_mean: Floats
    method: Weights
    lambda_max: float
    consistency_index: float
    random_index_value: float
    random_index: RandomIndex
    consistency_ratio: float | None
    worst_pair: tuple[int, int]
    worst_factor: float
    judges: int
    judge_ratio: tuple[float | None, ...]

    def describe(self) -> str:
        """One sentence with the heaviest criterion, the consistency and its caveat."""
        best = int(self.weights.argmax())
        agree = "two criteria are always consistent"
        if self.consistency_ratio is not None:
            sound = "within" if self.consistency_ratio <= 0.1 else "above"
            agree = f"the consistency ratio {self.consistency_ratio:.2f} is {sound} the usual 0.10"
        return (
            f"Criterion {best + 1} of {self.weights.size} weighs {self.weights[best]:.1%}; {agree}; the weights "
            f"are those of {self.judges} judge(s), not of customers, and carry no interval."
        )


def ahp(
    *,
    matrix: ArrayLike | None = None,
    matrices: ArrayLike | None = None,
    method: Weights = "eigen",
    random_index: RandomIndex = "saaty1980",
) -> Ahp:
    """Weights from a matrix of paired judgements, with the consistency ratio.

    matrix: criteria x criteria; an entry says how many times more important the row is than the column, above
    0, usually 1/9 to 9; the entry across the diagonal is its reciprocal (to one part in a hundred, so that
    0.33 for a third is accepted). matrices: the same for several judges (judges x criteria x criteria), joined
    entry by entry by geometric means. method: "eigen" takes the principal eigenvector, "geometric_mean" the rows'
    geometric means. random_index: "saaty1980" (0.58 for three criteria), "noble" (0.49), or "alonso_lamata"
    ((2.7699 n - 4.3513 - n) / (n - 1)).
    Not for more than about nine criteria at once: nobody judges 36 pairs consistently.
    Raises ArgumentError for a matrix that is not square, positive and reciprocal.

    >>> result = ahp(matrix=[[1, 3, 5], [1/3, 1, 3], [1/5, 1/3, 1]])
    >>> result.weights.round(3).tolist(), round(result.consistency_ratio, 4)
    ([0.637, 0.258, 0.105], 0.0332)
    """
    if (matrix is None) == (matrices is None):
        raise ArgumentError("give either matrix (one judge) or matrices (several); got both or neither")
    one_of("method", method, ("eigen", "geometric_mean"))
    one_of("random_index", random_index, ("saaty1980", "alonso_lamata", "noble"))
    judged = real_array("matrix", [] if matrix is None else matrix, ndim=2)[None] if matrices is None else (
        real_array("matrices", matrices, ndim=3)
    )  # fmt: skip
    for judge, one in enumerate(judged):
        _check_reciprocal(f"matrices[{judge}]" if matrices is not None else "matrix", one)
    joined: Floats = np.exp(np.log(judged).mean(axis=0)) if len(judged) > 1 else judged[0]
    eigen, largest = _principal(joined)
    rows = np.exp(np.log(joined).mean(axis=1))
    geometric = rows / rows.sum()
    weights = eigen if method == "eigen" else geometric
    index, base, ratio = _consistency(joined, random_index)
    pair, factor = _worst_pair(joined, weights)
    return Ahp(
        matrix=joined,
        weights=weights,
        weights_eigen=eigen,
        weights_geometric_mean=geometric,
        method=method,
        lambda_max=largest,
        consistency_index=index,
        random_index_value=base,
        random_index=random_index,
        consistency_ratio=ratio,
        worst_pair=pair,
        worst_factor=factor,
        judges=len(judged),
        judge_ratio=tuple(_consistency(one, random_index)[2] for one in judged),
    )


def _check_reciprocal(name: str, matrix: Floats) -> None:
    if matrix.shape[0] != matrix.shape[1] or matrix.shape[0] < 2:
        raise ArgumentError(f"{name} must be square with at least 2 criteria; got shape {matrix.shape}")
    if (matrix <= 0).any():
        raise ArgumentError(f"{name} must hold numbers above 0; got {matrix.min():g}")
    off = np.abs(matrix * matrix.T - 1)
    if off.max() > 0.02:
        row, column = (int(one) for one in np.unravel_index(int(off.argmax()), off.shape))
        raise ArgumentError(
            f"{name}: the judgements of {row + 1} against {column + 1} and back must be reciprocals; "
            f"got {matrix[row, column]:g} and {matrix[column, row]:g}"
        )


def _principal(matrix: Floats) -> tuple[Floats, float]:
    values, vectors = linalg.eig(matrix)
    first = int(np.argmax(values.real))
    vector = np.abs(vectors[:, first].real)
    weights: Floats = vector / vector.sum()
    return weights, float(values[first].real)


def _consistency(matrix: Floats, random_index: RandomIndex) -> tuple[float, float, float | None]:
    """Consistency index, the random index it is held against, and their ratio."""
    n = matrix.shape[0]
    index = (_principal(matrix)[1] - n) / (n - 1)
    # Rounding must not show a perfectly consistent team as contradicting itself, or less than that.
    index = 0.0 if abs(index) < 1e-12 else index
    base = _random_index(n, random_index)
    return index, base, index / base if n > 2 else None


def _random_index(n: int, random_index: RandomIndex) -> float:
    if n <= 2:
        return 0.0
    if random_index == "alonso_lamata":
        return (2.7699 * n - 4.3513 - n) / (n - 1)
    table = _SAATY_1980 if random_index == "saaty1980" else _NOBLE
    if n > len(table):
        raise ArgumentError(
            f'random_index "{random_index}" reaches to {len(table)} criteria; got {n}; '
            'use "alonso_lamata" or group them'
        )
    return table[n - 1]


def _worst_pair(matrix: Floats, weights: Floats) -> tuple[tuple[int, int], float]:
    factor = matrix * weights[None, :] / weights[:, None]
    row, column = (int(one) for one in np.unravel_index(int(factor.argmax()), factor.shape))
    return (row, column), float(factor[row, column])
