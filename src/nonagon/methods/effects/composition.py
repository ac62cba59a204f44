"""Did satisfaction rise, or did the unhappy leave: a change set apart from who was asked.

Question: of the change in the mean score between two waves, how much is from customers who changed their
mind, and how much from who left and who joined?
Used by: step 9 (effect of each improvement, adjusted for who left).
Source: E. M. Kitagawa, JASA 50 (1955), 1168-1194 (components of a difference); D. B. Rubin (1976) and C. F.
Manski (1990) for the bound that needs no assumption on the missing.
Checked against: the parts add up to the whole (tests), coverage by simulation.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, fraction, real_array, same_length


@dataclass(frozen=True, slots=True)
class CompositionAdjustedChange:
    """A change between two waves, in parts.

    raw: mean of all in the second wave minus mean of all in the first; stayers: mean change of those asked in
    both, with low, high; by_leaving: what raw gains from the leavers' being gone; by_joining: from the
    joiners' being new (raw = stayers + by_leaving + by_joining). at_worst: change if every leaver had come to
    the lowest score; n_stayers, n_leavers, n_joiners.
    """

    raw: float
    stayers: float
    low: float
    high: float
    by_leaving: float
    by_joining: float
    at_worst: float
    n_stayers: int
    n_leavers: int
    n_joiners: int
    confidence: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        return (
            f"The mean moved by {self.raw:+.2f}, of which {self.stayers:+.2f} ({self.low:+.2f} to "
            f"{self.high:+.2f} with "
            f"{self.confidence:.0%} confidence) among the {self.n_stayers} who stayed, "
            f"{self.by_leaving:+.2f} because "
            f"{self.n_leavers} left and {self.by_joining:+.2f} because {self.n_joiners} joined; had all who "
            "left fallen to "
            f"the lowest score, {self.at_worst:+.2f}."
        )


def composition_adjusted_change(
    *,
    stayers_before: ArrayLike,
    stayers_after: ArrayLike,
    leavers_before: ArrayLike,
    joiners_after: ArrayLike,
    lowest: float,
    confidence: float = 0.95,
) -> CompositionAdjustedChange:
    """Change of a mean score, apart from who left and who joined.

    stayers_before, stayers_after: scores of the m customers asked in both waves, in the same order, m at
    least 2. leavers_before: scores in the first wave of those who were no customers (or gave no answer) in
    the second; may be empty. joiners_after: scores of those new in the second; may be empty. lowest: of the
    scale, for the worst case.
    Assumes for its main figure that leavers would have changed as stayers did; the worst case assumes
    nothing.

    >>> change = composition_adjusted_change(stayers_before=[7, 8, 9], stayers_after=[7, 8, 9],
    ...                                      leavers_before=[2, 3], joiners_after=[], lowest=0)
    >>> round(change.raw, 2), change.stayers, round(change.by_leaving, 2)
    (2.2, 0.0, 2.2)
    """
    fraction("confidence", confidence)
    before = real_array("stayers_before", stayers_before, ndim=1)
    after = real_array("stayers_after", stayers_after, ndim=1)
    left = real_array("leavers_before", leavers_before, ndim=1, least=0)
    joined = real_array("joiners_after", joiners_after, ndim=1, least=0)
    m = same_length(stayers_before=before, stayers_after=after)
    if m < 2:
        raise NotEnoughData(f"stayers_before must hold at least 2 customers asked in both waves; got {m}")
    smallest = float(np.concatenate([before, after, left, joined]).min())
    if smallest < lowest:
        raise ArgumentError(f"lowest must be at most every score (the smallest is {smallest:g}); got {lowest!r}")
    each = after - before
    change = float(each.mean())
    half = float(special.stdtrit(m - 1, (1 + confidence) / 2) * each.std(ddof=1) / np.sqrt(m))
    first_all, second_all = np.concatenate([before, left]), np.concatenate([after, joined])
    worst_second = np.concatenate([after, np.full(len(left), lowest)])
    return CompositionAdjustedChange(
        raw=float(second_all.mean() - first_all.mean()),
        stayers=change,
        low=change - half,
        high=change + half,
        by_leaving=float(before.mean() - first_all.mean()),
        by_joining=float(second_all.mean() - after.mean()),
        at_worst=float(worst_second.mean() - first_all.mean()),
        n_stayers=m,
        n_leavers=len(left),
        n_joiners=len(joined),
        confidence=confidence,
    )


@dataclass(frozen=True, slots=True)
class StandardisedChange:
    """A change between two waves of different people, at one and the same mix of classes.

    raw: change of the plain means; change: at the mix `share`, with se, low, high; by_mix: raw minus change.
    """

    raw: float
    change: float
    se: float
    low: float
    high: float
    by_mix: float
    share: Floats
    confidence: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        return (
            f"The mean moved by {self.raw:+.2f}; at an unchanged mix of classes by {self.change:+.2f} "
            f"({self.low:+.2f} to "
            f"{self.high:+.2f} with {self.confidence:.0%} confidence), so {self.by_mix:+.2f} came from who "
            "was asked, as far "
            f"as the classes tell."
        )


def standardised_change(
    *,
    before_mean: ArrayLike,
    before_sd: ArrayLike,
    before_n: ArrayLike,
    after_mean: ArrayLike,
    after_sd: ArrayLike,
    after_n: ArrayLike,
    share: ArrayLike | None = None,
    confidence: float = 0.95,
) -> StandardisedChange:
    """Change of a mean score between two waves at the same mix of k classes.

    before_mean, before_sd, before_n, after_mean, after_sd, after_n: k each: mean, standard deviation (at
    least 0) and number of answers (at least 2) of each class in each wave. share: mix of the classes (at
    least 0; put to sum 1), or None for that of the first wave. Assumes random samples within classes; classes
    that matter for who leaves must be among them.

    >>> change = standardised_change(before_mean=[5, 8], before_sd=[1, 1], before_n=[50, 50],
    ...                              after_mean=[5, 8], after_sd=[1, 1], after_n=[20, 80])
    >>> round(change.raw, 2), change.change
    (0.9, 0.0)
    """
    fraction("confidence", confidence)
    given = {
        "before_mean": before_mean,
        "before_sd": before_sd,
        "before_n": before_n,
        "after_mean": after_mean,
        "after_sd": after_sd,
        "after_n": after_n,
    }
    cells = {name: real_array(name, values, ndim=1) for name, values in given.items()}
    same_length(**cells)
    for name in ("before_sd", "after_sd"):
        if np.any(cells[name] < 0):
            raise ArgumentError(f"{name} must be at least 0; got {cells[name].min():g}")
    for name in ("before_n", "after_n"):
        if np.any(cells[name] < 2):
            raise NotEnoughData(f"{name} must be at least 2 answers in every class; got {cells[name].min():g}")
    mix = cells["before_n"] if share is None else real_array("share", share, ndim=1)
    same_length(before_mean=cells["before_mean"], share=mix)
    if np.any(mix < 0) or not mix.sum() > 0:
        raise ArgumentError(f"share must be at least 0 and not all 0; got {mix.tolist()}")
    mix = mix / mix.sum()
    change = float(mix @ (cells["after_mean"] - cells["before_mean"]))
    parts = np.concatenate(
        [mix**2 * cells[f"{wave}_sd"] ** 2 / cells[f"{wave}_n"] for wave in ("before", "after")]
    )
    counts = np.concatenate([cells["before_n"], cells["after_n"]])
    se = float(np.sqrt(parts.sum()))
    freedom = float(parts.sum() ** 2 / np.sum(parts**2 / (counts - 1))) if se > 0 else float(counts.sum())
    half = float(special.stdtrit(freedom, (1 + confidence) / 2)) * se
    raw = float(
        np.average(cells["after_mean"], weights=cells["after_n"])
        - np.average(cells["before_mean"], weights=cells["before_n"])
    )
    return StandardisedChange(raw, change, se, change - half, change + half, raw - change, mix, confidence)
