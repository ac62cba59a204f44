"""How many needs are there, at least: richness from who mentioned what.

Question: given which needs came up in which interviews, how many needs exist beyond those heard?
Used by: step 3 (unknown needs).
Source: A. Chao, Biometrics 43 (1987), 783-791 (Chao2); J. F. Heltshe and N. E. Forrester, Biometrics 39
(1983) (jackknife); E. P. Smith and G. van Belle, Biometrics 40 (1984), 119-129 (bootstrap); R. K. Colwell et
al., Journal of Plant Ecology 5 (2012), 3-21 (accumulation and extrapolation); A. Chao and L. Jost, Ecology 93
(2012), 2533-2547 (coverage); A. Chao et al., Ecology 90 (2009), 1125-1133 (how many more units).
Checked against: R's vegan (tests/reference) and a loop over all orders of five interviews.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, fraction, one_of
from nonagon.methods.needs.incidence import Incidence


@dataclass(frozen=True, slots=True)
class IncidenceRichness:
    """How many needs, by estimators that each see a part of it.

    n_units, observed, once, twice: what was counted. chao2: a lower bound of the number of needs; chao2_se;
    low and high: its log-transformed interval with `confidence` (never below what was observed). jackknife1,
    jackknife1_se (None without the single units), jackknife2 (None for fewer than 2 units), bootstrap,
    bootstrap_se (None likewise). turing: share of all mentions that belong to heard needs, 1 - once /
    mentions. coverage: the same by Chao and Jost, with the needs heard twice.
    """

    n_units: int
    observed: int
    once: int
    twice: int
    chao2: float
    chao2_se: float
    low: float
    high: float
    confidence: float
    jackknife1: float
    jackknife1_se: float | None
    jackknife2: float | None
    bootstrap: float
    bootstrap_se: float | None
    turing: float
    coverage: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        return (
            f"{self.observed} needs were heard in {self.n_units} interviews; at least about {self.chao2:.0f} "
            "exist "
            f"(Chao2, {self.low:.0f} to {self.high:.0f}, nominally with {self.confidence:.0%} confidence); "
            "Chao2 is "
            f"a lower bound, so its interval holds the true number less often than it says."
        )


def incidence_richness(
    *,
    incidence: Incidence,
    confidence: float = 0.95,
    jackknife_variance: Literal["heltshe_forrester", "vegan"] = "heltshe_forrester",
) -> IncidenceRichness:
    """Richness from an incidence record (see `incidence`).

    jackknife_variance: Heltshe and Forrester's, which takes off the squared number of needs heard once over
    n; R's vegan takes off the number itself over n, which is larger.

    confidence: of Chao2's log-transformed interval. Of 95 % intervals 94 % held the number of needs where 100
    were equally likely and a tenth or more of them unheard, 91 % with 30 such needs, 74 % where nearly all were
    heard; where chances differed widely 90 % held the lower bound that Chao2 estimates and 75 % the number of
    needs. For an upper bound that holds as often as it says see `unknown_needs`. The variance of Chao2 is the
    small-sample one, with the factor (n - 1) / n. Assumes that interviews are a random sample and that each need
    has its own constant chance of being mentioned; the chances may differ between needs.

    >>> from nonagon.methods.needs.incidence import incidence as record
    >>> r = incidence_richness(incidence=record(frequency=[4, 4, 2, 1, 1, 1, 1, 1], n_units=5))
    >>> round(r.chao2, 3), round(r.chao2_se, 3), r.jackknife1
    (18.0, 13.784, 12.0)
    """
    fraction("confidence", confidence)
    one_of("jackknife_variance", jackknife_variance, ("heltshe_forrester", "vegan"))
    n, heard = incidence.n_units, incidence.observed
    once, twice = incidence.once, incidence.twice
    small = (n - 1) / n
    unseen = unseen_at_least(incidence)
    variance = _chao2_variance(heard, unseen, once, twice, small)
    low, high = _log_interval(heard, unseen, variance, confidence)
    share = incidence.frequency / n
    never = (1 - share) ** n
    return IncidenceRichness(
        n_units=n,
        observed=heard,
        once=once,
        twice=twice,
        chao2=heard + unseen,
        chao2_se=float(np.sqrt(variance)),
        low=low,
        high=high,
        confidence=confidence,
        jackknife1=heard + once * small,
        jackknife1_se=_jackknife1_se(incidence, jackknife_variance),
        jackknife2=_jackknife2(heard, once, twice, n),
        bootstrap=float(heard + never.sum()),
        bootstrap_se=_bootstrap_se(incidence, never),
        turing=1 - once / incidence.mentions,
        coverage=coverage_of_mentions(incidence),
    )


def unseen_at_least(incidence: Incidence) -> float:
    """Chao's lower bound of how many needs were not heard, with the factor (n - 1) / n."""
    small = (incidence.n_units - 1) / incidence.n_units
    once, twice = incidence.once, incidence.twice
    return small * (once**2 / (2 * twice) if twice else once * (once - 1) / 2)


def coverage_of_mentions(incidence: Incidence) -> float:
    """Chao and Jost's sample coverage: the share of all future mentions that will be of heard needs."""
    n, once, twice = incidence.n_units, incidence.once, incidence.twice
    if once == 0:
        return 1.0
    # With no need heard twice, the bias-corrected count f1 - 1 over 2 takes f1 over 2 f2's place.
    ahead, behind = (n - 1) * once, 2 * twice
    if not twice:
        ahead, behind = (n - 1) * (once - 1), 2
    return 1 - once / incidence.mentions * (ahead / (ahead + behind))


def _chao2_variance(heard: int, unseen: float, once: int, twice: int, small: float) -> float:
    if twice:
        ratio = once / twice
        return twice * small * (0.5 + small * (1 + ratio / 4) * ratio) * ratio**2
    return small * (
        small * (once * (2 * once - 1) ** 2 / 4 - once**4 / (4 * (heard + unseen))) + once * (once - 1) / 2
    )


def _log_interval(heard: int, unseen: float, variance: float, confidence: float) -> tuple[float, float]:
    if unseen <= 0 or variance <= 0:
        return float(heard), float(heard)
    z = float(special.ndtri((1 + confidence) / 2))
    spread = float(np.exp(z * np.sqrt(np.log1p(variance / unseen**2))))
    return heard + unseen / spread, heard + unseen * spread


def _jackknife1_se(incidence: Incidence, variance: str) -> float | None:
    if incidence.alone is None:
        return None
    n = incidence.n_units
    taken_off = incidence.once / n if variance == "vegan" else incidence.once**2 / n
    deviation = float(np.sum(incidence.alone**2)) - taken_off
    return float(np.sqrt(max(0.0, deviation) * (n - 1) / n))


def _jackknife2(heard: int, once: int, twice: int, n: int) -> float | None:
    if n < 2:
        return None
    return heard + once * (2 * n - 3) / n - twice * (n - 2) ** 2 / (n * (n - 1))


def _bootstrap_se(incidence: Incidence, never: Floats) -> float | None:
    if incidence.absent_together is None:
        return None
    both = (incidence.absent_together / incidence.n_units) ** incidence.n_units - np.outer(never, never)
    off = float(both.sum() - np.trace(both))
    return float(np.sqrt(max(0.0, float(np.sum(never * (1 - never))) + off)))


@dataclass(frozen=True, slots=True)
class Accumulation:
    """The discovery curve: how many needs so many interviews make known.

    units: numbers of interviews; expected: needs expected to be known by then; se: its standard error, or 0
    where the curve passes through what was observed; beyond: True where extrapolated past the interviews
    held.
    """

    units: NDArray[np.int64]
    expected: Floats
    se: Floats
    beyond: NDArray[np.bool_]
    observed: int
    n_units: int

    def describe(self) -> str:
        """One sentence."""
        return (
            f"{self.observed} needs after {self.n_units} interviews; {self.expected[-1]:.1f} expected to be "
            "known "
            f"after {self.units[-1]} (at least: beyond the interviews held the curve heads for Chao2's lower "
            "bound)."
        )


def accumulation(*, incidence: Incidence, up_to: int | None = None) -> Accumulation:
    """Expected number of needs known after 1, 2, ... `up_to` interviews, in random order.

    up_to: the last number of interviews; by default those held. Up to the interviews held the curve is exact
    (the mean over all orders); beyond, it is extrapolated to Chao2, hence a lower bound. se (conditional on
    the needs heard) is that of the exact curve inside, and 0 beyond, where `unknown_needs` gives the wider
    story.

    >>> from nonagon.methods.needs.incidence import incidence as record
    >>> accumulation(incidence=record(frequency=[4, 4, 2, 1, 1, 1, 1, 1], n_units=5)).expected.round(2).tolist()
    [3.0, 4.7, 5.9, 7.0, 8.0]
    """
    n = incidence.n_units
    last = n if up_to is None else int(up_to)
    if last < 1:
        raise ArgumentError(f"up_to must be at least 1; got {up_to!r}")
    units = np.arange(1, last + 1, dtype=np.int64)
    inside = units[units <= n]
    missed = _chance_missed(incidence.frequency, n, inside)
    expected = incidence.observed - missed.sum(axis=0)
    se = np.sqrt(np.sum(missed * (1 - missed), axis=0))
    unseen, once = unseen_at_least(incidence), incidence.once
    more = units[units > n] - n
    left = once / (n * unseen + once) if unseen > 0 else 0.0
    ahead = incidence.observed + unseen * (1 - (1 - left) ** more)
    return Accumulation(
        units=units,
        expected=np.concatenate([expected, ahead]),
        se=np.concatenate([se, np.zeros(len(more))]),
        beyond=units > n,
        observed=incidence.observed,
        n_units=n,
    )


def _chance_missed(frequency: NDArray[np.int64], n: int, sizes: NDArray[np.int64]) -> Floats:
    """Chance that a need in `frequency` of n units is missed by so many of them: needs x sizes."""
    free = (n - frequency)[:, None]
    possible = sizes[None, :] <= free
    size = np.where(possible, sizes[None, :], 0)
    log_chance = (
        special.gammaln(free + 1)
        - special.gammaln(free - size + 1)
        - special.gammaln(n + 1)
        + special.gammaln(n - size + 1)
    )
    return np.where(possible, np.exp(log_chance), 0.0)


def units_for_share(*, incidence: Incidence, share: float) -> int:
    """How many more interviews until `share` of Chao2's number of needs is known, at least.

    share: a fraction of one. 0 where it is known already. Source: Chao et al. (2009), equation 12 adapted to
    the geometric extrapolation above. A lower bound, as Chao2 is.

    >>> from nonagon.methods.needs.incidence import incidence as record
    >>> units_for_share(incidence=record(frequency=[4, 4, 2, 1, 1, 1, 1, 1], n_units=5), share=0.9)
    18
    """
    fraction("share", share)
    n, heard, once = incidence.n_units, incidence.observed, incidence.once
    unseen = unseen_at_least(incidence)
    total = heard + unseen
    if heard >= share * total:
        return 0
    if n < 2:
        return 1
    step = -np.log1p(-once / (n * unseen + once))
    return int(np.ceil(np.log(unseen / (total * (1 - share))) / step - 1e-9))
