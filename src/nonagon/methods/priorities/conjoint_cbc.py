"""Choice-based conjoint: what each feature adds to the chance that an offer is chosen.

Question: how do customers trade features against price, and what are they willing to pay?
Used by: steps 3 and 4.
Source: D. McFadden, in P. Zarembka (ed.), "Frontiers in Econometrics", 1974, 105-142 (conditional logit).
Checked against: a direct maximisation of the likelihood by another method (tests). One set
of part-worths for all customers: differences between customers need a mixed model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, fraction, real_array, same_length


@dataclass(frozen=True, slots=True)
class ConditionalLogit:
    """Maximum-likelihood coefficients of a conditional logit: coef and se (k), covariance (k x k), the log
    likelihood and that of choosing by lot; choices: how many choices were made.
    """

    coef: Floats
    se: Floats
    covariance: Floats
    loglik: float
    loglik_null: float
    choices: float

    def describe(self) -> str:
        """One sentence with the caveat."""
        shown = int(np.count_nonzero(np.abs(self.coef) > special.ndtri(0.975) * self.se))
        return (
            f"Of {self.coef.size} coefficients {shown} differ from 0 at 95% confidence each, from "
            f"{self.choices:g} choices, if these were made independently of each other."
        )


@dataclass(frozen=True, slots=True)
class ConjointCbc:
    """Part-worths of a choice-based conjoint by attribute.

    coef, se: utility of one more unit of the attribute, and its standard error; low and high enclose it with
    `confidence`. mcfadden_r2: 1 - loglik / loglik_null. willingness_to_pay: price of one more unit of each
    other attribute, -coef / coef of price, with its standard error by the delta method; empty without a
    price.
    """

    coef: dict[str, float]
    se: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]
    loglik: float
    loglik_null: float
    mcfadden_r2: float
    willingness_to_pay: dict[str, float]
    willingness_se: dict[str, float]
    price: str | None
    choices: int
    confidence: float

    def describe(self) -> str:
        """One sentence with the surest part-worth and its caveat."""
        name = max(self.coef, key=lambda one: abs(self.coef[one]) / self.se[one])
        paid = "".join(f"; {one} is worth {value:.2f}" for one, value in self.willingness_to_pay.items())
        return (
            f"{name} moves choices most surely: {self.coef[name]:.3f} ({self.low[name]:.3f} to "
            f"{self.high[name]:.3f} at {self.confidence:.0%}){paid}; over {self.choices} choices, treated as "
            f"independent of each other."
        )


def conjoint_cbc(
    *,
    task: Sequence[object] | ArrayLike,
    attributes: Mapping[str, ArrayLike],
    choice: ArrayLike,
    price: str | None = None,
    confidence: float = 0.95,
) -> ConjointCbc:
    """Part-worths from choices among offers.

    task: which choice each row (offer) belongs to. attributes: one column of numbers a name, one number a
    row; write levels as 0/1 columns. choice: 1 for the offer chosen, else 0; exactly one a task. price: the
    name of the price column, to get willingness to pay.
    Several tasks of one person are treated as independent; their standard errors are then too small.
    Raises ArgumentError for tasks without exactly one choice, NotEnoughData where the choices do not identify
    the part-worths.

    >>> result = conjoint_cbc(
    ...     task=[1, 1, 2, 2, 3, 3, 4, 4],
    ...     attributes={"fast": [1, 0, 1, 0, 1, 0, 0, 1]},
    ...     choice=[1, 0, 1, 0, 1, 0, 1, 0],
    ... )
    >>> round(result.coef["fast"], 4)
    1.0986
    """
    confidence = fraction("confidence", confidence)
    names = tuple(str(name) for name in attributes)
    if not names:
        raise NotEnoughData("attributes is empty: name at least one column")
    if price is not None and price not in names:
        raise ArgumentError(f"price must be one of {', '.join(names)}; got {price!r}")
    columns = [real_array(name, one, ndim=1) for name, one in attributes.items()]
    picked = real_array("choice", choice, ndim=1)
    group = np.unique(np.asarray(task), return_inverse=True)[1].astype(np.int64)
    same_length(choice=picked, task=group.tolist(), **dict(zip(names, columns, strict=True)))
    _check_choices(picked, group)
    fit = conditional_logit(design=np.stack(columns, axis=1), group=group, chosen=picked)
    z = float(special.ndtri((1 + confidence) / 2))
    worth, worth_se = _willingness(fit, names, price)
    return ConjointCbc(
        coef=dict(zip(names, fit.coef.tolist(), strict=True)),
        se=dict(zip(names, fit.se.tolist(), strict=True)),
        low=dict(zip(names, (fit.coef - z * fit.se).tolist(), strict=True)),
        high=dict(zip(names, (fit.coef + z * fit.se).tolist(), strict=True)),
        loglik=fit.loglik,
        loglik_null=fit.loglik_null,
        mcfadden_r2=1 - fit.loglik / fit.loglik_null,
        willingness_to_pay=worth,
        willingness_se=worth_se,
        price=price,
        choices=int(fit.choices),
        confidence=confidence,
    )


def conditional_logit(*, design: Floats, group: NDArray[np.int64], chosen: Floats) -> ConditionalLogit:
    """Maximum likelihood of P(row) = exp(design @ coef) / sum over its group.

    design: rows x k. group: which group (choice set) each row belongs to, from 0 up. chosen: how often each
    row was chosen, 0 or more; equal choice sets may be put together by adding these counts.
    Raises NotEnoughData where the columns are collinear or separate the choices perfectly.

    >>> fit = conditional_logit(
    ...     design=np.array([[1.0], [0.0]]), group=np.array([0, 0]), chosen=np.array([3.0, 1.0])
    ... )
    >>> round(float(fit.coef[0]), 4)
    1.0986
    """
    order = np.argsort(group, kind="stable")
    x, counts = design[order], chosen[order]
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    sizes = np.diff(starts, append=len(x))
    totals = np.add.reduceat(counts, starts)
    coef = np.zeros(x.shape[1])
    loglik, gradient, information = _likelihood(x, counts, starts, sizes, totals, coef)
    null, at_zero = loglik, information
    for _ in range(100):
        step = _newton_step(gradient, information)
        # Halve the step until the likelihood rises: far from the top a full step may overshoot.
        for _ in range(40):
            tried = _likelihood(x, counts, starts, sizes, totals, coef + step)
            if tried[0] >= loglik - 1e-12 * abs(loglik):
                break
            step = step / 2
        coef = coef + step
        loglik, gradient, information = tried
        if np.abs(x @ step).max() < 1e-10:
            break
        _check_separation(information, at_zero)
    covariance = _inverse(information)
    return ConditionalLogit(
        coef=coef,
        se=np.sqrt(np.diag(covariance)),
        covariance=covariance,
        loglik=float(loglik),
        loglik_null=float(null),
        choices=float(totals.sum()),
    )


def _likelihood(
    x: Floats, counts: Floats, starts: NDArray[np.int64], sizes: NDArray[np.int64], totals: Floats, coef: Floats
) -> tuple[float, Floats, Floats]:
    """Log likelihood, gradient and information."""
    utility = x @ coef
    utility = utility - np.repeat(np.maximum.reduceat(utility, starts), sizes)
    weight = np.exp(utility)
    chance = weight / np.repeat(np.add.reduceat(weight, starts), sizes)
    expected = np.repeat(totals, sizes) * chance
    chosen = counts > 0
    loglik = float(np.sum(counts[chosen] * np.log(chance[chosen])))
    mean = np.add.reduceat(chance[:, None] * x, starts)
    centred = x - np.repeat(mean, sizes, axis=0)
    return loglik, x.T @ (counts - expected), (expected[:, None] * centred).T @ centred


def _newton_step(gradient: Floats, information: Floats) -> Floats:
    scale = np.sqrt(np.diag(information))
    if (scale <= 0).any() or np.linalg.cond(information / np.outer(scale, scale)) > 1e12:
        raise NotEnoughData(
            "the choices do not identify every part-worth: an attribute never varies or is a sum of others"
        )
    step: Floats = linalg.solve(information, gradient, assume_a="pos")
    return step


def _check_separation(information: Floats, at_zero: Floats) -> None:
    """Where an attribute decides every choice, what the data say about its size shrinks to nothing on the
    way up.
    """
    if float(linalg.eigh(information, at_zero, eigvals_only=True)[0]) < 1e-9:
        raise NotEnoughData("an attribute separates the choices perfectly, so its part-worth has no limit")


def _inverse(information: Floats) -> Floats:
    inverse: Floats = linalg.inv(information)
    return (inverse + inverse.T) / 2


def _check_choices(picked: Floats, group: NDArray[np.int64]) -> None:
    if not np.isin(picked, (0, 1)).all():
        raise ArgumentError("choice must hold 1 for the offer chosen and 0 for the others; got other numbers")
    made = np.bincount(group, weights=picked)
    if (made != 1).any():
        where = int(np.flatnonzero(made != 1)[0])
        raise ArgumentError(f"each task must have exactly one choice; task {where + 1} has {made[where]:g}")
    if (np.bincount(group) < 2).any():
        raise ArgumentError("each task must offer at least 2 rows; got a task with one")


def _willingness(
    fit: ConditionalLogit, names: tuple[str, ...], price: str | None
) -> tuple[dict[str, float], dict[str, float]]:
    if price is None:
        return {}, {}
    at = names.index(price)
    base = float(fit.coef[at])
    if base == 0:
        return {}, {}
    worth: dict[str, float] = {}
    spread: dict[str, float] = {}
    for index, name in enumerate(names):
        if index != at:
            slope = np.zeros(len(names))
            slope[index], slope[at] = -1 / base, float(fit.coef[index]) / base**2
            worth[name] = -float(fit.coef[index]) / base
            spread[name] = float(np.sqrt(slope @ fit.covariance @ slope))
    return worth, spread
