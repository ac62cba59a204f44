"""Which phrases are said more often here than elsewhere: the log-likelihood ratio of two shares.

Question: which phrases set the sentences that no rule knows apart from those that are coded already? Used by:
step 3 (new needs proposed from what was said). Source: T. Dunning, "Accurate Methods for the Statistics of
Surprise and Coincidence", Computational Linguistics 19 (1993), 61-74; G² of a two-by-two table. Checked
against: scipy's chi2_contingency with lambda_="log-likelihood" and no correction (tests).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, real_array, same_length


@dataclass(frozen=True, slots=True)
class LogLikelihoodRatio:
    """How far each phrase's share here differs from its share elsewhere.

    here, there: counts as given, out of n_here and n_there; g2: the ratio, 0 or more; more_here: the share
    here is the larger one; p: of G² by its chi-square with one degree of freedom, for each phrase by itself.
    """

    here: Floats
    there: Floats
    n_here: float
    n_there: float
    g2: Floats
    more_here: NDArray[np.bool_]
    p: Floats

    def describe(self) -> str:
        """One sentence on the strongest phrase and the caveat."""
        best = int(np.argmax(np.where(self.more_here, self.g2, -1.0)))
        return (
            f"Of {self.g2.size} phrases, number {best + 1} stands out most: {self.here[best]:g} of "
            f"{self.n_here:g} here against {self.there[best]:g} of {self.n_there:g} elsewhere (G² = "
            f"{self.g2[best]:.1f}); among many phrases some stand out by chance, so a person must judge them."
        )


def log_likelihood_ratio(
    *, here: ArrayLike, n_here: float, there: ArrayLike, n_there: float
) -> LogLikelihoodRatio:
    """G² of each phrase's share in two bodies of text.

    here, there: in how many sentences (or documents, or words) each phrase occurs, one-dimensional, of one
    length, 0 to n_here or n_there; n_here, n_there: how many sentences each body has, above 0. Assumes that
    sentences are independent; where one customer says the same again and again, count customers instead.
    Raises ArgumentError for counts outside their range, NotEnoughData for a body without sentences.

    >>> result = log_likelihood_ratio(here=[30, 10], n_here=100, there=[5, 10], n_there=100)
    >>> result.g2.round(2).tolist(), result.more_here.tolist()
    ([23.61, 0.0], [True, False])
    """
    first, second = real_array("here", here, ndim=1), real_array("there", there, ndim=1)
    same_length(here=first, there=second)
    for name, size in (("n_here", n_here), ("n_there", n_there)):
        if at_least(name, size, 0) == 0:
            raise NotEnoughData(f"{name} is 0: there is no text to compare with")
    for name, counts, size in (("here", first, n_here), ("there", second, n_there)):
        if np.any((counts < 0) | (counts > size)):
            bad = counts[(counts < 0) | (counts > size)][0]
            raise ArgumentError(f"{name} must lie from 0 to {size:g}; got {bad:g}")
    n = n_here + n_there
    observed = np.stack([first, second, n_here - first, n_there - second])
    said = first + second
    expected = np.stack([said * n_here, said * n_there, (n - said) * n_here, (n - said) * n_there]) / n
    g2 = 2 * special.rel_entr(observed, np.where(expected > 0, expected, 1.0)).sum(axis=0)
    g2 = np.maximum(g2, 0.0)
    return LogLikelihoodRatio(
        here=first,
        there=second,
        n_here=float(n_here),
        n_there=float(n_there),
        g2=g2,
        more_here=first * n_there > second * n_here,
        p=np.asarray(special.chdtrc(1, g2)),
    )
