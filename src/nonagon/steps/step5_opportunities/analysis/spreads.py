"""The gap between the highest and the lowest score, and whether it narrowed over the waves."""

from collections.abc import Sequence
from dataclasses import dataclass

from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.estimates import estimate_of
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step3 import NeedResult
from nonagon.deliverables.step5 import WaveSpread
from nonagon.methods.ranks.spread import Spread, spread, spread_change
from nonagon.steps.step5_opportunities.analysis.scores import Scale, Scores, wave_scores


@dataclass(frozen=True, slots=True)
class Spreads:
    """The latest spread (corrected, and as observed), each wave's, and the narrowing since the first wave."""

    latest: Estimate | None = None
    observed: float | None = None
    by_wave: tuple[WaveSpread, ...] = ()
    narrowing: Estimate | None = None


def spreads_of(
    record: Record,
    latest: Scores,
    needs: Sequence[NeedResult],
    waves: Sequence[str],
    scale: Scale,
) -> Spreads:
    """Spreads over needs; a wave counts where at least two needs were rated with intervals."""
    if len(latest.needs) < 2:
        return Spreads()
    observed = float(latest.values.max() - latest.values.min())
    if not latest.uncertain:
        return Spreads(Estimate(why="the scores have no intervals"), observed)
    _explain(record, scale)
    cycle = record.cycle
    found = spread(
        estimate=latest.values,
        covariance=latest.covariance,
        confidence=cycle.settings.confidence,
        seed=cycle.settings.seed,
    )
    by_wave = {wave: wave_scores(needs, wave, scale) for wave in waves}
    usable = {wave: scores for wave, scores in by_wave.items() if scores.uncertain}
    return Spreads(
        _estimate(found),
        found.observed,
        tuple(_of_wave(cycle, wave, scores) for wave, scores in usable.items()),
        _narrowing(cycle, usable),
    )


def _of_wave(cycle: Cycle, wave: str, scores: Scores) -> WaveSpread:
    found = spread(
        estimate=scores.values,
        se=scores.errors,
        confidence=cycle.settings.confidence,
        seed=cycle.settings.seed,
    )
    return WaveSpread(
        wave=wave,
        observed=found.observed,
        spread=_estimate(found),
        lowest=scores.needs[found.lowest],
        highest=scores.needs[found.highest],
        needs=found.groups,
    )


def _narrowing(cycle: Cycle, by_wave: dict[str, Scores]) -> Estimate | None:
    """The first wave's spread less the latest's, over the needs that both waves rated."""
    if len(by_wave) < 2:
        return None
    first, last = (by_wave[wave] for wave in (next(iter(by_wave)), list(by_wave)[-1]))
    before = first.only([need in last.needs for need in first.needs])
    after = last.only([need in first.needs for need in last.needs])
    if not (before.uncertain and after.uncertain):
        return Estimate(why="fewer than two needs were rated in both the first and the latest wave")
    change = spread_change(
        before=before.values,
        before_se=before.errors,
        after=after.values,
        after_se=after.errors,
        confidence=cycle.settings.confidence,
        seed=cycle.settings.seed,
    )
    return Estimate(
        value=-change.change,
        low=-change.high,
        high=-change.low,
        confidence=change.confidence,
        unit="points",
        n=len(before.needs),
        origin="narrowing",
    )


def _estimate(found: Spread) -> Estimate:
    return estimate_of(found.value, found, n=found.groups, unit="points", origin="spread")


def _explain(record: Record, scale: Scale) -> None:
    record.origin(
        "spread",
        (),
        "nonagon.methods.ranks.spread",
        variant=f"corrected for picking the extremes (shrinkage), on {scale.words}",
        assumptions=("the scores err roughly normally", "the needs' true scores are members of one family"),
    )
    record.origin(
        "narrowing",
        (),
        "nonagon.methods.ranks.spread",
        variant=f"change from the first to the latest wave, on {scale.words}",
        assumptions=("the waves asked different people", "needs err independently within a wave"),
    )
