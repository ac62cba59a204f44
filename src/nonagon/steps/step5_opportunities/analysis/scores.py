"""The scores that are ranked: on one scale, with the errors that the survey leaves and how they go together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nonagon.charts.wording import short
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.estimates import error_of
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.need_tree import asked_needs, common_wave, latest_wave
from nonagon.deliverables.record import Record
from nonagon.deliverables.step3 import NeedResult
from nonagon.engine import answers
from nonagon.methods.checks import Floats
from nonagon.methods.survey.mean_correlation import mean_correlation


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of needs in one wave: values and standard errors on one scale, correlation of their errors."""

    needs: tuple[str, ...]
    values: Floats
    errors: Floats
    answers: Floats
    correlation: Floats

    @property
    def covariance(self) -> Floats:
        """Covariance of the scores' errors."""
        found: Floats = self.correlation * np.outer(self.errors, self.errors)
        return found

    @property
    def uncertain(self) -> bool:
        """Whether the scores carry errors, without which nothing can be said of chance."""
        return len(self.needs) >= 2 and int((self.errors > 0).sum()) >= len(self.needs) - 1

    def only(self, keep: Sequence[bool]) -> "Scores":
        """The scores of some needs."""
        mask = np.asarray(keep, dtype=bool)
        needs = tuple(need for need, kept in zip(self.needs, mask, strict=True) if kept)
        return Scores(
            needs,
            self.values[mask],
            self.errors[mask],
            self.answers[mask],
            self.correlation[np.ix_(mask, mask)],
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """How scores are made comparable: as answered where all needs share a scale, else as points of 100."""

    common: bool
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, needs: Sequence[NeedResult]) -> "Scale":
        """The scale that the scored needs share, if they do."""
        ranges = {(need.scale_min, need.scale_max) for need in needs if _known(need.satisfaction)}
        if len(ranges) == 1:
            low, high = next(iter(ranges))
            return cls(True, low, high)
        return cls(False)

    @property
    def words(self) -> str:
        """The scale in words, for origins."""
        if not self.common:
            return "points of 100, since the needs' scales differ"
        if self.low is None or self.high is None:
            return "the items' scale"
        return f"the items' scale, {short(self.low)} to {short(self.high)}"

    def takes(self, need: NeedResult) -> bool:
        """Whether a need's scores can be put on this scale."""
        if self.common:
            return True
        return need.scale_min is not None and need.scale_max is not None and need.scale_min < need.scale_max

    def put(self, need: NeedResult, value: float) -> float:
        """A need's score on this scale."""
        if self.common or need.scale_min is None or need.scale_max is None:
            return value
        return 100 * (value - need.scale_min) / (need.scale_max - need.scale_min)

    def stretch(self, need: NeedResult) -> float:
        """By how much a difference grows when put on this scale."""
        if self.common or need.scale_min is None or need.scale_max is None:
            return 1.0
        return 100 / (need.scale_max - need.scale_min)


def rated_needs(earlier: Earlier) -> tuple[NeedResult, ...]:
    """The needs that make opportunities: where customers were asked, and what nobody asked about at all."""
    return asked_needs(earlier.step3.needs) if earlier.step3 is not None else ()


def latest_scores(record: Record, earlier: Earlier, scale: Scale) -> Scores:
    """The latest scores of the needs that have one, with the correlation that their respondents give them."""
    needs = [need for need in rated_needs(earlier) if _known(need.satisfaction) and scale.takes(need)]
    scores = scores_of([(need, need.satisfaction) for need in needs if need.satisfaction], scale)
    wave = common_wave(needs)
    # Only scores of one wave come from the same respondents; each needs an item of its own.
    together = [need for need in needs if need.item is not None and latest_wave(need) == wave]
    items = [need.item for need in together if need.item is not None]
    if len(items) < 2 or len(set(items)) < len(items) or not record.facts.has("answers"):
        if len(needs) > 1:
            record.lack(
                "how the errors of the needs' scores go together; they are taken as independent",
                "answers to one item a need",
            )
        return scores
    counts, sums, products = answers.pairwise_products(record.facts, items, waves=() if wave is None else (wave,))
    places = [scores.needs.index(need.id) for need in together]
    correlation = scores.correlation.copy()
    correlation[np.ix_(places, places)] = mean_correlation(counts=counts, sums=sums, products=products)
    return replace(scores, correlation=correlation)


def wave_scores(needs: Sequence[NeedResult], wave: str, scale: Scale) -> Scores:
    """The scores of one wave; errors are taken as independent."""
    found = [
        (need, one.score)
        for need in needs
        for one in need.by_wave
        if one.wave == wave and _known(one.score) and scale.takes(need)
    ]
    return scores_of(found, scale)


def scores_of(found: Sequence[tuple[NeedResult, Estimate]], scale: Scale) -> Scores:
    """Scores on one scale from estimates with their intervals."""
    return Scores(
        tuple(need.id for need, _ in found),
        np.array([scale.put(need, score.value or 0.0) for need, score in found]),
        np.array([error_of(score) * scale.stretch(need) for need, score in found]),
        np.array([float(score.n or 0) for _, score in found]),
        np.eye(len(found)),
    )


def _known(estimate: Estimate | None) -> bool:
    return estimate is not None and estimate.value is not None
