"""Us against each competitor, item by item, with the number of comparisons taken into account."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nonagon.deliverables.cycle import Cycle, Item
from nonagon.deliverables.estimates import VARIANT, enough, estimate_of, estimates_of, means
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step2 import Comparison
from nonagon.engine import answers
from nonagon.engine.facts import Columns
from nonagon.methods.survey.mean import Mean, mean_difference
from nonagon.methods.survey.multiplicity import multiplicity
from nonagon.methods.survey.paired_t import paired_t
from nonagon.steps.step2_market.decisions import Step2Decisions

RATINGS = "ratings"
COMPARISON = "comparison"
PAIRED = "comparison_paired"
Key = tuple[str, str, str]
"""Subject, item, wave."""


@dataclass(slots=True)
class Standing:
    """How we stand: our latest scores by item, comparisons, and which needs customers call important.

    important: needs at or above the median stated importance; importance_known: whether any were asked.
    """

    competitors: tuple[str, ...] = ()
    scores: dict[str, Estimate] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()
    important: set[str] = field(default_factory=set)
    importance_known: bool = False


@dataclass(slots=True)
class _Ratings:
    """Sums of every subject, item and wave with enough answers, and the waves in order of time."""

    rows: Columns
    waves: list[str]
    place: dict[Key, int]
    confidence: float

    def means(self, keys: list[Key]) -> Mean:
        """Means of the keyed groups, in their order."""
        return means(self.rows, [self.place[key] for key in keys], self.confidence)

    def latest(self, item: str, *subjects: str) -> str | None:
        """The last wave in which all the subjects were rated on the item often enough."""
        asked = [wave for wave in self.waves if all((one, item, wave) in self.place for one in subjects)]
        return asked[-1] if asked else None


@dataclass(frozen=True, slots=True)
class _Test:
    """One comparison before adjustment; p is None where no chance can be computed."""

    item: Item
    competitor: str
    ours: Estimate
    theirs: Estimate
    difference: Estimate
    paired: bool
    p: float | None


def compare(record: Record, decisions: Step2Decisions) -> Standing:
    """Compares every satisfaction item in the latest wave that asked it of both."""
    facts = record.facts
    if not facts.has("answers"):
        record.lack("how customers rate us and our competitors", "the answers table, with ratings of competitors")
        return Standing()
    items = [*record.cycle.items_of("satisfaction"), *record.cycle.items_of("overall")]
    if not items:
        record.lack("the comparison with competitors", "items.csv: questions of kind satisfaction")
        return Standing()
    _note_origins(record, decisions)
    subjects = answers.subjects(facts)
    others = tuple(one for one in subjects if one != facts.our_subject)
    ratings = _ratings(record, [item.id for item in items], subjects)
    standing = Standing(competitors=others, scores=_scores(record, items, ratings))
    standing.important, standing.importance_known = _important(record)
    if not others:
        record.lack(
            "the comparison with competitors",
            "answers whose subject is a competitor: ask customers to rate competitors too",
        )
        return standing
    tests = [test for other in others for test in _against(record, other, items, ratings)]
    standing.comparisons = _adjusted(record, decisions, tests)
    _say(record, standing)
    return standing


def _note_origins(record: Record, decisions: Step2Decisions) -> None:
    sample = "Respondents are a random sample of the customers, or weighted to stand for them."
    record.origin(
        RATINGS,
        ("answers",),
        "nonagon.methods.survey.mean",
        rows="the latest wave in which the item was asked of the subject",
        variant=VARIANT,
        assumptions=(sample,),
    )
    adjusted = (
        f"verdicts adjusted for the number of comparisons by {decisions.adjustment} "
        "(nonagon.methods.survey.multiplicity); intervals each for itself"
    )
    record.origin(
        COMPARISON,
        ("answers",),
        "nonagon.methods.survey.mean",
        rows="the latest wave in which the item was asked of both",
        variant=f"Welch, where fewer than half rated both; {adjusted}",
        assumptions=(sample,),
    )
    record.origin(
        PAIRED,
        ("answers",),
        "nonagon.methods.survey.paired_t",
        rows="respondents who rated both in the latest wave in which the item was asked of both",
        variant=f"paired, where at least half rated both; {adjusted}",
        assumptions=(sample,),
    )


def _ratings(record: Record, items: list[str], subjects: tuple[str, ...]) -> _Ratings:
    found = list(answers.waves(record.facts)["wave"])
    stated = [wave.id for wave in record.cycle.waves if wave.id in found]
    rows = answers.moments(record.facts, by=("subject", "item", "wave"), items=items, subjects=subjects)
    return _Ratings(
        rows=rows,
        waves=[*stated, *(wave for wave in found if wave not in stated)],
        place={(rows["subject"][at], rows["item"][at], rows["wave"][at]): at for at in _enough(record, rows)},
        confidence=record.cycle.settings.confidence,
    )


def _enough(record: Record, rows: Columns) -> list[int]:
    """Positions of the groups whose mean may be shown and has an interval."""
    return [int(at) for at in np.flatnonzero(enough(rows, record.cycle.settings))]


def _estimates(of: Mean, origin: str) -> list[Estimate]:
    return estimates_of(of.mean, of, n=of.n, unit="points", origin=origin)


def _scores(record: Record, items: list[Item], ratings: _Ratings) -> dict[str, Estimate]:
    """Our latest score on each satisfaction item."""
    us = record.facts.our_subject
    keys = [(us, item.id, wave) for item in items if (wave := ratings.latest(item.id, us)) is not None]
    return (
        dict(zip([key[1] for key in keys], _estimates(ratings.means(keys), RATINGS), strict=True)) if keys else {}
    )


def _important(record: Record) -> tuple[set[str], bool]:
    """Needs whose stated importance is at or above the median of those asked, in the items' latest wave."""
    us = record.facts.our_subject
    items = [item for item in record.cycle.items_of("importance") if item.need is not None]
    if not items:
        return set(), False
    ratings = _ratings(record, [item.id for item in items], (us,))
    keys = [(us, item.id, wave) for item in items if (wave := ratings.latest(item.id, us)) is not None]
    if not keys:
        return set(), False
    values = ratings.means(keys).mean
    need_of = {item.id: item.need for item in items}
    middle = float(np.median(values))
    return {str(need_of[key[1]]) for key, value in zip(keys, values, strict=True) if value >= middle}, True


def _against(record: Record, other: str, items: list[Item], ratings: _Ratings) -> list[_Test]:
    """Every item on which customers rated both us and the other."""
    us = record.facts.our_subject
    waves = {item.id: wave for item in items if (wave := ratings.latest(item.id, us, other)) is not None}
    asked = [item for item in items if item.id in waves]
    if not asked:
        record.lack(f"the comparison with {other}", "a wave in which enough customers rated both on one item")
        return []
    ours = ratings.means([(us, item.id, waves[item.id]) for item in asked])
    theirs = ratings.means([(other, item.id, waves[item.id]) for item in asked])
    paired = _paired(record, other, waves, np.minimum(ours.n, theirs.n), asked)
    independent = _independent(ours, theirs, asked)
    shown_ours, shown_theirs = _estimates(ours, RATINGS), _estimates(theirs, RATINGS)
    found = []
    for at, item in enumerate(asked):
        same_people = item.id in paired
        difference, p = paired[item.id] if same_people else independent[item.id]
        found.append(_Test(item, other, shown_ours[at], shown_theirs[at], difference, same_people, p))
    return found


def _paired(
    record: Record, other: str, waves: dict[str, str], smaller: NDArray[np.float64], asked: list[Item]
) -> dict[str, tuple[Estimate, float | None]]:
    """Differences within respondents, of the items that at least half of the smaller group rated for both."""
    rows = answers.subject_pairs(record.facts, other, items=list(waves))
    wanted = {item.id: max(2.0, smaller[at] / 2) for at, item in enumerate(asked)}
    usable = set(_enough(record, rows))
    places = [
        at
        for at in range(len(rows["item"]))
        if at in usable
        and waves[rows["item"][at]] == rows["wave"][at]
        and rows["n"][at] >= wanted[rows["item"][at]]
    ]
    # Respondents who all differ by the same leave nothing to test with; Welch's test takes their place.
    sums = (rows["total_of_squares"] * rows["weights"] - rows["total"] ** 2)[places]
    places = [at for at, spread in zip(places, sums, strict=True) if spread > 1e-9]
    if not places:
        return {}
    result = paired_t(
        n=rows["n"][places],
        total=rows["total"][places],
        total_of_squares=rows["total_of_squares"][places],
        total_of_weights=rows["weights"][places],
        total_of_squared_weights=rows["weights_squared"][places],
        confidence=record.cycle.settings.confidence,
    )
    estimates = _estimates(result.differences, PAIRED)
    return {rows["item"][row]: (estimates[at], float(result.p[at])) for at, row in enumerate(places)}


def _independent(ours: Mean, theirs: Mean, asked: list[Item]) -> dict[str, tuple[Estimate, float | None]]:
    """Differences of the two means, as of independent respondents."""
    found: dict[str, tuple[Estimate, float | None]] = {}
    varies = np.hypot(ours.se, theirs.se) > 0
    for at, item in enumerate(asked):
        if not varies[at]:
            why = "all answers are equal, so chance cannot be computed"
            value = float(ours.mean[at] - theirs.mean[at])
            found[item.id] = (Estimate(value=value, unit="points", why=why, origin=COMPARISON), None)
            continue
        result = mean_difference(one=_one(ours, at), two=_one(theirs, at), confidence=ours.confidence)
        both = float(ours.n[at] + theirs.n[at])
        estimate = estimate_of(result.difference, result, n=both, unit="points", origin=COMPARISON)
        found[item.id] = (estimate, float(result.p))
    return found


def _one(of: Mean, at: int) -> Mean:
    """A single group of several."""
    fields = ("n", "n_effective", "mean", "sd", "se", "low", "high")
    return Mean(**{name: np.asarray(getattr(of, name)[at]) for name in fields}, confidence=of.confidence)


def _adjusted(record: Record, decisions: Step2Decisions, tests: list[_Test]) -> tuple[Comparison, ...]:
    """Verdicts at the cycle's confidence, adjusted over all items and competitors."""
    level = 1 - record.cycle.settings.confidence
    text = short_texts(record.cycle)
    tested = [at for at, test in enumerate(tests) if test.p is not None]
    adjusted: dict[int, float] = {}
    if tested:
        result = multiplicity(
            p=[tests[at].p or 0.0 for at in tested], adjustment=decisions.adjustment, level=level
        )
        adjusted = {at: float(result.adjusted[place]) for place, at in enumerate(tested)}
    return tuple(
        Comparison(
            item=test.item.id,
            text=text[test.item.id],
            need=test.item.need,
            competitor=test.competitor,
            ours=test.ours,
            theirs=test.theirs,
            difference=test.difference,
            verdict=_verdict(test.difference.value, adjusted.get(at), level),
            paired=test.paired,
            p=test.p,
            adjusted=adjusted.get(at),
        )
        for at, test in enumerate(tests)
    )


def short_texts(cycle: Cycle) -> dict[str, str]:
    """Each rated item in words, without what all questions of its kind begin with, such as "How we do: ".

    Only a beginning that ends in a colon goes, so that no question loses half a sentence; an item without a text
    is called by its id.
    """
    found = {item.id: item.text or item.id for item in cycle.items}
    texts = [item.text for item in cycle.items_of("satisfaction")]
    begin = texts[0].partition(": ")[0] + ": " if len(texts) > 1 and ": " in texts[0] else ""
    if begin and all(text.startswith(begin) and len(text) > len(begin) for text in texts):
        for item in cycle.items_of("satisfaction"):
            rest = item.text.removeprefix(begin)
            found[item.id] = rest[:1].upper() + rest[1:]
    return found


def _verdict(
    difference: float | None, adjusted: float | None, level: float
) -> Literal["better", "worse", "not_shown"]:
    if difference is None or adjusted is None or adjusted > level:
        return "not_shown"
    return "better" if difference > 0 else "worse"


def _say(record: Record, standing: Standing) -> None:
    for other in standing.competitors:
        mine = [one for one in standing.comparisons if one.competitor == other]
        if not mine:
            continue
        better = sum(one.verdict == "better" for one in mine)
        worse = sum(one.verdict == "worse" for one in mine)
        sentence = (
            f"Against {other} customers rate us higher on {better} and lower on {worse} of {len(mine)} items, "
            f"beyond chance; on the other {len(mine) - better - worse} no difference was shown."
        )
        record.say("shown" if better + worse else "not_shown", sentence, origin=COMPARISON)
