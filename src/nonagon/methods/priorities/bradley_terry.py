"""Bradley-Terry: worth of each need from paired comparisons.

Question: when respondents pick the more important of two needs again and again, how much is each worth?
Used by: steps 3 and 5.
Source: R. A. Bradley, M. E. Terry, Biometrika 39 (1952), 324-345; L. R. Ford, American Mathematical Monthly
64 (8, 1957), 28-33 (when the estimate exists); A. Agresti, "Categorical Data Analysis" (baseball figures).
Checked against: R's glm (tests/reference) and the printed figures of Agresti's baseball table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, fraction, real_array, same_length
from nonagon.methods.priorities.conjoint_cbc import conditional_logit


@dataclass(frozen=True, slots=True)
class BradleyTerry:
    """Worth of items on the log scale, relative to the base.

    items: names. ability: log of the worth, 0 for the base. se: standard errors, 0 for the base; low and high
    enclose the ability with `confidence`. share: worth as fractions of one over all items: the chance of
    winning a comparison of all at once. order_effect: log odds gained by standing first (at home), or None.
    deviance and its degrees of freedom compare the model with free chances for each pair.
    """

    items: tuple[str, ...]
    base: str
    ability: Floats
    se: Floats
    low: Floats
    high: Floats
    share: Floats
    order_effect: float | None
    order_effect_se: float | None
    loglik: float
    deviance: float
    df: int
    comparisons: float
    confidence: float

    def describe(self) -> str:
        """One sentence with the top item and its caveat."""
        first = int(self.ability.argmax())
        return (
            f"{self.items[first]} is worth most: {self.ability[first]:.2f} ({self.low[first]:.2f} to "
            f"{self.high[first]:.2f} at {self.confidence:.0%}) above {self.base} in log odds, over "
            f"{self.comparisons:g} comparisons, treated as independent of each other."
        )


def bradley_terry(
    *,
    first: Sequence[str],
    second: Sequence[str],
    first_wins: ArrayLike,
    second_wins: ArrayLike,
    base: str | None = None,
    order_effect: bool = False,
    confidence: float = 0.95,
) -> BradleyTerry:
    """Abilities by maximum likelihood from counts of wins.

    first, second: names of the two compared in each row (home and away). first_wins, second_wins: how often
    each was preferred, 0 or more. base: the item with ability 0; by default the first in alphabetical order.
    order_effect: also estimate what standing first is worth.
    Ties are not modelled: leave them out or count each as half a win for both.
    Raises ArgumentError for an item compared with itself, NotEnoughData where some items never beat the
    others, so that the abilities have no limit.

    >>> result = bradley_terry(first=["a", "b"], second=["b", "a"], first_wins=[3, 1], second_wins=[1, 3])
    >>> result.items, result.ability.round(4).tolist()
    (('a', 'b'), [0.0, -1.0986])
    """
    confidence = fraction("confidence", confidence)
    one, other = [str(name) for name in first], [str(name) for name in second]
    won, lost = real_array("first_wins", first_wins, ndim=1), real_array("second_wins", second_wins, ndim=1)
    same_length(first=one, second=other, first_wins=won, second_wins=lost)
    at_least("first_wins", float(won.min()), 0)
    at_least("second_wins", float(lost.min()), 0)
    items = tuple(sorted(set(one) | set(other)))
    base = items[0] if base is None else base
    if base not in items:
        raise ArgumentError(f"base must be one of {', '.join(items)}; got {base!r}")
    index = {name: position for position, name in enumerate(items)}
    a, b = np.array([index[name] for name in one]), np.array([index[name] for name in other])
    if (a == b).any():
        raise ArgumentError(f"first and second must differ; got {one[int(np.flatnonzero(a == b)[0])]!r} twice")
    _check_connected(items, a, b, won, lost)
    return _fit(items, base, a, b, won, lost, order_effect, confidence)


def bradley_terry_matrix(
    *,
    wins: ArrayLike,
    labels: Sequence[str] | None = None,
    base: str | None = None,
    confidence: float = 0.95,
) -> BradleyTerry:
    """Abilities from a square matrix: wins[i, j] says how often i was preferred to j; the diagonal is not read.

    labels: names in the order of the rows, by default "1", "2", ... base: by default the last item. The
    result keeps the order of the rows. Otherwise as `bradley_terry`.

    >>> bradley_terry_matrix(wins=[[0, 3], [1, 0]]).ability.round(4).tolist()
    [1.0986, 0.0]
    """
    table = real_array("wins", wins, ndim=2)
    if table.shape[0] != table.shape[1] or table.shape[0] < 2:
        raise ArgumentError(f"wins must be square with at least 2 items; got shape {table.shape}")
    at_least("wins", float(table.min()), 0)
    given = range(1, len(table) + 1) if labels is None else labels
    names = [str(name) for name in given]
    same_length(wins=table, labels=names)
    base = names[-1] if base is None else base
    if base not in names or len(set(names)) < len(names):
        raise ArgumentError(f"base must be one of the distinct labels {', '.join(names)}; got {base!r}")
    rows, columns = np.triu_indices(len(table), 1)
    won, lost = table[rows, columns], table[columns, rows]
    met = won + lost > 0
    rows, columns, won, lost = rows[met], columns[met], won[met], lost[met]
    _check_connected(tuple(names), rows, columns, won, lost)
    return _fit(tuple(names), base, rows, columns, won, lost, False, fraction("confidence", confidence))


def _fit(
    items: tuple[str, ...],
    base: str,
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    won: Floats,
    lost: Floats,
    order_effect: bool,
    confidence: float,
) -> BradleyTerry:
    count, rows = len(items), len(a)
    identity = np.eye(count)
    design = np.zeros((2 * rows, count + order_effect))
    design[:rows, :count], design[rows:, :count] = identity[a], identity[b]
    if order_effect:
        design[:rows, count] = 1
    free = np.delete(np.arange(design.shape[1]), items.index(base))
    group = np.tile(np.arange(rows), 2)
    fit = conditional_logit(design=design[:, free], group=group, chosen=np.concatenate([won, lost]))
    coef, se = np.zeros(design.shape[1]), np.zeros(design.shape[1])
    coef[free], se[free] = fit.coef, fit.se
    half = special.ndtri((1 + confidence) / 2) * se[:count]
    worth = np.exp(coef[:count] - coef[:count].max())
    total = won + lost
    free_chances = special.xlogy(won, won) + special.xlogy(lost, lost) - special.xlogy(total, total)
    saturated = float(np.sum(free_chances))
    return BradleyTerry(
        items=items,
        base=base,
        ability=coef[:count],
        se=se[:count],
        low=coef[:count] - half,
        high=coef[:count] + half,
        share=worth / worth.sum(),
        order_effect=float(coef[count]) if order_effect else None,
        order_effect_se=float(se[count]) if order_effect else None,
        loglik=fit.loglik,
        deviance=2 * (saturated - fit.loglik),
        df=int(np.count_nonzero(total)) - free.size,
        comparisons=fit.choices,
        confidence=confidence,
    )


def _check_connected(
    items: tuple[str, ...], a: NDArray[np.int64], b: NDArray[np.int64], won: Floats, lost: Floats
) -> None:
    """Ford's condition: however the items are parted in two, each part beats the other at least once."""
    reach = np.eye(len(items), dtype=bool)
    reach[a[won > 0], b[won > 0]] = True
    reach[b[lost > 0], a[lost > 0]] = True
    for _ in range(int(np.ceil(np.log2(len(items)))) + 1):
        reach = (reach.astype(np.int64) @ reach.astype(np.int64)) > 0
    if not reach.all():
        row = int(np.flatnonzero(~reach.all(axis=1))[0])
        unbeaten = [items[index] for index in np.flatnonzero(~reach[row])]
        raise NotEnoughData(
            f"{items[row]} never beats {', '.join(unbeaten)}, not even through others, so the abilities have "
            f"no "
            "limit; ask more comparisons or leave items out"
        )
