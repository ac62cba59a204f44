"""Recency, frequency, monetary value: who bought lately, often and much.

Question: which customers are the best by what they did, and which were good and fell silent?
Used by: steps 1 and 8.
Source: A. M. Hughes, "Strategic Database Marketing", 1994 (quintile scores); R. J. Hyndman and Y. Fan,
American Statistician 50 (1996), 361-365 (quantiles).
Checked against: R's dplyr::ntile (tests/reference). The variants differ only where values tie or where the
number of customers is not a multiple of the number of groups; the result names the one used.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, at_least, one_of, real_array, same_length

Convention = Literal["ties_together", "ntile", "quantile_left", "quantile_right"]
CONVENTIONS: tuple[Convention, ...] = ("ties_together", "ntile", "quantile_left", "quantile_right")
Scores = NDArray[np.int64]

# The first rule that fits names the segment; scores are scaled so that 1 is the top group and 0 the bottom.
_SEGMENTS: tuple[tuple[str, Callable[[Floats, Floats], NDArray[np.bool_]]], ...] = (
    ("champions", lambda r, fm: (r >= 0.75) & (fm >= 0.75)),
    ("loyal", lambda r, fm: (r >= 0.5) & (fm >= 0.5)),
    ("new or promising", lambda r, fm: (r >= 0.75) & (fm < 0.5)),
    ("needs attention", lambda r, fm: (r >= 0.5) & (fm < 0.5)),
    ("at risk", lambda r, fm: (r < 0.5) & (fm >= 0.5)),
    ("sleeping", lambda r, fm: (r < 0.5) & (fm < 0.5)),
)
SEGMENTS: tuple[str, ...] = tuple(name for name, _ in _SEGMENTS)


@dataclass(frozen=True, slots=True)
class Rfm:
    """Scores of each customer, in the order given.

    recency, frequency, monetary: scores from 1 (worst) to `groups` (best); the recency score is high for a
    customer who bought lately. segment: a name from SEGMENTS for each customer. convention: how ties and
    uneven groups were handled.
    """

    recency: Scores
    frequency: Scores
    monetary: Scores
    segment: NDArray[np.str_]
    groups: int
    convention: Convention

    @property
    def combined(self) -> Scores:
        """The three scores as one number, such as 543 (recency first)."""
        base = 10 if self.groups < 10 else 100
        return (self.recency * base + self.frequency) * base + self.monetary

    def segment_counts(self) -> dict[str, int]:
        """How many customers each segment has, in the order of SEGMENTS.

        >>> few = rfm(recency_days=[1, 400], frequency=[9, 1], monetary=[50, 5], groups=2)
        >>> few.segment_counts()["champions"]
        1
        """
        return {name: int(np.count_nonzero(self.segment == name)) for name in SEGMENTS}

    def describe(self) -> str:
        """One sentence with the size of the best segment and its caveat."""
        n = len(self.recency)
        best = self.segment_counts()["champions"]
        return (
            f"{best} of {n} customers ({best / n:.1%}) bought lately, often and much; scores rank these customers "
            f"against each other in {self.groups} groups (convention {self.convention}), so they say nothing of "
            "how good the whole base is."
        )


def rfm(
    *,
    recency_days: ArrayLike,
    frequency: ArrayLike,
    monetary: ArrayLike,
    groups: int = 5,
    convention: Convention = "ties_together",
    tie_break: ArrayLike | None = None,
) -> Rfm:
    """Scores of recency, frequency and monetary value, with a segment for each customer.

    recency_days: days since the last purchase, one a customer, 0 or more; low is good. frequency: number of
    purchases, 0 or more. monetary: amount spent, in one currency; net refunds may make it negative.
    groups: number of score groups, 2 to 99 (5 makes quintiles). convention: see `score_groups`.
    tie_break: used by "ntile" only: among equal values the lower comes first; by default the order given.
    Not for comparing two periods: scores are ranks within these customers.
    Raises ArgumentError for unequal lengths or values outside their range, NotEnoughData without customers.

    >>> result = rfm(recency_days=[5, 40, 300], frequency=[9, 4, 1], monetary=[900, 100, 20], groups=3)
    >>> result.combined.tolist()
    [333, 222, 111]
    >>> result.segment.tolist()
    ['champions', 'loyal', 'sleeping']
    """
    days = real_array("recency_days", recency_days, ndim=1)
    counts = real_array("frequency", frequency, ndim=1)
    amounts = real_array("monetary", monetary, ndim=1)
    same_length(recency_days=days, frequency=counts, monetary=amounts)
    at_least("recency_days", float(days.min()), 0)
    at_least("frequency", float(counts.min()), 0)
    r, f, m = (
        score_groups(values=values, groups=groups, convention=convention, tie_break=tie_break)
        for values in (-days, counts, amounts)
    )
    return Rfm(
        recency=r,
        frequency=f,
        monetary=m,
        segment=_segments(r, f, m, groups),
        groups=groups,
        convention=convention,
    )


def score_groups(
    *,
    values: ArrayLike,
    groups: int = 5,
    convention: Convention = "ties_together",
    tie_break: ArrayLike | None = None,
) -> Scores:
    """The group of each value, 1 (lowest) to `groups` (highest).

    values: any finite numbers. convention:
    "ties_together" puts a value into group 1 + floor(groups * share of values strictly below it), so equal
    customers get equal scores; "ntile" (dplyr, SQL) makes groups of equal size by rank, the larger groups
    first, and parts ties by `tie_break`, else by order; "quantile_left" cuts at type-7 quantiles and puts a
    value that lies on a cut into the group above; "quantile_right" into the group below.
    Raises ArgumentError for groups outside 2 to 99.

    >>> score_groups(values=[1, 1, 1, 2, 9], groups=5).tolist()
    [1, 1, 1, 4, 5]
    >>> score_groups(values=[1, 1, 1, 2, 9], groups=5, convention="ntile").tolist()
    [1, 2, 3, 4, 5]
    """
    array = real_array("values", values, ndim=1)
    one_of("convention", convention, CONVENTIONS)
    if not 2 <= groups <= 99:
        raise ArgumentError(f"groups must be a whole number from 2 to 99; got {groups!r}")
    if convention == "ntile":
        return _ntile(array, groups, tie_break)
    if convention == "ties_together":
        below = np.searchsorted(np.sort(array), array, side="left")
        return (1 + groups * below // array.size).astype(np.int64)
    cuts = np.quantile(array, np.arange(1, groups) / groups)
    side: Literal["left", "right"] = "right" if convention == "quantile_left" else "left"
    return (1 + np.searchsorted(cuts, array, side=side)).astype(np.int64)


def _ntile(array: Floats, groups: int, tie_break: ArrayLike | None) -> Scores:
    second = np.arange(array.size, dtype=np.float64) if tie_break is None else real_array("tie_break", tie_break)
    same_length(values=array, tie_break=second)
    order = np.lexsort((second, array))
    size, larger = divmod(array.size, groups)
    sizes = np.full(groups, size)
    sizes[:larger] += 1
    scores = np.empty(array.size, dtype=np.int64)
    scores[order] = np.repeat(np.arange(1, groups + 1), sizes)
    return scores


def _segments(r: Scores, f: Scores, m: Scores, groups: int) -> NDArray[np.str_]:
    recency = (r - 1) / (groups - 1)
    value = (f + m - 2) / (2 * (groups - 1))
    first_that_fits = np.argmax([fits(recency, value) for _, fits in _SEGMENTS], axis=0)
    named: NDArray[np.str_] = np.array(SEGMENTS)[first_that_fits]
    return named
