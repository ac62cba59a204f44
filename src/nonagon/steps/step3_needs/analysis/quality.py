"""The survey's quality sheet: who answered, how sure the scores can be, whether the items hang together."""

import numpy as np

from nonagon.basics.errors import NotEnoughData
from nonagon.charts.wording import number, plural
from nonagon.deliverables.estimates import estimate_of
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step3 import SurveyQuality, WaveQuality
from nonagon.engine import answers
from nonagon.methods.reliability.cronbach_alpha import cronbach_alpha_from_covariance
from nonagon.steps.step3_needs.analysis.scores import SCORES, Rated

ALPHA = "reliability"


def survey_quality(record: Record, rated: Rated) -> SurveyQuality | None:
    """The sheet; None without answers."""
    if not rated.waves:
        return None
    counts = rated.counts
    rows = {wave: at for at, wave in enumerate(counts["wave"])}
    waves = []
    for wave in rated.waves:
        at = rows[wave]
        waves.append(
            WaveQuality(
                wave=wave,
                first=counts["first"][at],
                last=counts["last"][at],
                respondents=int(counts["respondents"][at]),
                answers=int(counts["answers"][at]),
                effective=_effective(rated, wave),
                margin=_margin(record, rated, wave),
            )
        )
    reliability, items = _reliability(record, rated)
    latest = waves[-1]
    if latest.margin.value is not None:
        named = f"wave {latest.wave}" if latest.wave else "the survey"
        sentence = (
            f"In {named} {plural(latest.respondents, 'respondent')} answered; a need's score is sure to within "
            f"{number(latest.margin.value)} points at most."
        )
        record.say("note", sentence, origin=SCORES, headline=11)
    return SurveyQuality(waves=tuple(waves), reliability=reliability, reliability_items=items)


def _effective(rated: Rated, wave: str) -> Estimate:
    """The largest effective number over the wave's items."""
    numbers = [number for (_, of), number in rated.effective.items() if of == wave]
    return Estimate(value=max(numbers), unit="answers", origin=SCORES)


def _margin(record: Record, rated: Rated, wave: str) -> Estimate:
    halves = []
    for item in record.cycle.items_of("satisfaction"):
        score = rated.scores.get((item.id, wave))
        if score is not None and score.low is not None and score.high is not None:
            halves.append((score.high - score.low) / 2)
    if not halves:
        return Estimate(unit="points", why="no rated need has enough answers", origin=SCORES)
    confidence = record.cycle.settings.confidence
    return Estimate(value=max(halves), confidence=confidence, unit="points", origin=SCORES)


def _reliability(record: Record, rated: Rated) -> tuple[Estimate, int]:
    """Cronbach's alpha of the satisfaction items over respondents who answered all of them."""
    items = [one.id for one in record.cycle.items_of("satisfaction") if one.id in rated.items]
    origin = record.origin(
        ALPHA,
        ("answers",),
        "nonagon.methods.reliability.cronbach_alpha",
        rows="respondents who answered every satisfaction item",
        variant="raw alpha from covariances, Feldt's interval; unweighted",
        assumptions=("The items measure one thing; alpha is a lower bound of reliability then.",),
    )
    if len(items) < 2:
        return Estimate(why=f"a scale needs at least 2 items; there are {len(items)}", origin=origin), len(items)
    n, total, products = answers.cross_products(record.facts, items, waves=(rated.waves[-1],))
    if n < max(30, len(items)):
        n, total, products = answers.cross_products(record.facts, items)
    least = max(10, len(items))
    if n < least:
        why = f"fewer than {least} respondents answered all {len(items)} items"
        return Estimate(n=n, why=why, origin=origin), len(items)
    mean = total / n
    try:
        result = cronbach_alpha_from_covariance(
            covariance=(products - n * np.outer(mean, mean)) / (n - 1),
            n=n,
            names=items,
            confidence=record.cycle.settings.confidence,
        )
    except NotEnoughData as error:
        return Estimate(n=n, why=str(error), origin=origin), len(items)
    return estimate_of(result.raw, result, n=n, origin=origin), len(items)
