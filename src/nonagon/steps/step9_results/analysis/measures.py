"""The customer-centred measure: net promoter score, satisfied customers, and the index, by wave and class."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nonagon.basics.errors import ArgumentError, NonagonError
from nonagon.charts.wording import plural, short
from nonagon.deliverables.cycle import Item
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.estimates import estimate_of, share_estimate
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step1 import CustomerClass
from nonagon.deliverables.step9 import Measure, MeasurePoint
from nonagon.engine import answers
from nonagon.engine.facts import Columns
from nonagon.methods.protection.differencing import shown_in_turn
from nonagon.methods.survey.mean import Mean, mean, mean_difference
from nonagon.methods.survey.nps import Nps, nps, nps_difference
from nonagon.methods.survey.two_proportions import two_proportions
from nonagon.steps.step9_results.decisions import Step9Decisions


@dataclass(frozen=True, slots=True)
class _Counts:
    """How often each value was given in one group: values, answers, and the weighted counts with Kish's n."""

    values: np.ndarray
    n: int
    weights: np.ndarray
    effective: float

    def share(self, chosen: np.ndarray) -> float:
        """Weighted share of the chosen values."""
        return float(self.weights[chosen].sum() / self.weights.sum())


def measures(record: Record, decisions: Step9Decisions, earlier: Earlier) -> tuple[Measure, ...]:
    """Whatever the items allow; what they do not allow is said as a lack."""
    if not record.facts.has("answers"):
        record.lack("Satisfaction cannot be assessed.", "answers")
        return ()
    order = _waves(record, earlier)
    classes = earlier.step1.classes if earlier.step1 and record.facts.has("answers", "customer_id") else ()
    found = [
        _promoters(record, order, classes),
        _satisfied(record, decisions, order, classes),
        _index(record, decisions, order),
    ]
    return tuple(one for one in found if one is not None)


def _waves(record: Record, earlier: Earlier) -> tuple[str, ...]:
    if earlier.step3 is not None and earlier.step3.waves:
        return earlier.step3.waves
    if record.cycle.waves:
        return tuple(wave.id for wave in record.cycle.waves)
    return tuple(str(one) for one in answers.waves(record.facts)["wave"])


def _promoters(record: Record, order: Sequence[str], classes: Sequence[CustomerClass]) -> Measure | None:
    items = record.cycle.items_of("recommend")
    if not items:
        record.lack("No net promoter score.", "an item of kind recommend (0 to 10) in items.csv")
        return None
    key = record.origin(
        "nps",
        ("answers",),
        "nonagon.methods.survey.nps",
        rows=f"item {items[0].id}, about us",
        variant="promoters 9-10, detractors 0-6, adjusted Wald interval, weighted by Kish's effective n",
        assumptions=("Those who answered are a random sample of those asked.",),
    )

    def score(counts: _Counts) -> Nps:
        return nps(
            promoters=counts.share(counts.values >= 9) * counts.effective,
            passives=counts.share((counts.values >= 7) & (counts.values < 9)) * counts.effective,
            detractors=counts.share(counts.values < 7) * counts.effective,
            confidence=record.cycle.settings.confidence,
        )

    def estimate(counts: _Counts) -> Estimate:
        one = score(counts)
        return estimate_of(one.nps, one, n=counts.n, unit="points", origin=key)

    def change(earlier_one: _Counts, later: _Counts) -> Estimate:
        one = nps_difference(
            earlier=score(earlier_one), later=score(later), confidence=record.cycle.settings.confidence
        )
        return estimate_of(one.difference, one, n=later.n, unit="points", origin=key)

    return _measure(record, ("nps", "Net promoter score"), items[0], order, classes, estimate, change)


def _satisfied(
    record: Record, decisions: Step9Decisions, order: Sequence[str], classes: Sequence[CustomerClass]
) -> Measure | None:
    items = record.cycle.items_of("overall")
    if not items:
        record.lack("No share of satisfied customers.", "an item of kind overall in items.csv")
        return None
    item = items[0]
    edge = float(item.scale_max) - decisions.top_boxes + 1
    key = record.origin(
        "csat",
        ("answers",),
        "nonagon.methods.survey.proportion",
        rows=f"item {item.id}, about us",
        variant=f"share of answers of at least {short(edge)}, Wilson interval on Kish's effective n",
        assumptions=("Those who answered are a random sample of customers.",),
    )
    settings = record.cycle.settings

    def estimate(counts: _Counts) -> Estimate:
        x = counts.share(counts.values >= edge) * counts.effective
        return share_estimate(x, counts.effective, settings, n=counts.n, origin=key)

    def change(earlier_one: _Counts, later: _Counts) -> Estimate:
        one = two_proportions(
            x1=later.share(later.values >= edge) * later.effective,
            n1=later.effective,
            x2=earlier_one.share(earlier_one.values >= edge) * earlier_one.effective,
            n2=earlier_one.effective,
            confidence=settings.confidence,
        )
        return estimate_of(one.difference, one, n=later.n, unit="share", origin=key)

    return _measure(record, ("csat", "Satisfied customers (CSAT)"), item, order, classes, estimate, change)


def _measure(
    record: Record,
    name: tuple[str, str],
    item: Item,
    order: Sequence[str],
    classes: Sequence[CustomerClass],
    estimate: Callable[[_Counts], Estimate],
    change: Callable[[_Counts, _Counts], Estimate],
) -> Measure | None:
    """A measure from the counts of one item's values, by wave, and by class in the latest wave."""
    found = answers.value_counts(record.facts, by=("wave",), items=[item.id])
    least = record.cycle.settings.group_minimum
    by_wave = {wave: _counts(found, found["wave"] == wave) for wave in order if (found["wave"] == wave).any()}
    if not by_wave:
        record.lack(f"{name[1]} has no answers.", f"answers to the item {item.id}")
        return None
    points = tuple(
        MeasurePoint(wave=wave, value=_withheld(least, name) if counts.n < least else estimate(counts))
        for wave, counts in by_wave.items()
    )
    latest = list(by_wave.values())[-2:]
    withheld = next((point.value for point in points[-2:] if point.value.value is None), None)
    return Measure.model_validate(
        {
            "id": name[0],
            "name": name[1],
            "points": points,
            "change": None if len(latest) < 2 else withheld or change(*latest),
            "by_class": _by_class(record, item, list(by_wave)[-1], classes, estimate, name),
        }
    )


def _by_class(
    record: Record,
    item: Item,
    wave: str,
    classes: Sequence[CustomerClass],
    estimate: Callable[[_Counts], Estimate],
    name: tuple[str, str],
) -> tuple[tuple[str, Estimate], ...]:
    """By class in one wave; small classes, and those that subtraction would give away, are withheld."""
    if not classes:
        return ()
    least = record.cycle.settings.group_minimum
    try:
        found = answers.value_counts(
            record.facts, by=("class_id",), items=[item.id], waves=[wave], classes=classes
        )
        cells = answers.class_cells(record.facts, classes, items=[item.id], waves=[wave])
    except ArgumentError as error:
        record.lack(f"{name[1]} by class.", str(error))
        return ()
    asked = [(place, one) for place, one in enumerate(classes) if (found["class_id"] == one.id).any()]
    groups = [cells[f"class_{place}"] > 0 for place, _ in asked]
    allowed = shown_in_turn(cells=cells["persons"], groups=groups, threshold=least) if groups else ()
    return tuple(
        (one.name, estimate(_counts(found, found["class_id"] == one.id)) if may_be else _withheld(least, name))
        for (_, one), may_be in zip(asked, allowed, strict=True)
    )


def _withheld(least: int, name: tuple[str, str]) -> Estimate:
    unit = "share" if name[0] == "csat" else "points"
    return Estimate(why=f"withheld: fewer than {least} answers, or subtraction would show so few", unit=unit)


def _counts(found: Columns, chosen: np.ndarray) -> _Counts:
    weights = found["weights"][chosen]
    return _Counts(
        values=found["value"][chosen],
        n=int(found["n"][chosen].sum()),
        weights=weights,
        effective=float(weights.sum() ** 2 / found["weights_squared"][chosen].sum()),
    )


def _index(record: Record, decisions: Step9Decisions, order: Sequence[str]) -> Measure | None:
    """Weighted mean of the satisfaction items on a scale from 0 to 100, of those who answered all of them."""
    chosen = {part.item: float(part.weight) for part in decisions.measure} or {
        item.id: 1.0 for item in record.cycle.items_of("satisfaction")
    }
    items = [item for item in record.cycle.items if item.id in chosen]
    if not items:
        record.lack("No satisfaction index.", "items of kind satisfaction in items.csv, or decisions/measure.csv")
        return None
    key = record.origin(
        "index",
        ("answers",),
        "nonagon.methods.survey.mean",
        rows="respondents who answered all items of the measure",
        variant=f"weighted mean of {plural(len(items), 'item')} put on 0 to 100, t interval, answers unweighted",
        assumptions=("Those who answered all items are like the others.",),
    )
    sums = {
        wave: answers.cross_products(record.facts, [item.id for item in items], waves=[wave]) for wave in order
    }
    found = {wave: _index_mean(record, items, chosen, *one) for wave, one in sums.items() if one[0] > 0}
    if not found:
        record.lack("No satisfaction index.", "respondents who answered all items of the measure")
        return None
    withheld = _withheld(max(2, record.cycle.settings.group_minimum), ("index", ""))
    points = tuple(
        MeasurePoint(
            wave=wave,
            value=withheld
            if one is None
            else estimate_of(one.mean, one, n=float(one.n), unit="points", origin=key),
        )
        for wave, one in found.items()
    )
    before, latest = list(found.values())[-2:] if len(found) > 1 else (None, None)
    change = withheld if len(found) > 1 else None
    if before is not None and latest is not None:
        try:
            one = mean_difference(one=latest, two=before, confidence=record.cycle.settings.confidence)
            change = estimate_of(one.difference, one, n=float(latest.n), unit="points", origin=key)
        except NonagonError as error:
            change = Estimate(why=str(error), unit="points", origin=key)
    return Measure(id="index", name="Satisfaction index, 0 to 100", points=points, change=change)


def _index_mean(
    record: Record,
    items: Sequence[Item],
    weights: dict[str, float],
    n: int,
    sums: np.ndarray,
    products: np.ndarray,
) -> Mean | None:
    """The mean of one wave; None where too few answered all items."""
    if n < max(2, record.cycle.settings.group_minimum):
        return None
    part = np.array([weights[item.id] for item in items])
    spans = np.array([float(item.scale_max - item.scale_min) for item in items])
    slopes = 100 * part / part.sum() / spans
    constant = -float(slopes @ np.array([float(item.scale_min) for item in items]))
    total = float(slopes @ sums)
    squares = float(slopes @ products @ slopes) + 2 * constant * total + n * constant**2
    try:
        return mean(
            n=n,
            total=total + n * constant,
            total_of_squares=squares,
            confidence=record.cycle.settings.confidence,
        )
    except NonagonError:
        return None
