"""How much each need matters: as customers state it, as their answers show it, or as often as they speak of it."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from nonagon.basics.errors import NotEnoughData
from nonagon.charts.wording import percent
from nonagon.deliverables.cycle import Item
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step3 import NeedResult
from nonagon.engine import answers
from nonagon.methods.checks import Floats
from nonagon.methods.drivers.driver_importance import driver_importance
from nonagon.methods.drivers.moments import moments_of_table
from nonagon.steps.step3_needs.analysis.scores import Rated

Kind = Literal["stated", "derived", "frequency", "none"]
ORIGIN = "derived_importance"
MOST_DRIVERS = 20
# All subsets of drivers are weighed in each draw: so many subset models at most, over all draws.
MOST_MODELS = 2**24


def derived_importance(
    record: Record, rated: Rated, names: Mapping[str, str]
) -> tuple[dict[str, Estimate], Estimate | None]:
    """Each rated need's share of what the needs explain of overall satisfaction, and how much they explain."""
    overall = _overall(record, rated)
    drivers = [
        item
        for item in record.cycle.items_of("satisfaction")
        if item.need is not None and item.id in rated.items and item.id != (overall.id if overall else None)
    ]
    if not rated.items:
        return {}, None
    if overall is None:
        record.lack("derived importance", "an item of kind overall in items.csv, with answers")
        return {}, None
    if not 1 < len(drivers) <= MOST_DRIVERS:
        record.lack("derived importance", f"2 to {MOST_DRIVERS} rated needs; there are {len(drivers)}")
        return {}, None
    waves, n, total, products = _complete_cases(record, rated, overall, drivers)
    enough = max(30, 5 * len(drivers))
    if n < enough:
        record.lack(
            "derived importance",
            f"at least {enough} respondents who answered {overall.id} and all {len(drivers)} needs; there are {n}",
        )
        return {}, None
    return _shares(record, overall, drivers, names, waves, n, total, products)


def _overall(record: Record, rated: Rated) -> Item | None:
    kinds: tuple[Literal["overall", "recommend"], ...] = ("overall", "recommend")
    return next((one for kind in kinds for one in record.cycle.items_of(kind) if one.id in rated.items), None)


def _complete_cases(
    record: Record, rated: Rated, overall: Item, drivers: list[Item]
) -> tuple[tuple[str, ...], int, Floats, Floats]:
    """Sums over respondents who answered everything: of the latest wave, or of all where those are few."""
    asked = [overall.id, *(item.id for item in drivers)]
    latest = (rated.waves[-1],)
    n, total, products = answers.cross_products(record.facts, asked, waves=latest)
    if n >= max(100, 10 * len(drivers)) or len(rated.waves) == 1:
        return latest, n, total, products
    n, total, products = answers.cross_products(record.facts, asked)
    return (), n, total, products


def _shares(
    record: Record,
    overall: Item,
    drivers: list[Item],
    names: Mapping[str, str],
    waves: tuple[str, ...],
    n: int,
    total: Floats,
    products: Floats,
) -> tuple[dict[str, Estimate], Estimate | None]:
    mean = total / n
    covariance = (products - n * np.outer(mean, mean)) / (n - 1)
    # An item that everybody answers alike tells nothing; rounding must not make it a driver.
    varies = np.diag(covariance) > 1e-9 * np.maximum(mean**2, 1)
    kept = [item for item, does in zip(drivers, varies[1:], strict=True) if does]
    if not varies[0] or not kept:
        record.lack("derived importance", f"answers to {overall.id} and to the needs that vary")
        return {}, None
    places = np.flatnonzero(varies)
    settings = record.cycle.settings
    draws = min(settings.draws, MOST_MODELS // 2 ** len(kept))
    try:
        result = driver_importance(
            moments=moments_of_table(
                n=n,
                names=[item.id for item in kept],
                mean=mean[places],
                covariance=covariance[np.ix_(places, places)],
            ),
            confidence=settings.confidence,
            draws=draws if draws >= 100 else 0,
            seed=settings.seed,
        )
    except NotEnoughData as error:
        record.lack("derived importance", str(error))
        return {}, None
    record.origin(
        ORIGIN,
        ("answers",),
        "nonagon.methods.drivers.driver_importance",
        rows=f"{n} respondents who answered {overall.id} and every rated need"
        + (f", wave {waves[0]}" if waves and waves[0] else ", all waves"),
        variant=f"lmg as shares of R²; {result.draws} draws; unweighted; told where R² is beyond chance (F test)",
        assumptions=(
            "Association in the answers, not proof of cause.",
            "Answers are roughly normal and respondents independent (for the intervals).",
        ),
    )
    explained = Estimate(value=result.r2, n=n, unit="share", origin=ORIGIN)
    outcome = _in_words(overall)
    if result.p > 1 - settings.confidence:
        sentence = (
            f"Which need goes most with {outcome} cannot be told: the needs together account for "
            f"{percent(result.r2, digits=0)} of it, no more than chance gives with {n} respondents."
        )
        record.say("not_shown", sentence, origin=ORIGIN)
        record.lack(
            "derived importance", f"answers to {overall.id} that the rated needs account for beyond chance"
        )
        return {}, explained
    low = result.low["lmg_share"] if result.low is not None else None
    high = result.high["lmg_share"] if result.high is not None else None
    found = {
        str(item.need): Estimate(
            value=float(result.lmg_share[at]),
            low=None if low is None else max(0.0, float(low[at])),
            high=None if high is None else min(1.0, float(high[at])),
            confidence=settings.confidence if low is not None else None,
            n=n,
            unit="share",
            origin=ORIGIN,
        )
        for at, item in enumerate(kept)
    }
    top = int(np.argmax(result.lmg_share))
    sentence = (
        f"What goes most with {outcome} is “{names.get(str(kept[top].need), kept[top].id)}”: "
        f"{percent(float(result.lmg_share[top]), digits=0)} of the {percent(result.r2, digits=0)} that the needs "
        "together account for."
    )
    record.say("note", sentence, origin=ORIGIN)
    return found, explained


def _in_words(overall: Item) -> str:
    """The outcome with the question that was asked: recommending is not satisfaction."""
    kind = "overall satisfaction" if overall.kind == "overall" else "how likely customers are to recommend us"
    return f"{kind} (“{overall.text or overall.id}”)"


def carried_importance(record: Record, needs: tuple[NeedResult, ...]) -> tuple[NeedResult, ...]:
    """Fills in the importance that later steps read: one kind for all needs, so that it can be compared."""
    kind = _kind(needs)
    if kind == "none":
        if needs:
            record.lack(
                "the needs' importance",
                "importance items, an overall item to derive it from, or coded verbatims",
            )
        return needs
    if kind != "stated":
        source = "derived from the answers" if kind == "derived" else "how many customers speak of it"
        record.say("note", f"Importance was not asked for most needs; what is carried over is {source}.")
    found = []
    for one in needs:
        importance = _of_kind(one, kind)
        update = {"importance": importance, "importance_kind": kind if importance is not None else "none"}
        found.append(one.model_copy(update=update))
    return tuple(found)


def _of_kind(need: NeedResult, kind: Kind) -> Estimate | None:
    choice = {"stated": need.stated, "derived": need.derived, "frequency": need.said_by, "none": None}[kind]
    return choice if choice is not None and choice.value is not None else None


def _kind(needs: tuple[NeedResult, ...]) -> Kind:
    """Stated where at least half of the rated needs were asked, else derived, else how often it was said."""
    rated = [one for one in needs if one.satisfaction is not None and one.satisfaction.value is not None]
    kinds: tuple[Kind, ...] = ("stated", "derived")
    for kind in kinds:
        if rated and 2 * sum(1 for one in rated if _of_kind(one, kind) is not None) >= len(rated):
            return kind
    for kind in (*kinds, "frequency"):
        if any(_of_kind(one, kind) is not None and (kind != "frequency" or one.heard) for one in needs):
            return kind
    return "none"
