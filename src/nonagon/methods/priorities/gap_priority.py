"""Lowest score first: the source text's own rule for what to improve.

Question: which need scores lowest, and how wide is the gap between the highest and the lowest?
Used by: steps 5 and 9.
Source: the source text, step 5: scores are compared, the lowest is improved first, the gap is to narrow.
Checked against: R (tests/reference). Whether the lowest is truly the lowest is the business of the family
`ranks`; a need that the organization cannot act on is set apart by `actionable`, not left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, real_array, same_length


@dataclass(frozen=True, slots=True)
class GapPriority:
    """order: labels from the lowest score up (equal scores keep the order given). spread: highest less lowest.
    gap_to_best: highest score less each score, in the order given. first: the lowest label that can be acted
    on, None where none can. set_apart: labels that cannot be acted on, lowest first.
    """

    labels: tuple[str, ...]
    scores: Floats
    order: tuple[str, ...]
    spread: float
    gap_to_best: Floats
    first: str | None
    set_apart: tuple[str, ...]

    def describe(self) -> str:
        """One sentence with the lowest score, the gap and the caveat."""
        lowest = self.scores.min()
        apart = f"; set apart: {', '.join(self.set_apart)}" if self.set_apart else ""
        return (
            f"{self.order[0]} scores lowest ({lowest:.2f}), {self.spread:.2f} below the highest{apart}; whether "
            "the order is beyond chance is a question for the rank confidence set."
        )


def gap_priority(
    *, labels: Sequence[str], scores: ArrayLike, actionable: Sequence[bool] | None = None
) -> GapPriority:
    """Needs from the lowest score up, with the gap to the best.

    labels: a distinct name a need. scores: one mean a need, higher is better. actionable: whether the
    organization can act on it, by default on all.
    Raises ArgumentError for unequal lengths or repeated labels, NotEnoughData without needs.

    >>> result = gap_priority(labels=["price", "wait"], scores=[4.5, 3.0])
    >>> result.order, result.spread
    (('wait', 'price'), 1.5)
    """
    values = real_array("scores", scores, ndim=1)
    names = tuple(str(label) for label in labels)
    can = np.ones(values.size, dtype=bool) if actionable is None else np.asarray(actionable, dtype=bool)
    same_length(labels=names, scores=values, actionable=can.tolist())
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ArgumentError(f"labels must be distinct; got {twice!r} more than once")
    order = np.argsort(values, kind="stable")
    ordered = tuple(names[index] for index in order)
    apart = tuple(names[index] for index in order if not can[index])
    return GapPriority(
        labels=names,
        scores=values,
        order=ordered,
        spread=float(values.max() - values.min()),
        gap_to_best=values.max() - values,
        first=next((name for name in ordered if name not in apart), None),
        set_apart=apart,
    )
