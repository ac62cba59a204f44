"""Conjoint analysis of ratings: what each level of each attribute adds to the rating of an offer.

Question: which attribute moves customers most, and which level do they prefer?
Used by: steps 3 and 4.
Source: P. E. Green, V. Srinivasan, Journal of Consumer Research 5 (1978), 103-123; main effects by least
squares with the levels of each attribute adding up to zero.
Checked against: R's lm with contr.sum (tests/reference) and the published part-worths of the tea data (tests,
where present).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, fraction, real_array, same_length

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ConjointRatings:
    """Part-worths and importances.

    levels: the levels of each attribute, sorted. intercept and part_worths: of the average over respondents,
    one number a level, adding up to zero. low, high: interval of each part-worth at `confidence`: over
    respondents where there are two or more, else by the residuals; None where neither leaves a degree of
    freedom. individual: part-worths of each respondent (respondents x levels). importance: range of an
    attribute's part-worths over the sum of ranges, of the average part-worths; importance_individual: the
    mean of the respondents' own importances; both as fractions, None where nobody's ratings differ. r2: of
    the average ratings, None where they are all equal. flat: respondents whose ratings do not differ (left
    out of the importances).
    """

    levels: dict[str, tuple[str, ...]]
    intercept: float
    part_worths: dict[str, tuple[float, ...]]
    low: dict[str, tuple[float, ...]] | None
    high: dict[str, tuple[float, ...]] | None
    individual: dict[str, Floats]
    importance: dict[str, float] | None
    importance_individual: dict[str, float] | None
    r2: float | None
    respondents: int
    flat: int
    confidence: float

    def describe(self) -> str:
        """One sentence with the most important attribute and its caveat."""
        if self.importance_individual is None:
            return "No respondent's ratings differ, so no attribute's importance can be stated."
        name = max(self.importance_individual, key=lambda one: self.importance_individual[one])  # type: ignore[index]
        best = self.levels[name][int(np.argmax(self.part_worths[name]))]
        return (
            f"{name} moves the ratings most ({self.importance_individual[name]:.1%} of the range), with {best} "
            f"liked "
            f"best, over {self.respondents} respondent(s); importance depends on the levels that were offered."
        )


def conjoint_ratings(
    *,
    profiles: Mapping[str, Sequence[object] | ArrayLike],
    ratings: ArrayLike,
    confidence: float = 0.95,
) -> ConjointRatings:
    """Part-worths by least squares, main effects only.

    profiles: the level of each attribute in each offer, one entry an offer. ratings: one number an offer, or
    respondents x offers; higher is better (turn ranks round first). confidence: of the intervals.
    Not for interactions: an offer is worth the sum of its levels here.
    Raises ArgumentError for an attribute with one level, NotEnoughData where the offers cannot tell the
    levels apart.

    >>> result = conjoint_ratings(profiles={"seat": ["soft", "hard", "soft", "hard"], "wait": [1, 1, 2, 2]},
    ...                           ratings=[9, 7, 4, 2])
    >>> [round(one, 4) for one in result.part_worths["seat"]], round(result.importance["wait"], 4)
    ([-1.0, 1.0], 0.7143)
    """
    confidence = fraction("confidence", confidence)
    levels, design, owner = _effects(profiles)
    rated = np.atleast_2d(real_array("ratings", ratings))
    if rated.ndim != 2 or rated.shape[1] != len(design):
        raise ArgumentError(
            f"ratings must have one number for each of {len(design)} offers; got shape {rated.shape}"
        )
    full = np.column_stack([np.ones(len(design)), design])
    if np.linalg.matrix_rank(full) < full.shape[1]:
        raise NotEnoughData(
            f"{len(design)} offers cannot tell apart {full.shape[1]} part-worths: offer more or vary levels "
            f"independently"
        )
    inverse = np.linalg.inv(full.T @ full)
    to_levels = _to_levels(levels)
    each = rated @ full @ inverse @ to_levels.T
    average = each.mean(axis=0)
    spread = _standard_errors(rated, full, inverse, to_levels, each)
    names = tuple(levels)
    half = None
    if spread is not None:
        se, df = spread
        half = special.stdtrit(df, (1 + confidence) / 2) * se
    ranges = np.column_stack([np.ptp(each[:, 1:][:, owner == index], axis=1) for index in range(len(names))])
    moved = ranges.sum(axis=1) > 1e-9 * max(1.0, float(np.abs(rated).max()))
    own = ranges[moved] / ranges[moved].sum(axis=1, keepdims=True)
    return ConjointRatings(
        levels=levels,
        intercept=float(average[0]),
        part_worths=_by_attribute(names, owner, average[1:]),
        low=None if half is None else _by_attribute(names, owner, (average - half)[1:]),
        high=None if half is None else _by_attribute(names, owner, (average + half)[1:]),
        individual={name: each[:, 1:][:, owner == index] for index, name in enumerate(names)},
        importance=_importance(names, owner, average[1:], float(np.abs(rated).max())),
        importance_individual=dict(zip(names, own.mean(axis=0).tolist(), strict=True)) if moved.any() else None,
        r2=_r2(rated.mean(axis=0), full),
        respondents=len(rated),
        flat=int(np.count_nonzero(~moved)),
        confidence=confidence,
    )


def _effects(
    profiles: Mapping[str, Sequence[object] | ArrayLike],
) -> tuple[dict[str, tuple[str, ...]], Floats, Whole]:
    """Levels by attribute, effect-coded columns (the last level is minus one in all), and each level's
    attribute.
    """
    if not profiles:
        raise NotEnoughData("profiles is empty: name at least one attribute")
    levels: dict[str, tuple[str, ...]] = {}
    columns: list[Floats] = []
    for name, given in profiles.items():
        # Numbers sort as numbers and words as words, as in R's factor.
        found, index = np.unique(np.asarray(given), return_inverse=True)
        if found.size < 2:
            raise ArgumentError(f"profiles[{name}] must have at least 2 levels; got {found.tolist()}")
        levels[str(name)] = tuple(str(one) for one in found)
        columns.append(np.vstack([np.eye(found.size - 1), -np.ones(found.size - 1)])[index])
    same_length(**dict(zip(levels, columns, strict=True)))
    owner = np.repeat(np.arange(len(levels)), [len(one) for one in levels.values()])
    return levels, np.hstack(columns), owner


def _to_levels(levels: Mapping[str, tuple[str, ...]]) -> Floats:
    """The matrix from coefficients (intercept first) to intercept and one part-worth a level."""
    sizes = [len(one) for one in levels.values()]
    matrix = np.zeros((1 + sum(sizes), 1 + sum(size - 1 for size in sizes)))
    matrix[0, 0] = 1
    row, column = 1, 1
    for size in sizes:
        matrix[row : row + size, column : column + size - 1] = np.vstack([np.eye(size - 1), -np.ones(size - 1)])
        row, column = row + size, column + size - 1
    return matrix


def _standard_errors(
    rated: Floats, full: Floats, inverse: Floats, to_levels: Floats, each: Floats
) -> tuple[Floats, int] | None:
    respondents, offers = rated.shape
    if respondents > 1:
        return each.std(axis=0, ddof=1) / np.sqrt(respondents), respondents - 1
    df = offers - full.shape[1]
    if df == 0:
        return None
    residual = rated[0] - full @ inverse @ full.T @ rated[0]
    covariance = to_levels @ inverse @ to_levels.T * float(residual @ residual) / df
    return np.sqrt(np.diag(covariance)), df


def _by_attribute(names: tuple[str, ...], owner: Whole, values: Floats) -> dict[str, tuple[float, ...]]:
    return {name: tuple(values[owner == index].tolist()) for index, name in enumerate(names)}


def _importance(names: tuple[str, ...], owner: Whole, part_worths: Floats, size: float) -> dict[str, float] | None:
    ranges = np.array([np.ptp(part_worths[owner == index]) for index in range(len(names))])
    total = float(ranges.sum())
    if total <= 1e-9 * max(1.0, size):
        return None
    return dict(zip(names, (ranges / total).tolist(), strict=True))


def _r2(average: Floats, full: Floats) -> float | None:
    around = float(np.sum((average - average.mean()) ** 2))
    if around <= 1e-12 * max(1.0, float(np.abs(average).max()) ** 2):
        return None
    fitted = full @ np.linalg.lstsq(full, average)[0]
    return 1 - float(np.sum((average - fitted) ** 2)) / around
