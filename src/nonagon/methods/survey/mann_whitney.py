"""Do customers here tend to answer higher than there: the rank sum test for ordinal answers.

Question: is a randomly chosen answer of one group higher than one of the other more often than by chance?
Used by: steps 2, 3 and 9 for rating scales whose steps are not equally wide.
Source: H. B. Mann, D. R. Whitney, Annals of Mathematical Statistics 18 (1947), 50-60; F. Wilcoxon, Biometrics
Bulletin 1 (1945), 80-83.
Checked against: R's wilcox.test (tests/reference) and a count over all arrangements.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, one_of, real_array

RankTest = Literal["auto", "exact", "normal"]
# As R: exact below this number of answers in both groups, when no two answers are equal.
EXACT_BELOW = 50


@dataclass(frozen=True, slots=True)
class MannWhitney:
    """Rank sum test of a against b.

    w: pairs in which a's answer is higher, ties counted half; superiority: w / (n_a n_b), the chance that a
    random answer of a is higher than one of b (ties half); z: the normal score, None for the exact test; p:
    two-sided.
    """

    n_a: int
    n_b: int
    w: float
    superiority: float
    z: float | None
    p: float
    ties: bool
    test: RankTest
    continuity: bool

    def describe(self) -> str:
        """One sentence with the caveat."""
        verdict = "a difference was shown" if self.p < 0.05 else "no difference was shown"
        return (
            f"A random answer of the first group is higher than one of the second in {self.superiority:.0%} of "
            "pairs "
            f"(p {self.p:.3g}): {verdict} at the 5 % level, if both are independent random samples."
        )


def mann_whitney(*, a: ArrayLike, b: ArrayLike, test: RankTest = "auto", continuity: bool = True) -> MannWhitney:
    """Wilcoxon's rank sum test (Mann and Whitney's U).

    a, b: one-dimensional, at least one finite number each. test: "exact" counts all arrangements (only without
    ties), "normal" uses the normal approximation with ties' correction, "auto" as R does: exact below 50
    answers each and without ties. continuity: whether the normal approximation moves by one half towards the
    middle.
    Assumes independent answers in two independent groups; tests a shift only if both spread alike.
    Raises ArgumentError for "exact" with ties, NotEnoughData for an empty group or when all answers are equal.

    >>> result = mann_whitney(a=[1.1, 2.2, 3.3], b=[4.4, 5.5, 6.6])
    >>> result.w, round(result.p, 3)
    (0.0, 0.1)
    """
    one_of("test", test, ("auto", "exact", "normal"))
    first, second = real_array("a", a, ndim=1), real_array("b", b, ndim=1)
    n_a, n_b = first.size, second.size
    _, at, times = np.unique(np.concatenate([first, second]), return_inverse=True, return_counts=True)
    if times.size == 1:
        raise NotEnoughData(
            "a and b: all answers are equal, so ranks tell nothing; show the two groups without a test"
        )
    ranks = (np.cumsum(times) - (times - 1) / 2)[at]
    w = float(ranks[:n_a].sum() - n_a * (n_a + 1) / 2)
    ties = bool(np.any(times > 1))
    if test == "exact" and ties:
        raise ArgumentError("test 'exact' needs answers that all differ; a and b hold ties: use 'normal'")
    exact = test == "exact" or (test == "auto" and not ties and max(n_a, n_b) < EXACT_BELOW)
    z = None if exact else _score(w, n_a, n_b, times.astype(np.float64), continuity)
    return MannWhitney(
        n_a=n_a,
        n_b=n_b,
        w=w,
        superiority=w / (n_a * n_b),
        z=z,
        p=_exact_p(w, n_a, n_b) if z is None else min(1.0, 2 * float(special.ndtr(-abs(z)))),
        ties=ties,
        test="exact" if exact else "normal",
        continuity=continuity and not exact,
    )


def _score(w: float, n_a: int, n_b: int, times: Floats, continuity: bool) -> float:
    total = n_a + n_b
    away = w - n_a * n_b / 2
    if continuity:
        away -= np.sign(away) * 0.5
    shared = float((times**3 - times).sum()) / (total * (total - 1))
    return float(away / np.sqrt(n_a * n_b / 12 * (total + 1 - shared)))


def _exact_p(w: float, n_a: int, n_b: int) -> float:
    """Two-sided p from the number of arrangements with each rank sum."""
    # ways[k, s]: choices of k of the ranks seen so far whose sum above the least possible is s.
    ways = np.zeros((n_a + 1, n_a * n_b + 1))
    ways[0, 0] = 1.0
    for rank in range(n_a + n_b):
        for chosen in range(min(rank + 1, n_a), 0, -1):
            shift = rank - (chosen - 1)
            if shift <= n_a * n_b:
                ways[chosen, shift:] += ways[chosen - 1, : ways.shape[1] - shift]
    share = ways[n_a] / ways[n_a].sum()
    at = round(w)
    tail = share[at:].sum() if w > n_a * n_b / 2 else share[: at + 1].sum()
    return min(1.0, 2 * float(tail))
