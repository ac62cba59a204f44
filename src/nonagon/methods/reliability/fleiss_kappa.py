"""Do several coders agree beyond chance: Fleiss' kappa.

Question: do more than two people who coded the same comments mean the same?
Used by: step 3 (agreement between coders), step 7 (attribute agreement).
Source: J. L. Fleiss, Psychological Bulletin 76 (1971), 378-382; standard error under no agreement: J. L.
Fleiss, J. C. M. Nee, J. R. Landis, Psychological Bulletin 86 (1979), 974-977, in the form of kappam.fleiss.
Checked against: R's package irr (tests/reference).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData


@dataclass(frozen=True, slots=True)
class FleissKappa:
    """Agreement of several raters on units in unordered categories.

    se: standard error if there were no agreement; z, p: its test (two-sided); by_category: kappa of each
    category against all others, in the order of `categories`.
    """

    units: int
    raters: int
    categories: tuple[str, ...]
    observed: float
    expected: float
    kappa: float
    se: float
    z: float
    p: float
    by_category: tuple[float, ...]

    def describe(self) -> str:
        """One sentence with the caveat."""
        return (
            f"{self.raters} raters agree on {self.observed:.0%} of pairs over {self.units} units, where chance "
            "would give "
            f"{self.expected:.0%}: kappa {self.kappa:.2f} (p {self.p:.2g} against no agreement); kappa is low "
            "where nearly all units "
            "fall in one category."
        )


def fleiss_kappa(*, ratings: Sequence[Sequence[object]]) -> FleissKappa:
    """Fleiss' kappa from codes.

    ratings: units by raters: for each unit the codes that the raters gave, as many for each unit, at least 2. A
    unit with a missing code (None) is left out; use `krippendorff_alpha` where many are missing or categories
    are ordered.
    Raises ArgumentError for units with different numbers of raters; NotEnoughData for no unit, one rater or a
    single category.

    >>> result = fleiss_kappa(ratings=[["a", "a", "b"], ["b", "b", "b"], ["a", "a", "a"], ["b", "a", "b"]])
    >>> round(result.kappa, 3)
    0.333
    """
    complete = [unit for unit in ratings if all(code is not None for code in unit)]
    raters = {len(unit) for unit in complete}
    if len(raters) > 1:
        raise ArgumentError(f"ratings must have the same number of raters for each unit; got {sorted(raters)}")
    if not complete or raters.pop() < 2:
        raise NotEnoughData("ratings need at least one unit that at least two raters coded")
    codes = np.array([[str(code) for code in unit] for unit in complete])
    units, m = codes.shape
    labels, at = np.unique(codes, return_inverse=True)
    counts = np.zeros((units, labels.size))
    np.add.at(counts, (np.repeat(np.arange(units), m), at.reshape(-1)), 1)
    if labels.size < 2:
        raise NotEnoughData(
            f"all raters used the single category {labels[0]}: agreement by chance is complete, kappa undefined"
        )
    share = counts.sum(axis=0) / (units * m)
    observed = float(((counts**2).sum() - units * m) / (units * m * (m - 1)))
    expected = float((share**2).sum())
    third = float((share**3).sum())
    kappa = (observed - expected) / (1 - expected)
    spread = expected - (2 * m - 3) * expected**2 + 2 * (m - 2) * third
    se = float(np.sqrt(2 * spread / (units * m * (m - 1)))) / (1 - expected)
    z = kappa / se
    same = (counts * (counts - 1)).sum(axis=0) / (units * m * (m - 1) * share)
    return FleissKappa(
        units=units,
        raters=m,
        categories=tuple(labels.tolist()),
        observed=observed,
        expected=expected,
        kappa=kappa,
        se=se,
        z=z,
        p=float(2 * special.ndtr(-abs(z))),
        by_category=tuple(((same - share) / (1 - share)).tolist()),
    )
