"""The order in which pairs are worth a person's look: the most doubtful first.

Question: which verdict tells most?
Used by: step 1 (the review queue).
Source: C. E. Shannon, Bell System Technical Journal 27 (1948), 379-423 (entropy); D. D. Lewis and W. A. Gale,
SIGIR 1994 (uncertainty sampling).
Checked against: the entropy of 1/2 is one bit (doctest).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonagon.methods.checks import Floats, fraction, real_array


def doubt(*, probability: ArrayLike) -> Floats:
    """The entropy of each probability in bits: 1 where both are equally likely, 0 where one is sure.

    probability (pairs,): from 0 to 1. Raises ArgumentError outside of that.

    >>> doubt(probability=[0.5, 1.0, 0.9]).round(3).tolist()
    [1.0, 0.0, 0.469]
    """
    chance = real_array("probability", probability, ndim=1, least=0)
    for edge in (chance.min(initial=0.0), chance.max(initial=1.0)):
        fraction("probability", float(edge), closed=True)
    both = np.stack([chance, 1 - chance])
    logs = np.log2(both, out=np.zeros_like(both), where=both > 0)
    return np.asarray(-(both * logs).sum(axis=0) + 0.0, dtype=np.float64)


def by_doubt(*, probability: ArrayLike) -> NDArray[np.int64]:
    """Positions of the pairs, the most doubtful first; of equals in the order given.

    >>> by_doubt(probability=[0.99, 0.5, 0.9]).tolist()
    [1, 2, 0]
    """
    return np.argsort(-doubt(probability=probability), kind="stable").astype(np.int64)
