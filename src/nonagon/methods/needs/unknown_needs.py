"""Unknown needs: how much of what customers need has not been heard yet.

Question: what share of the needs is still unheard, at least and at most, and how many interviews more bring
it down?
Used by: step 3 (the unknown-needs meter), by class of customers.
Source: `incidence_richness` (Chao2: at least), `beta_binomial` (estimate and at most), A. Griffin and J. R.
Hauser, Marketing Science 12 (1993), 1-27 (the question).
Checked against: simulation (tests/methods/needs/test_unknown_needs.py). For 20 to 80 needs, 10 to 40
interviews and chances of being mentioned drawn from beta, logit-normal, uniform, two-class and equal
distributions, Chao2's nominal 95 percent interval held the true number in 35 to 95 percent of the samples
(median of 81 cases 84 percent), so it is shown as "at least"; the widened beta-binomial bound held it in 95
percent or more in every case, up to the simulation's own error, and set no bound at all in a third of the
samples, mostly of 10 interviews.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, fraction
from nonagon.methods.needs.beta_binomial import BetaBinomialRichness, beta_binomial
from nonagon.methods.needs.common_needs import CommonNeeds, common_needs
from nonagon.methods.needs.incidence import Incidence
from nonagon.methods.needs.incidence_richness import (
    IncidenceRichness,
    accumulation,
    incidence_richness,
    units_for_share,
)

# Smallest, median and largest share of samples whose nominal 95 percent Chao2 interval held the truth.
CHAO2_COVERAGE = (0.35, 0.84, 0.95)
MOST_INTERVIEWS = 100_000


@dataclass(frozen=True, slots=True)
class UnknownNeeds:
    """What was heard and what was not.

    n_units: interviews held; observed: needs heard. unheard_at_least: share of all needs that Chao2's lower
    bound leaves unheard (or the model's estimate where that is lower); unheard: the beta-binomial estimate;
    unheard_at_most: its upper bound with `confidence` (1 where the data set none, with the reason in
    `no_upper_bound`). total_at_least, total, total_at_most: the same as numbers of needs. mentions_covered:
    share of all future mentions that will be of needs heard already (Chao and Jost); new_in_next: expected
    number of new needs in the next interview. limit: the share aimed at. more_at_least, more, more_at_most:
    interviews still needed to bring the unheard share to `limit` by Chao2, by the model, and by the model on
    its upper bound (None: more than 100,000, or no upper bound). units, curve: the discovery curve by the
    model (exact up to the interviews held); curve_at_least: the same headed for Chao2; common: the bound of
    `common_needs`; chao2_coverage: measured coverage (smallest, median, largest) of Chao2's nominal 95
    percent interval.
    """

    n_units: int
    observed: int
    unheard_at_least: float
    unheard: float
    unheard_at_most: float
    total_at_least: float
    total: float
    total_at_most: float | None
    no_upper_bound: str | None
    mentions_covered: float
    new_in_next: float
    limit: float
    more_at_least: int
    more: int | None
    more_at_most: int | None
    units: NDArray[np.int64]
    curve: Floats
    curve_at_least: Floats
    confidence: float
    richness: IncidenceRichness
    model: BetaBinomialRichness
    common: CommonNeeds
    chao2_coverage: tuple[float, float, float] = CHAO2_COVERAGE

    def describe(self) -> str:
        """One sentence with the bounds and their caveat."""
        most = (
            f"at most {self.unheard_at_most:.0%} (with {self.confidence:.0%} confidence)"
            if self.no_upper_bound is None
            else f"and these {self.n_units} interviews set no upper bound over all needs, however rare; of needs "
            f"that {self.common.common:.0%} of the customers would mention, at most {self.common.share:.0%} are "
            "unheard"
        )
        still = "no more interviews are" if self.more == 0 else f"about {_count(self.more)} more interviews are"
        return (
            f"After {self.n_units} interviews {self.observed} needs are known; at least "
            f"{self.unheard_at_least:.0%} of "
            f"all needs have not been heard, by the model about {self.unheard:.0%}, {most}; {still} needed "
            "to bring "
            f"the share to {self.limit:.0%}, if those asked are a random sample of the customers."
        )


def _count(number: int | None) -> str:
    return f"more than {MOST_INTERVIEWS:,}" if number is None else f"{number:,}"


def unknown_needs(
    *,
    incidence: Incidence,
    limit: float = 0.1,
    confidence: float = 0.95,
    common: float = 0.05,
    up_to: int | None = None,
) -> UnknownNeeds:
    """The unknown-needs meter from an incidence record (see `incidence`).

    incidence: which of the heard needs came up in how many interviews; at least 2 interviews. limit: the
    unheard share aimed at, a fraction of one. confidence: of the upper bound. up_to: last number of
    interviews of the discovery curve; by default twice those held.
    Assumes that interviews are a random sample of the customers, that coding is complete, and, for the
    estimate and the upper bound, that chances of being mentioned follow a beta distribution (the bound is
    widened for that; see above). Needs that nobody could put into words are out of reach of any of it.
    Raises NotEnoughData for fewer than 2 interviews or no need heard.

    >>> from nonagon.methods.needs.incidence import incidence as record
    >>> heard = [1] * 6 + [2] * 6 + [3] * 7 + [5] * 9 + [8] * 8 + [12] * 4
    >>> meter = unknown_needs(incidence=record(frequency=heard, n_units=30))
    >>> round(meter.unheard_at_least, 3), round(meter.unheard, 3), round(meter.unheard_at_most, 3)
    (0.068, 0.102, 0.462)
    """
    fraction("limit", limit)
    n = incidence.n_units
    last = 2 * n if up_to is None else int(up_to)
    if last < 1:
        raise ArgumentError(f"up_to must be at least 1; got {up_to!r}")
    richness = incidence_richness(incidence=incidence, confidence=confidence)
    model = beta_binomial(incidence=incidence, confidence=confidence)
    # Both are estimates: "at least" must not stand above the model's own.
    least = min(richness.chao2, model.total)
    at_least = accumulation(incidence=incidence, up_to=last)
    return UnknownNeeds(
        n_units=n,
        observed=incidence.observed,
        unheard_at_least=1 - incidence.observed / least,
        unheard=model.unheard,
        unheard_at_most=model.unheard_high,
        total_at_least=least,
        total=model.total,
        total_at_most=model.total_high,
        no_upper_bound=model.unbounded,
        mentions_covered=richness.coverage,
        new_in_next=(1 - richness.coverage) * incidence.mentions / n,
        limit=limit,
        more_at_least=units_for_share(incidence=incidence, share=1 - limit),
        more=_more(model.alpha, model.beta, model.unheard, n, limit),
        more_at_most=_more_at_most(model, limit),
        units=at_least.units,
        curve=_model_curve(at_least.expected, at_least.units, model),
        curve_at_least=at_least.expected,
        confidence=confidence,
        richness=richness,
        model=model,
        common=common_needs(incidence=incidence, common=common, limit=limit, confidence=confidence),
    )


def _model_curve(exact: Floats, units: NDArray[np.int64], model: BetaBinomialRichness) -> Floats:
    """Exact up to the interviews held; beyond, the unheard needs come in as the model says."""
    log_left = special.betaln(model.alpha, model.beta + np.maximum(units, model.n_units)) - special.betaln(
        model.alpha, model.beta + model.n_units
    )
    ahead = model.observed + (model.total - model.observed) * -np.expm1(log_left)
    return np.where(units <= model.n_units, exact, ahead)


def _more(alpha: float, beta: float, unheard: float, n: int, limit: float) -> int | None:
    """Interviews beyond n until the unheard share, falling as the model says, is at most `limit`."""
    if unheard <= limit:
        return 0
    needed = np.log(limit / unheard)

    def log_left(more: float) -> float:
        return float(special.betaln(alpha, beta + n + more) - special.betaln(alpha, beta + n))

    if log_left(MOST_INTERVIEWS) > needed:
        return None
    low, high = 0, MOST_INTERVIEWS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if log_left(middle) <= needed else (middle, high)
    return high


def _more_at_most(model: BetaBinomialRichness, limit: float) -> int | None:
    if model.alpha_high is None or model.beta_high is None:
        return None
    return _more(model.alpha_high, model.beta_high, model.unheard_high, model.n_units, limit)
