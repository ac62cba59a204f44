"""Do coders agree, with missing codes and ordered categories: Krippendorff's alpha.

Question: do several people who coded comments (not each all of them) mean the same, when near misses count less?
Used by: step 3 (agreement between coders).
Source: K. Krippendorff, Content Analysis, 4th edition (2018), chapter 12.
Checked against: Krippendorff's own example and R's package irr (tests/reference).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, one_of

Level = Literal["nominal", "ordinal", "interval", "ratio"]
LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval", "ratio")


@dataclass(frozen=True, slots=True)
class KrippendorffAlpha:
    """Agreement of several raters. pairable: codes in units with two or more; observed, expected: disagreement."""

    raters: int
    units: int
    pairable: int
    values: tuple[float, ...]
    level: Level
    observed: float
    expected: float
    alpha: float

    def describe(self) -> str:
        """One sentence with the caveat."""
        return (
            f"Krippendorff's alpha of {self.raters} raters over {self.units} units is {self.alpha:.2f} "
            f"({self.level}); 0.80 is the "
            "usual bar and 0.667 the lowest for tentative conclusions. No interval is given."
        )


def krippendorff_alpha(*, ratings: ArrayLike, level: Level = "nominal") -> KrippendorffAlpha:
    """Krippendorff's alpha from numeric codes.

    ratings: raters by units; a missing code is None or NaN. level: "nominal" (categories as numbers),
    "ordinal", "interval", or "ratio" (values of at least 0).
    Raises ArgumentError for other than numbers, NotEnoughData where no unit has two codes, or all codes are equal.

    >>> round(krippendorff_alpha(ratings=[[1, 2, 3, None], [1, 2, 4, 4], [1, 2, 3, 4]], level="nominal").alpha, 3)
    0.778
    """
    one_of("level", level, LEVELS)
    try:
        codes = np.asarray(ratings, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"ratings must hold numbers or None; got {ratings!r:.80}") from error
    if codes.ndim != 2 or np.isinf(codes).any():
        raise ArgumentError(f"ratings must be raters by units, finite or None; got shape {codes.shape}")
    if level == "ratio" and np.nanmin(codes) < 0:
        raise ArgumentError(f"level 'ratio' needs codes of at least 0; got {np.nanmin(codes):g}")
    paired = codes[:, (~np.isnan(codes)).sum(axis=0) >= 2]
    if paired.size == 0:
        raise NotEnoughData("ratings have no unit that at least two raters coded")
    coincidences, values = _coincidences(paired)
    frequency = coincidences.sum(axis=1)
    total = float(frequency.sum())
    distance = _distance(values, frequency, level)
    observed = float((coincidences * distance).sum() / total)
    expected = float(frequency @ distance @ frequency / (total * (total - 1)))
    if expected == 0:
        raise NotEnoughData(f"all codes are {values[0]:g}: without any variation agreement is undefined")
    return KrippendorffAlpha(
        raters=codes.shape[0],
        units=paired.shape[1],
        pairable=round(total),
        values=tuple(values.tolist()),
        level=level,
        observed=observed,
        expected=expected,
        alpha=1 - observed / expected,
    )


def _coincidences(codes: Floats) -> tuple[Floats, Floats]:
    """How often each pair of values meets within a unit, each unit counting by its number of codes."""
    present = ~np.isnan(codes)
    values, at = np.unique(codes[present], return_inverse=True)
    unit = np.nonzero(present)[1]
    counts = np.zeros((codes.shape[1], values.size))
    np.add.at(counts, (unit, at), 1)
    weight = 1 / (counts.sum(axis=1) - 1)
    together = (counts * weight[:, None]).T @ counts
    return together - np.diag(weight @ counts), values


def _distance(values: Floats, frequency: Floats, level: Level) -> Floats:
    if level == "nominal":
        return 1 - np.eye(values.size)
    if level == "ordinal":
        # The ranks between two values, each end counted half.
        middle = np.cumsum(frequency) - frequency / 2
        return np.asarray((middle[:, None] - middle[None, :]) ** 2)
    apart = values[:, None] - values[None, :]
    if level == "interval":
        return np.asarray(apart**2)
    both = values[:, None] + values[None, :]
    return np.asarray(np.where(both > 0, apart / np.where(both > 0, both, 1.0), 0.0) ** 2)
