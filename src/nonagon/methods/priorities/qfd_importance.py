"""House of Quality: the importance of needs carried to internal characteristics.

Question: which characteristics serve what customers want most?
Used by: step 4.
Source: J. R. Hauser, D. Clausing, Harvard Business Review 66 (3, 1988), 63-73; Y. Akao, "Quality Function
Deployment", 1990; D. Lyman, Transactions of the second symposium on QFD, 1990 (rows of one); G. S. Wasserman,
IIE Transactions 25 (3, 1993), 59-65 (the roof in the weights).
Checked against: R (tests/reference).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, one_of, real_array, same_length

Normalisation = Literal["none", "lyman", "wasserman"]
NORMALISATIONS: tuple[Normalisation, ...] = ("none", "lyman", "wasserman")


@dataclass(frozen=True, slots=True)
class PlanningWeights:
    """improvement_ratio: target over the present score. raw_weight: importance x improvement ratio x sales
    point. share: raw weights as fractions of one. Each has one number a need.
    """

    improvement_ratio: Floats
    raw_weight: Floats
    share: Floats

    def describe(self) -> str:
        """One sentence with the heaviest need and its caveat."""
        heaviest = int(self.share.argmax())
        return (
            f"Need {heaviest + 1} of {self.share.size} carries {self.share[heaviest]:.1%} of the raw weight; the "
            "product treats ratings as if twice the number were twice as much."
        )


@dataclass(frozen=True, slots=True)
class QfdImportance:
    """The technical importance of characteristics.

    absolute: sum over needs of weight x strength. relative: absolute as fractions of one. rank: 1 for the
    highest, equal values share the better rank. weights: what each need weighed: its importance, or its raw
    weight where the planning columns were given. planning: those columns, or None. normalised: relationships after
    normalisation (needs x characteristics), None without one. empty_needs: needs that no characteristic
    serves; empty_characteristics: characteristics that serve no need; positions counted from 0.
    """

    relationships: Floats
    weights: Floats
    absolute: Floats
    relative: Floats
    rank: NDArray[np.int64]
    planning: PlanningWeights | None
    normalised: Floats | None
    normalisation: Normalisation
    empty_needs: tuple[int, ...]
    empty_characteristics: tuple[int, ...]

    def describe(self) -> str:
        """One sentence with the most important characteristic and its caveat."""
        best = int(self.relative.argmax())
        gaps = ""
        if self.empty_needs:
            gaps += f" {len(self.empty_needs)} need(s) are served by no characteristic."
        if self.empty_characteristics:
            gaps += f" {len(self.empty_characteristics)} characteristic(s) serve no need."
        return (
            f"Characteristic {best + 1} of {self.relative.size} carries {self.relative[best]:.1%} of the "
            f"importance; how sure the order is, qfd_uncertainty says.{gaps}"
        )


def qfd_importance(
    *,
    relationships: ArrayLike,
    importance: ArrayLike,
    now: ArrayLike | None = None,
    target: ArrayLike | None = None,
    sales_point: ArrayLike | None = None,
    roof: ArrayLike | None = None,
    normalisation: Normalisation | None = None,
) -> QfdImportance:
    """Absolute and relative importance of characteristics from the House of Quality.

    relationships: strengths, needs x characteristics, 0 or more (usual are 9, 3, 1 and 0). importance: one
    number a need, 0 or more, on any scale. now, target, sales_point: the planning columns, see
    `planning_weights`; with now and target the needs weigh by their raw weights. roof: correlations between
    characteristics, square and symmetric, from -1 to 1; the diagonal counts as 1. normalisation: "none" takes
    the strengths as they are; "lyman" makes each need's row add up to one; "wasserman" spreads it by the roof
    first; by default wasserman with a roof, else none.
    Not a proof: the arithmetic treats 9-3-1 as a ratio scale; `qfd_uncertainty` shows what hangs on that.
    Raises ArgumentError for shapes that do not fit or values outside their range, NotEnoughData where no
    need with weight is served.

    >>> result = qfd_importance(relationships=[[9, 3], [0, 9]], importance=[5, 3])
    >>> result.absolute.tolist(), result.rank.tolist()
    ([45.0, 42.0], [1, 2])
    """
    strengths = nonnegative_matrix("relationships", relationships)
    wanted = nonnegative_vector("importance", importance)
    same_length(importance=wanted, relationships=strengths)
    planning = None
    if now is not None or target is not None:
        if now is None or target is None:
            raise ArgumentError("now and target must be given both or neither; got only one")
        planning = planning_weights(importance=wanted, now=now, target=target, sales_point=sales_point)
    chosen: Normalisation = normalisation or ("none" if roof is None else "wasserman")
    normalised = _normalised(strengths, roof, chosen)
    weights = wanted if planning is None else planning.raw_weight
    absolute = weights @ (strengths if normalised is None else normalised)
    total = float(absolute.sum())
    if total <= 0:
        raise NotEnoughData("no characteristic serves a need that has weight: enter relationships first")
    return QfdImportance(
        relationships=strengths,
        weights=weights,
        absolute=absolute,
        relative=absolute / total,
        rank=competition_rank(absolute),
        planning=planning,
        normalised=normalised,
        normalisation=chosen,
        empty_needs=tuple(np.flatnonzero(~strengths.any(axis=1)).tolist()),
        empty_characteristics=tuple(np.flatnonzero(~strengths.any(axis=0)).tolist()),
    )


def planning_weights(
    *, importance: ArrayLike, now: ArrayLike, target: ArrayLike, sales_point: ArrayLike | None = None
) -> PlanningWeights:
    """The planning columns of the House of Quality: improvement ratio and raw weight of each need.

    importance: one number a need, 0 or more. now, target: customers' rating of us and the rating aimed at, on
    the same scale, above 0. sales_point: usual are 1, 1.2 and 1.5; 1 by default.
    Raises ArgumentError for unequal lengths or values outside their range, NotEnoughData where all
    weights are zero.

    >>> planning_weights(importance=[5, 3], now=[2, 4], target=[4, 4]).raw_weight.tolist()
    [10.0, 3.0]
    """
    wanted = nonnegative_vector("importance", importance)
    present, aim = nonnegative_vector("now", now), nonnegative_vector("target", target)
    points = np.ones(wanted.size) if sales_point is None else nonnegative_vector("sales_point", sales_point)
    same_length(importance=wanted, now=present, target=aim, sales_point=points)
    if not (present > 0).all():
        raise ArgumentError(f"now must be above 0, since target is divided by it; got {present.min():g}")
    ratio = aim / present
    raw = wanted * ratio * points
    if raw.sum() == 0:
        raise NotEnoughData("every raw weight is zero: give at least one need importance, target and sales point")
    return PlanningWeights(improvement_ratio=ratio, raw_weight=raw, share=raw / raw.sum())


def competition_rank(values: Floats) -> NDArray[np.int64]:
    """Rank along the last axis, 1 for the highest; values equal to twelve digits share the better rank.

    >>> competition_rank(np.array([3.0, 9.0, 3.0])).tolist()
    [2, 1, 2]
    """
    scale = np.abs(values).max(axis=-1, keepdims=True)
    rounded = np.round(values / np.where(scale > 0, scale, 1.0), 12)
    higher = rounded[..., None, :] > rounded[..., :, None]
    rank: NDArray[np.int64] = 1 + higher.sum(axis=-1)
    return rank


def nonnegative_matrix(name: str, values: ArrayLike) -> Floats:
    """A matrix of finite numbers of 0 or more."""
    array = real_array(name, values, ndim=2)
    at_least(name, float(array.min()), 0)
    return array


def nonnegative_vector(name: str, values: ArrayLike) -> Floats:
    """A vector of finite numbers of 0 or more."""
    array = real_array(name, values, ndim=1)
    at_least(name, float(array.min()), 0)
    return array


def _normalised(strengths: Floats, roof: ArrayLike | None, normalisation: Normalisation) -> Floats | None:
    one_of("normalisation", normalisation, NORMALISATIONS)
    if normalisation == "none":
        return None
    spread = strengths
    if normalisation == "wasserman":
        if roof is None:
            raise ArgumentError('normalisation "wasserman" needs a roof; got none; use "lyman" without one')
        spread = strengths @ _roof(roof, strengths.shape[1])
    totals = spread.sum(axis=1, keepdims=True)
    if np.any(totals < -1e-12):
        row = int(np.flatnonzero(totals[:, 0] < -1e-12)[0])
        raise ArgumentError(
            f"need {row + 1}: negative correlations outweigh its relationships, so its row cannot be normalised; "
            'use normalisation="lyman" or weaker correlations'
        )
    shares: Floats = np.divide(spread, totals, out=np.zeros_like(spread), where=np.abs(totals) > 1e-12)
    return shares


def _roof(roof: ArrayLike, characteristics: int) -> Floats:
    array = real_array("roof", roof, ndim=2)
    if array.shape != (characteristics, characteristics):
        raise ArgumentError(f"roof must be {characteristics} x {characteristics}; got shape {array.shape}")
    if np.abs(array).max() > 1 or not np.allclose(array, array.T):
        raise ArgumentError("roof must be symmetric with correlations from -1 to 1; got other values")
    full = array.copy()
    np.fill_diagonal(full, 1.0)
    return full
