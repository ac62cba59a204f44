"""How satisfied are customers on a rating scale: top box, bottom box and mean from counts.

Question: which share gave one of the best answers, which share one of the worst, and what is the mean?
Used by: steps 3, 8 and 9.
Source: common practice in satisfaction research; the 0-100 score rescales the mean as the American Customer
Satisfaction Index does (C. Fornell et al., Journal of Marketing 60 (1996), 7-18).
Checked against: R's base arithmetic (tests/reference).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, real_array
from nonagon.methods.survey.proportion import Interval, Proportion, proportion


@dataclass(frozen=True, slots=True)
class CsatTopBox:
    """Satisfaction on a scale 1..k.

    counts: answers 1, 2, ..., k; boxes: how many answers count as top (and as bottom); top, bottom: their
    shares with intervals; mean: on the scale 1..k; sd: with divisor n - 1, None for a single answer;
    score: the mean moved to 0..100.
    """

    counts: Floats
    boxes: int
    n: float
    top: Proportion
    bottom: Proportion
    mean: float
    sd: float | None
    score: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        return (
            f"{self.top.p:.1%} of {self.n:g} customers gave one of the best {self.boxes} answers of "
            f"{len(self.counts)} "
            f"({self.top.confidence:.0%} interval {self.top.low:.1%} to {self.top.high:.1%}), "
            f"{self.bottom.p:.1%} one of the "
            f"worst {self.boxes}; the mean is {self.mean:.2f}, if those who answered are a random sample."
        )


def csat_top_box(
    *, counts: ArrayLike, boxes: int = 2, confidence: float = 0.95, interval: Interval = "wilson"
) -> CsatTopBox:
    """Top and bottom box shares, mean and 0-100 score from counts of the answers 1..k.

    counts: how many gave 1, 2, ..., k (the best last), k at least 2, each at least 0; boxes: how many answers
    count as top, at least 1 and at most k / 2; confidence, interval: as in `proportion`.
    Assumes independent answers from a random sample. The mean takes the scale's steps as equally wide.
    Raises ArgumentError for a value outside its range, NotEnoughData without an answer.

    >>> result = csat_top_box(counts=[14, 22, 61, 180, 123])
    >>> result.top.p, round(result.mean, 2), round(result.score, 1)
    (0.7575, 3.94, 73.5)
    """
    numbers = real_array("counts", counts, ndim=1)
    k = len(numbers)
    if k < 2:
        raise ArgumentError(f"counts must cover a scale of at least 2 answers; got {k}")
    if np.any(numbers < 0):
        raise ArgumentError(f"counts must be at least 0; got {numbers.min():g}")
    if not 1 <= boxes <= k / 2:
        raise ArgumentError(f"boxes must lie from 1 to half the scale ({k // 2}); got {boxes!r}")
    n = float(numbers.sum())
    if n == 0:
        raise NotEnoughData("counts are all 0: satisfaction needs at least one answer")
    points = np.arange(1, k + 1)
    mean = float((numbers * points).sum() / n)
    squares = float((numbers * (points - mean) ** 2).sum())
    return CsatTopBox(
        counts=numbers,
        boxes=boxes,
        n=n,
        top=proportion(x=float(numbers[-boxes:].sum()), n=n, confidence=confidence, interval=interval),
        bottom=proportion(x=float(numbers[:boxes].sum()), n=n, confidence=confidence, interval=interval),
        mean=mean,
        sd=float(np.sqrt(squares / (n - 1))) if n > 1 else None,
        score=100 * (mean - 1) / (k - 1),
    )
