"""Kano classes: which needs delight, which disappoint, which are taken for granted.

Question: what kind of need is this, and how much does serving it raise satisfaction?
Used by: steps 3 and 5.
Source: N. Kano et al., Hinshitsu 14 (1984), 39-48; C. Berger et al., Center for Quality of Management Journal
2 (1993), 3-36 (better and worse; D. DuMouchel's continuous scores; D. Walden's rule); D. Fong, same journal 5
(1996), 21-23 (ambiguity); M. Lee, J. Newcomb, Research in Engineering Design 9 (1997) (category strength).
Checked against: R (tests/reference).

Letters: A attractive, O one-dimensional (performance), M must-be, I indifferent, R reverse, Q questionable.
Answers: 1 I like it, 2 I expect it, 3 I am neutral, 4 I can live with it, 5 I dislike it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import at_least, fraction, real_array, same_length
from nonagon.methods.survey.proportion import proportion

Category = Literal["A", "O", "M", "I", "R", "Q"]
CATEGORIES: tuple[Category, ...] = ("A", "O", "M", "I", "R", "Q")
NAMES: dict[str, str] = {
    "A": "attractive",
    "O": "one-dimensional",
    "M": "must-be",
    "I": "indifferent",
    "R": "reverse",
    "Q": "questionable",
}
# Where counts tie, the class whose neglect costs most wins (Berger et al. 1993).
_TIE_ORDER: tuple[Category, ...] = ("M", "O", "A", "I", "R", "Q")
# Rows: answer to "if it is there", 1 to 5; columns: answer to "if it is missing", 1 to 5.
EVALUATION_TABLE: tuple[str, ...] = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")
# The scores of DuMouchel: harsh answers count double, since mild ones say less.
_FUNCTIONAL_SCORE = np.array([4.0, 2.0, 0.0, -1.0, -2.0])
_DYSFUNCTIONAL_SCORE = np.array([-2.0, -1.0, 0.0, 2.0, 4.0])


@dataclass(frozen=True, slots=True)
class Kano:
    """What the answers to one need say; all shares are fractions of one.

    counts: answers by letter. n: all answers. category: the most frequent letter, ties by M, O, A, I, R, Q.
    walden_category: the most frequent of A, O, M where these together outnumber I, R, Q, else of those.
    better: rise in satisfaction where the need is served, (A + O) / (A + O + M + I), 0 to 1; worse: fall where
    it is not, -(O + M) / (A + O + M + I), -1 to 0; both None where nobody chose A, O, M or I. Their intervals
    are Wilson's at `confidence`. total_strength: share of A, O and M. category_strength: share of the most
    frequent less that of the second letter. ambiguous: the two most frequent letters cannot be told apart
    (Fong); ambiguity_threshold: the difference in counts it takes.
    """

    counts: dict[str, float]
    n: float
    category: Category
    walden_category: Category
    better: float | None
    better_interval: tuple[float, float] | None
    worse: float | None
    worse_interval: tuple[float, float] | None
    total_strength: float
    category_strength: float
    ambiguous: bool
    ambiguity_threshold: float
    second: Category
    confidence: float

    def describe(self) -> str:
        """One sentence with the class, its intervals and caveat."""
        kind = f"The need is {NAMES[self.category]}"
        if self.ambiguous:
            kind = (
                f"The need may be {NAMES[self.category]} or {NAMES[self.second]}: {self.n:g} answers cannot tell"
            )
        if self.better is None or self.worse is None or not self.better_interval or not self.worse_interval:
            return f"{kind}; nobody gave an answer from which its effect on satisfaction could be read."
        (low, high), (worst, least) = self.better_interval, self.worse_interval
        return (
            f"{kind}; serving it raises satisfaction by {self.better:.2f} ({low:.2f} to {high:.2f}), "
            f"neglecting "
            f"it moves it by {self.worse:.2f} ({worst:.2f} to {least:.2f}), on a scale of one and at "
            f"{self.confidence:.0%} confidence, if the {self.n:g} answers are a random sample."
        )


def kano(*, counts: Mapping[str, float], confidence: float = 0.95) -> Kano:
    """The Kano class of one need from the counts of its letters.

    counts: number of answers (or percent, or weighted numbers) by letter A, O, M, I, R, Q; letters left out
    count zero. With percent the intervals and the ambiguity test read them as if 100 people had answered.
    confidence: of the intervals of better and worse.
    Raises ArgumentError for an unknown letter or a negative count, NotEnoughData without answers.

    >>> result = kano(counts={"A": 42, "O": 31, "M": 12, "I": 10, "R": 3, "Q": 2})
    >>> result.category, round(result.better, 3), round(result.worse, 3), result.ambiguous
    ('A', 0.768, -0.453, True)
    """
    confidence = fraction("confidence", confidence)
    numbers = _counts(counts)
    n = sum(numbers.values())
    ranked = sorted(_TIE_ORDER, key=lambda letter: -numbers[letter])
    first, second = ranked[0], ranked[1]
    threshold, ambiguous = kano_ambiguity(a=numbers[first], b=numbers[second], n=n)
    a, o, m, i = (numbers[letter] for letter in "AOMI")
    served, better_interval = _share(a + o, a + o + m + i, confidence)
    missed, missed_interval = _share(o + m, a + o + m + i, confidence)
    return Kano(
        counts=numbers,
        n=n,
        category=first,
        walden_category=_walden(numbers),
        better=served,
        better_interval=better_interval,
        worse=None if missed is None else -missed,
        worse_interval=None if missed_interval is None else (-missed_interval[1], -missed_interval[0]),
        total_strength=(a + o + m) / n,
        category_strength=(numbers[first] - numbers[second]) / n,
        ambiguous=ambiguous,
        ambiguity_threshold=threshold,
        second=second,
        confidence=confidence,
    )


def kano_categories(
    *, functional: ArrayLike, dysfunctional: ArrayLike, table: Sequence[Sequence[str]] = EVALUATION_TABLE
) -> NDArray[np.str_]:
    """The letter of each pair of answers.

    functional, dysfunctional: answers from 1 (like) to 5 (dislike) to "if it is there" and "if it is
    missing", of the same shape (respondents, or respondents x needs). table: five rows of five letters; the
    default is the table of Berger et al.; Pouliot's has Q instead of I where both answers are 2 or both are 4.
    Raises ArgumentError for answers other than 1 to 5 or a table of another shape.

    >>> "".join(kano_categories(functional=[1, 2, 3, 5], dysfunctional=[5, 5, 3, 1]))
    'OMIR'
    """
    there, missing = _answers(functional, dysfunctional)
    letters = np.array([list(row) for row in table])
    if letters.shape != (5, 5) or not np.isin(letters, CATEGORIES).all():
        raise ArgumentError(f"table must be 5 rows of 5 letters out of {', '.join(CATEGORIES)}; got {table!r:.80}")
    found: NDArray[np.str_] = letters[there - 1, missing - 1]
    return found


def kano_counts(
    *, functional: ArrayLike, dysfunctional: ArrayLike, table: Sequence[Sequence[str]] = EVALUATION_TABLE
) -> dict[str, int]:
    """How many of one need's pairs of answers fall to each letter; takes the same as `kano_categories`.

    >>> kano_counts(functional=[1, 1, 3], dysfunctional=[5, 5, 3])
    {'A': 0, 'O': 2, 'M': 0, 'I': 1, 'R': 0, 'Q': 0}
    """
    found = kano_categories(functional=functional, dysfunctional=dysfunctional, table=table)
    return {letter: int(np.count_nonzero(found == letter)) for letter in CATEGORIES}


def kano_ambiguity(*, a: float, b: float, n: float) -> tuple[float, bool]:
    """Fong's test: the difference that two counts must exceed to be told apart, and whether they do not.

    a, b: counts of the two most frequent letters among n answers, 0 or more, a + b at most n. The threshold
    is 1.65 sqrt((a + b)(2n - a - b) / (2n)), a one-sided five percent test.
    Raises ArgumentError for counts outside their range.

    >>> threshold, ambiguous = kano_ambiguity(a=42, b=31, n=100)
    >>> round(threshold, 2), ambiguous
    (11.23, True)
    """
    n, a, b = at_least("n", n, 0), at_least("a", a, 0), at_least("b", b, 0)
    if n == 0:
        raise NotEnoughData("n is 0: nobody answered")
    if a + b > n * (1 + 1e-9):
        raise ArgumentError(f"a + b must be at most n ({n:g}); got {a + b:g}")
    threshold = 1.65 * float(np.sqrt((a + b) * (2 * n - a - b) / (2 * n)))
    return threshold, abs(a - b) < threshold


@dataclass(frozen=True, slots=True)
class KanoContinuous:
    """Mean scores of one need, from -2 to 4 each, with the standard errors and intervals of the means.

    functional: satisfaction where it is there; dysfunctional: dissatisfaction where it is missing.
    category: the quadrant by the limit of 2 on both axes; None where a mean is negative (reverse or
    questionable answers prevail). p_category: probability of each class under the sampling error of the means
    (reverse or questionable: "R"). used: answers left after leaving questionable ones out.
    """

    functional: float
    dysfunctional: float
    functional_interval: tuple[float, float]
    dysfunctional_interval: tuple[float, float]
    category: Category | None
    p_category: dict[str, float]
    used: int
    confidence: float

    def describe(self) -> str:
        """One sentence with the place on the map and its caveat."""
        (low, high), (lower, upper) = self.functional_interval, self.dysfunctional_interval
        kind = "reverse or questionable" if self.category is None else NAMES[self.category]
        return (
            f"On the Kano map the need is {kind}: {self.functional:.2f} ({low:.2f} to {high:.2f}) where it is "
            f"there and {self.dysfunctional:.2f} ({lower:.2f} to {upper:.2f}) where it is missing, of 4, at "
            f"{self.confidence:.0%} confidence and if the {self.used} answers are a random sample."
        )


def kano_continuous(
    *, functional: ArrayLike, dysfunctional: ArrayLike, confidence: float = 0.95
) -> KanoContinuous:
    """The place of one need on the continuous Kano map (DuMouchel).

    functional, dysfunctional: answers from 1 (like) to 5 (dislike), one a respondent. Answers that contradict
    themselves (letter Q) are left out. Intervals use Student's t.
    Raises NotEnoughData with fewer than two usable answers.

    >>> kano_continuous(functional=[1, 1, 2, 1], dysfunctional=[5, 5, 5, 4]).category
    'O'
    """
    confidence = fraction("confidence", confidence)
    there, missing = _answers(functional, dysfunctional)
    usable = kano_categories(functional=there, dysfunctional=missing) != "Q"
    used = int(np.count_nonzero(usable))
    if used < 2:
        raise NotEnoughData(f"functional needs at least 2 answers that do not contradict themselves; got {used}")
    scores = np.stack([_FUNCTIONAL_SCORE[there[usable] - 1], _DYSFUNCTIONAL_SCORE[missing[usable] - 1]])
    mean = scores.mean(axis=1)
    half = special.stdtrit(used - 1, (1 + confidence) / 2) * scores.std(axis=1, ddof=1) / np.sqrt(used)
    (up, down), (low_f, low_d), (high_f, high_d) = mean.tolist(), (mean - half).tolist(), (mean + half).tolist()
    return KanoContinuous(
        functional=up,
        dysfunctional=down,
        functional_interval=(low_f, high_f),
        dysfunctional_interval=(low_d, high_d),
        category=_quadrant(up, down),
        p_category=_quadrant_probabilities(scores),
        used=used,
        confidence=confidence,
    )


def _counts(counts: Mapping[str, float]) -> dict[str, float]:
    unknown = [str(letter) for letter in counts if letter not in CATEGORIES]
    if unknown:
        raise ArgumentError(f"counts must be by the letters {', '.join(CATEGORIES)}; got {', '.join(unknown)}")
    numbers = {letter: at_least(f"counts[{letter}]", counts.get(letter, 0), 0) for letter in CATEGORIES}
    if sum(numbers.values()) == 0:
        raise NotEnoughData("counts are all zero: nobody answered")
    return {str(letter): number for letter, number in numbers.items()}


def _share(part: float, whole: float, confidence: float) -> tuple[float | None, tuple[float, float] | None]:
    if whole == 0:
        return None, None
    share = proportion(x=part, n=whole, confidence=confidence)
    # Rounding must not put the share outside its own interval where everybody or nobody answered so.
    return share.p, (min(share.low, share.p), max(share.high, share.p))


def _walden(numbers: Mapping[str, float]) -> Category:
    wanted, other = _TIE_ORDER[:3], _TIE_ORDER[3:]
    group = wanted if sum(numbers[k] for k in wanted) > sum(numbers[k] for k in other) else other
    return max(group, key=lambda letter: numbers[letter])


def _answers(functional: ArrayLike, dysfunctional: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    found = []
    for name, answers in (("functional", functional), ("dysfunctional", dysfunctional)):
        array = real_array(name, answers)
        outside = ~np.isin(array, (1, 2, 3, 4, 5))
        if outside.any():
            raise ArgumentError(
                f"{name} must hold whole answers from 1 (like) to 5; got {array[outside].flat[0]:g}"
            )
        found.append(array.astype(np.int64))
    same_length(functional=found[0].ravel().tolist(), dysfunctional=found[1].ravel().tolist())
    return found[0], found[1]


def _quadrant(up: float, down: float) -> Category | None:
    if up < 0 or down < 0:
        return None
    if up >= 2:
        return "O" if down >= 2 else "A"
    return "M" if down >= 2 else "I"


def _quadrant_probabilities(scores: NDArray[np.float64]) -> dict[str, float]:
    """Chance of each quadrant when the true means scatter normally around the observed ones."""
    n = scores.shape[1]
    se = scores.std(axis=1, ddof=1) / np.sqrt(n)
    # Draws follow the correlation of the two answers; quantiles of a fixed design keep the figure repeatable.
    normal = np.random.default_rng(20_000).standard_normal((2, 20_000))
    rho = float(np.clip(np.corrcoef(scores[0], scores[1]).item(1), -1, 1)) if (se > 0).all() else 0.0
    up = scores[0].mean() + se[0] * normal[0]
    down = scores[1].mean() + se[1] * (rho * normal[0] + np.sqrt(1 - rho**2) * normal[1])
    reverse = (up < 0) | (down < 0)
    return {
        "A": float(np.mean(~reverse & (up >= 2) & (down < 2))),
        "O": float(np.mean(~reverse & (up >= 2) & (down >= 2))),
        "M": float(np.mean(~reverse & (up < 2) & (down >= 2))),
        "I": float(np.mean(~reverse & (up < 2) & (down < 2))),
        "R": float(np.mean(reverse)),
    }
