"""Best-worst scaling: importance from picking the best and the worst of small sets.

Question: how important is each need, on a scale that respondents cannot flatten by rating everything high?
Used by: steps 3 and 5.
Source: A. Finn, J. J. Louviere, Journal of Public Policy & Marketing 11 (1992), 12-25; J. J. Louviere,
T. N. Flynn, A. A. J. Marley, "Best-Worst Scaling", 2015; A. A. J. Marley, J. J. Louviere, Journal of
Mathematical Psychology 49 (2005), 464-480 (the maximum-difference model).
Checked against: R (tests/reference), and the models against a direct maximisation (tests).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, fraction, one_of, real_array, same_length
from nonagon.methods.priorities.conjoint_cbc import ConditionalLogit, conditional_logit

Model = Literal["maxdiff", "marginal", "marginal_sequential"]
MODELS: tuple[Model, ...] = ("maxdiff", "marginal", "marginal_sequential")
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BestWorstScaling:
    """Counts of best and worst, one number an item; items are numbered from 1 in the sets.

    shown, best, worst: how often. best_minus_worst: their difference. standardized: difference over shown,
    -1 to 1, None for an item never shown. sqrt_ratio: sqrt(best / worst), None for an item never worst.
    standardized_se: standard error over respondents (clustered), None without respondents or with one.
    """

    shown: Whole
    best: Whole
    worst: Whole
    best_minus_worst: Whole
    standardized: tuple[float | None, ...]
    standardized_se: Floats | None
    sqrt_ratio: tuple[float | None, ...]
    answers: int

    def describe(self) -> str:
        """One sentence with the top item and its caveat."""
        first = int(self.best_minus_worst.argmax())
        spread = ""
        if self.standardized_se is not None:
            spread = f" (standard error {self.standardized_se[first]:.2f})"
        return (
            f"Item {first + 1} of {self.shown.size} is picked best most: "
            f"{self.standardized[first] or 0:+.2f}{spread} "
            f"on a scale from -1 to 1, over {self.answers} answers; items are compared with each other only."
        )


@dataclass(frozen=True, slots=True)
class BestWorstModel:
    """Preference scale from a choice model.

    coef: utility of each item, 0 for the base item; se: standard errors, 0 for the base. share: of
    preference, exp(coef) over their sum, as fractions; share_low and share_high enclose it with `confidence`.
    """

    coef: Floats
    se: Floats
    base: int
    share: Floats
    share_low: Floats
    share_high: Floats
    loglik: float
    loglik_null: float
    model: Model
    confidence: float
    answers: int

    def describe(self) -> str:
        """One sentence with the top item's share, its interval and caveat."""
        first = int(self.share.argmax())
        return (
            f"Item {first + 1} of {self.share.size} has {self.share[first]:.1%} of preference "
            f"({self.share_low[first]:.1%} to {self.share_high[first]:.1%} at {self.confidence:.0%}), by the "
            f"{self.model} model over {self.answers} answers, treated as independent of each other."
        )


def best_worst_scaling(
    *,
    sets: Sequence[Sequence[int]],
    best: ArrayLike,
    worst: ArrayLike,
    set_of_answer: ArrayLike | None = None,
    respondent: ArrayLike | None = None,
    answers: Literal["items", "positions"] = "items",
    items: int | None = None,
) -> BestWorstScaling:
    """Counts of best and worst answers.

    sets: the items of each set, numbered from 1; sets need not be equally long. best, worst: the item picked
    in each answer, or its place in the set counted from 1 with answers="positions". set_of_answer: which set
    each answer is about, counted from 1; may be left out where the answers run through all sets in order,
    respondent by respondent. respondent: who answered, to get standard errors over people. items: how many
    items there are, by default the highest number in the sets.
    Raises ArgumentError for an item that was not in its set or the same item best and worst.

    >>> result = best_worst_scaling(sets=[[1, 2, 3], [1, 2, 3]], best=[1, 1], worst=[3, 2])
    >>> result.best_minus_worst.tolist(), result.standardized
    ([2, -1, -1], (1.0, -0.5, -0.5))
    """
    design = _Design.read(sets, best, worst, set_of_answer, answers, items)
    count = design.items
    times = np.bincount(design.set_of_answer, minlength=len(design.sets))
    shown = np.zeros(count, dtype=np.int64)
    for number, members in enumerate(design.sets):
        shown[members] += times[number]
    top = np.bincount(design.best, minlength=count)
    bottom = np.bincount(design.worst, minlength=count)
    return BestWorstScaling(
        shown=shown,
        best=top,
        worst=bottom,
        best_minus_worst=top - bottom,
        standardized=_quotient(top - bottom, shown),
        standardized_se=_clustered(design, shown, respondent),
        sqrt_ratio=tuple(None if one is None else float(np.sqrt(one)) for one in _quotient(top, bottom)),
        answers=design.best.size,
    )


def best_worst_model(
    *,
    sets: Sequence[Sequence[int]],
    best: ArrayLike,
    worst: ArrayLike,
    set_of_answer: ArrayLike | None = None,
    answers: Literal["items", "positions"] = "items",
    items: int | None = None,
    base: int | None = None,
    model: Model = "maxdiff",
    confidence: float = 0.95,
) -> BestWorstModel:
    """Utilities and shares of preference by maximum likelihood.

    model: "maxdiff" takes a best-worst pair as one choice among all ordered pairs of the set; "marginal"
    takes best and worst as two choices among all items of the set; "marginal_sequential" takes worst among
    those left after best. base: the item with utility 0, counted from 1, by default the last. The other
    arguments are those of `best_worst_scaling`.
    Raises NotEnoughData where an item is always or never picked, so that its utility has no limit.

    >>> result = best_worst_model(
    ...     sets=[[1, 2, 3]] * 6, best=[1, 1, 1, 2, 2, 3], worst=[2, 3, 3, 3, 1, 1], model="marginal"
    ... )
    >>> float(result.coef[2]), bool(result.share[0] > result.share[2])
    (0.0, True)
    """
    one_of("model", model, MODELS)
    confidence = fraction("confidence", confidence)
    design = _Design.read(sets, best, worst, set_of_answer, answers, items)
    anchor = design.items if base is None else base
    if not 1 <= anchor <= design.items:
        raise ArgumentError(f"base must be an item from 1 to {design.items}; got {base!r}")
    rows, group, counts = _pairs(design) if model == "maxdiff" else _marginal(design, model)
    free = np.delete(np.arange(design.items), anchor - 1)
    try:
        fit = conditional_logit(design=rows[:, free], group=group, chosen=counts)
    except NotEnoughData as error:
        raise NotEnoughData(
            "best and worst do not place every item: one is always or never picked, or never compared with others"
        ) from error
    coef, se = np.zeros(design.items), np.zeros(design.items)
    coef[free], se[free] = fit.coef, fit.se
    share, low, high = _shares(coef, free, fit, confidence)
    return BestWorstModel(
        coef=coef,
        se=se,
        base=anchor,
        share=share,
        share_low=low,
        share_high=high,
        loglik=fit.loglik,
        loglik_null=fit.loglik_null,
        model=model,
        confidence=confidence,
        answers=design.best.size,
    )


@dataclass(frozen=True, slots=True)
class _Design:
    """Sets and answers with items and sets counted from 0."""

    sets: tuple[Whole, ...]
    best: Whole
    worst: Whole
    set_of_answer: Whole
    items: int

    @staticmethod
    def read(
        sets: Sequence[Sequence[int]],
        best: ArrayLike,
        worst: ArrayLike,
        set_of_answer: ArrayLike | None,
        answers: str,
        items: int | None,
    ) -> "_Design":
        one_of("answers", answers, ("items", "positions"))
        members = tuple(_whole(f"sets[{number}]", one) for number, one in enumerate(sets))
        if not members:
            raise NotEnoughData("sets is empty: give at least one set of items")
        top, bottom = _whole("best", best), _whole("worst", worst)
        if set_of_answer is None:
            about = np.arange(top.size) % len(members)
        else:
            about = _whole("set_of_answer", set_of_answer)
        same_length(best=top.tolist(), worst=bottom.tolist(), set_of_answer=about.tolist())
        if about.max() >= len(members):
            raise ArgumentError(f"set_of_answer must be from 1 to {len(members)}; got {about.max() + 1}")
        if answers == "positions":
            top, bottom = (_item_at(name, one, about, members) for name, one in (("best", top), ("worst", bottom)))
        count = max(int(one.max()) for one in members) + 1 if items is None else int(items)
        found = _Design(members, top, bottom, about, count)
        found._check()
        return found

    def _check(self) -> None:
        for number, one in enumerate(self.sets):
            if one.size < 2 or np.unique(one).size < one.size or one.max() >= self.items:
                raise ArgumentError(f"sets[{number}] must hold 2 or more distinct items; got {(one + 1).tolist()}")
        inside = np.zeros((len(self.sets), self.items), dtype=bool)
        for number, one in enumerate(self.sets):
            inside[number, one] = True
        for name, picked in (("best", self.best), ("worst", self.worst)):
            if picked.max() >= self.items or not inside[self.set_of_answer, picked].all():
                raise ArgumentError(
                    f"{name} must be an item of the set it was picked from; got one that is not in it"
                )
        if (self.best == self.worst).any():
            where = int(np.flatnonzero(self.best == self.worst)[0])
            raise ArgumentError(
                f"best and worst must differ; answer {where + 1} has {self.best[where] + 1} for both"
            )


def _whole(name: str, values: ArrayLike) -> Whole:
    array = real_array(name, values, ndim=1)
    if (array < 1).any() or (array != np.floor(array)).any():
        raise ArgumentError(
            f"{name} must hold whole numbers counted from 1; got {array[(array < 1) | (array % 1 > 0)][0]}"
        )
    return array.astype(np.int64) - 1


def _item_at(name: str, place: Whole, about: Whole, members: tuple[Whole, ...]) -> Whole:
    sizes = np.array([one.size for one in members])
    if (place >= sizes[about]).any():
        raise ArgumentError(f"{name} must be a place in its set; got {place.max() + 1} of {sizes.max()}")
    return np.array([members[number][at] for number, at in zip(about, place, strict=True)])


def _quotient(top: Whole, bottom: Whole) -> tuple[float | None, ...]:
    return tuple(float(a) / float(b) if b else None for a, b in zip(top, bottom, strict=True))


def _clustered(design: _Design, shown: Whole, respondent: ArrayLike | None) -> Floats | None:
    """Standard error of best-worst over shown with respondents as clusters."""
    if respondent is None:
        return None
    who = np.unique(np.asarray(respondent), return_inverse=True)[1]
    same_length(best=design.best.tolist(), respondent=who.tolist())
    people = int(who.max()) + 1
    if people < 2:
        return None
    difference, seen = np.zeros((people, design.items)), np.zeros((people, design.items))
    np.add.at(difference, (who, design.best), 1)
    np.add.at(difference, (who, design.worst), -1)
    for number, members in enumerate(design.sets):
        times = np.bincount(who[design.set_of_answer == number], minlength=people)
        seen[:, members] += times[:, None]
    total = np.maximum(shown, 1)
    residual = difference - seen * (difference.sum(axis=0) / total)
    spread: Floats = np.sqrt(people / (people - 1) * (residual**2).sum(axis=0)) / total
    return spread


def _pairs(design: _Design) -> tuple[Floats, Whole, Floats]:
    """One group a set, one row an ordered pair (best, worst) of it, with how often the pair was picked."""
    picked = np.zeros((len(design.sets), design.items, design.items))
    np.add.at(picked, (design.set_of_answer, design.best, design.worst), 1)
    rows, groups, counts = [], [], []
    identity = np.eye(design.items)
    for number, members in enumerate(design.sets):
        first, second = np.meshgrid(members, members, indexing="ij")
        apart = first != second
        one, other = first[apart], second[apart]
        rows.append(identity[one] - identity[other])
        groups.append(np.full(one.size, number))
        counts.append(picked[number, one, other])
    return np.concatenate(rows), np.concatenate(groups), np.concatenate(counts)


def _marginal(design: _Design, model: Model) -> tuple[Floats, Whole, Floats]:
    """Best and worst as choices of their own; worst has the negative utilities."""
    identity = np.eye(design.items)
    best = np.zeros((len(design.sets), design.items))
    np.add.at(best, (design.set_of_answer, design.best), 1)
    picked = np.zeros((len(design.sets), design.items, design.items))
    np.add.at(picked, (design.set_of_answer, design.best, design.worst), 1)
    rows, counts = [], []
    for number, members in enumerate(design.sets):
        rows.append(identity[members])
        counts.append(best[number, members])
        if model == "marginal":
            rows.append(-identity[members])
            counts.append(picked[number].sum(axis=0)[members])
        else:
            for gone in members:
                left = members[members != gone]
                rows.append(-identity[left])
                counts.append(picked[number, gone, left])
    groups = np.repeat(np.arange(len(rows)), [len(one) for one in rows])
    return np.concatenate(rows), groups, np.concatenate(counts)


def _shares(coef: Floats, free: Whole, fit: ConditionalLogit, confidence: float) -> tuple[Floats, Floats, Floats]:
    """Shares of preference with intervals on the logit scale (delta method)."""
    weight = np.exp(coef - coef.max())
    share = weight / weight.sum()
    # Derivative of log(share_i / (1 - share_i)) by coef_j: (1[i = j] - share_j) / (1 - share_i).
    slope = ((np.eye(coef.size) - share) / (1 - share)[:, None])[:, free]
    spread = np.sqrt(np.einsum("ij,jk,ik->i", slope, fit.covariance, slope))
    logit = np.log(share) - np.log1p(-share)
    half = special.ndtri((1 + confidence) / 2) * spread
    return share, special.expit(logit - half), special.expit(logit + half)
