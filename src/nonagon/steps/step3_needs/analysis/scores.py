"""How customers rate us: every item's mean with its interval by wave, and by class in the latest wave."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from nonagon.basics.errors import ArgumentError
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.estimates import VARIANT, effective, mean_estimates
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step1 import CustomerClass
from nonagon.deliverables.step3 import ClassScore, ItemScore, WaveScore
from nonagon.engine import answers
from nonagon.engine.facts import Columns
from nonagon.methods.protection.differencing import shown_in_turn

SCORES = "scores"
BY_CLASS = "scores_by_class"


@dataclass(slots=True)
class Rated:
    """Scores of every item that was asked about us.

    waves: in order of time; wave: the latest, None without answers; scores: (item, wave) -> mean; by_class:
    item -> means by class in the latest wave; effective: (item, wave) -> Kish's effective number of answers;
    counts: the respondents and days of each wave.
    """

    waves: tuple[str, ...] = ()
    scores: dict[tuple[str, str], Estimate] = field(default_factory=dict)
    by_class: dict[str, tuple[ClassScore, ...]] = field(default_factory=dict)
    effective: dict[tuple[str, str], float] = field(default_factory=dict)
    counts: Columns = field(default_factory=dict)

    @property
    def wave(self) -> str | None:
        """The latest wave."""
        return self.waves[-1] if self.waves else None

    @property
    def items(self) -> set[str]:
        """Every item that was asked."""
        return {item for item, _ in self.scores}

    def latest(self, item: str | None) -> Estimate | None:
        """The item's score in the last wave that asked it."""
        asked = [wave for wave in self.waves if (item, wave) in self.scores]
        return self.scores[item, asked[-1]] if item is not None and asked else None

    def over_waves(self, item: str | None) -> tuple[WaveScore, ...]:
        """The item's scores in order of time."""
        if item is None:
            return ()
        return tuple(
            WaveScore(wave=wave, score=self.scores[item, wave])
            for wave in self.waves
            if (item, wave) in self.scores
        )

    def without_need(self, cycle: Cycle) -> tuple[ItemScore, ...]:
        """The register's rated items that ask about no need, with their scores."""
        kinds = {"overall", "recommend", "satisfaction", "other"}
        found = []
        for item in cycle.items:
            score = self.latest(item.id)
            if item.kind in kinds and item.need is None and score is not None:
                found.append(
                    ItemScore(
                        item=item.id,
                        text=item.text,
                        kind=item.kind,
                        score=score,
                        by_wave=self.over_waves(item.id),
                    )
                )
        return tuple(found)


def rate(record: Record, classes: Sequence[CustomerClass]) -> Rated:
    """Scores of all items; an empty result, with the lack said, without answers."""
    facts = record.facts
    if not facts.has("answers"):
        record.lack("how customers rate us", "the answers table: a survey with customers as respondents")
        return Rated()
    if not record.cycle.items:
        record.lack("scores by need", "items.csv: every question with its kind and the need that it asks about")
    counts = answers.waves(facts)
    rated = Rated(waves=_in_order(record.cycle, counts), counts=counts)
    rows = answers.moments(facts, by=("item", "wave"))
    if len(rows["item"]) == 0:
        record.lack("how customers rate us", f"answers about {facts.our_subject!r}; all are about others")
        return Rated()
    ours = set(rows["wave"])
    rated.waves = tuple(wave for wave in rated.waves if wave in ours)
    record.origin(
        SCORES,
        ("answers",),
        "nonagon.methods.survey.mean",
        rows="answers about us",
        variant=VARIANT,
        assumptions=("Respondents are a random sample of the customers, or weighted to stand for them.",),
    )
    estimates, numbers = mean_estimates(rows, record.cycle.settings, origin=SCORES), effective(rows)
    for at, (item, wave) in enumerate(zip(rows["item"], rows["wave"], strict=True)):
        rated.scores[item, wave] = estimates[at]
        rated.effective[item, wave] = float(numbers[at])
    _say_unregistered(record, rated)
    rated.by_class = _by_class(record, rated, classes)
    return rated


def _in_order(cycle: Cycle, counts: Columns) -> tuple[str, ...]:
    """The waves that the cycle names, in its order; where it names none, all of them by their first date.

    Answers outside the named waves, such as questions after every trip, are a series of their own.
    """
    asked = tuple(counts["wave"])
    return tuple(wave.id for wave in cycle.waves if wave.id in set(asked)) or asked


def _say_unregistered(record: Record, rated: Rated) -> None:
    known = {item.id for item in record.cycle.items}
    strange = sorted(rated.items - known)
    if known and strange:
        named = ", ".join(strange[:5])
        sentence = f"{len(strange)} items of the answers are not in items.csv and are left out: {named}."
        record.say("warning", sentence, origin=SCORES)
    missing = sorted(known - rated.items)
    if missing and rated.items:
        sentence = f"{len(missing)} items of items.csv have no answers about us: {', '.join(missing[:5])}."
        record.say("warning", sentence, origin=SCORES)


def _by_class(record: Record, rated: Rated, classes: Sequence[CustomerClass]) -> dict[str, tuple[ClassScore, ...]]:
    """Scores by class in the latest wave, protected against subtraction between classes and from the whole."""
    wave = rated.wave
    items = [
        item.id
        for item in record.cycle.items
        if item.kind in {"satisfaction", "overall"} and (item.id, wave) in rated.scores
    ]
    if not classes or wave is None or not items:
        return {}
    if not record.facts.has("answers", "customer_id"):
        record.lack("scores by class", "customer_id in the answers")
        return {}
    try:
        rows = answers.moments(record.facts, by=("class_id", "item"), items=items, waves=[wave], classes=classes)
        cells = answers.class_cells(record.facts, classes, items=items, waves=[wave])
    except ArgumentError as error:
        record.lack("scores by class", str(error))
        return {}
    record.origin(
        BY_CLASS,
        ("answers", "customers"),
        "nonagon.methods.survey.mean",
        rows=f"answers about us in wave {wave or '(all)'}, by class",
        variant=f"classes below {record.cycle.settings.group_minimum} answers withheld, and those that "
        "subtraction would give away (nonagon.methods.protection.differencing)",
        assumptions=("Respondents of a class are a random sample of it, or weighted to stand for it.",),
    )
    estimates = mean_estimates(rows, record.cycle.settings, origin=BY_CLASS)
    means = {
        (item, one): estimates[at]
        for at, (one, item) in enumerate(zip(rows["class_id"], rows["item"], strict=True))
    }
    return {item: _protected(record, item, classes, means, cells) for item in items}


def _protected(
    record: Record,
    item: str,
    classes: Sequence[CustomerClass],
    means: dict[tuple[str, str], Estimate],
    cells: Columns,
) -> tuple[ClassScore, ...]:
    least = record.cycle.settings.group_minimum
    mine = cells["item"] == item
    persons = cells["persons"][mine]
    scored = [(at, one.id) for at, one in enumerate(classes) if (item, one.id) in means]
    groups = [cells[f"class_{at}"][mine] > 0 for at, _ in scored]
    allowed = shown_in_turn(cells=persons, groups=groups, threshold=least) if groups else ()
    found = []
    for (at, class_id), asked, may_be_shown in zip(scored, groups, allowed, strict=True):
        score = means[item, class_id]
        if not may_be_shown:
            small = int(persons[asked].sum()) < least
            why = f"fewer than {least} answers" if small else "withheld"
            score = Estimate(unit="points", why=why, origin=BY_CLASS)
        found.append(ClassScore(class_id=class_id, class_name=classes[at].name, score=score))
    return tuple(found)
