"""Step 3's section: what customers said and how they rate it, what is unheard, and what management assumed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from nonagon.charts.bars import Bar, intervals
from nonagon.charts.lines import Point, discovery_curve, trend
from nonagon.charts.maps import Place, kano_map
from nonagon.charts.section import Align, Block, Chart, Figure, Figures, Heading, Paragraph, Section, Table
from nonagon.charts.wording import estimate, number, percent, plural
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.step3 import (
    AssumptionAudit,
    Coding,
    NeedResult,
    NeedsDeliverable,
    SurveyQuality,
    UnknownNeeds,
)
from nonagon.steps.step3_needs.decisions import Step3Decisions

# As many lines as the theme has colours; as many columns as a sheet of paper holds upright.
MOST_LINES = 6
MOST_COLUMNS = 4
MOST_MEANS = 8
NEEDS_PER_TABLE = 60
WITHHELD = "withheld"


def section(deliverable: NeedsDeliverable, decisions: Step3Decisions) -> Section:
    """The section of the report, and later of the page."""
    del decisions
    blocks: list[Block] = [_figures(deliverable)]
    if deliverable.needs:
        blocks += [Heading("Needs"), *_needs(deliverable)]
    blocks += _scores(deliverable)
    if any(one.kano for one in deliverable.needs):
        blocks += _kano(deliverable)
    if deliverable.coding is not None:
        blocks += _said(deliverable, deliverable.coding)
    if deliverable.unknown:
        blocks += _unheard(deliverable)
    if deliverable.audit is not None:
        blocks += _audit(deliverable.audit, deliverable)
    if deliverable.quality is not None:
        blocks.append(_quality(deliverable.quality))
    if deliverable.areas:
        blocks += [Heading("Areas to improve"), _areas(deliverable)]
    return Section(
        step=3,
        title="Determine needs and expectations",
        purpose="What customers need and expect, in their words and scores, and how much of it is still unheard.",
        blocks=tuple(blocks),
    )


def _meter(deliverable: NeedsDeliverable) -> UnknownNeeds | None:
    return next((one for one in deliverable.unknown if one.class_id is None), None)


def _figures(deliverable: NeedsDeliverable) -> Figures:
    figures = [_count(deliverable.needs)]
    meter = _meter(deliverable)
    if meter is not None:
        most = "no upper bound" if meter.unheard_at_most.why else f"at most {percent(meter.unheard_at_most.value)}"
        figures.append(
            Figure(
                "Needs still unheard",
                f"at least {percent(meter.unheard_at_least.value)}",
                most,
                meter.unheard_at_least.origin,
            )
        )
        figures.append(
            Figure(
                f"More {meter.unit} for at most {percent(meter.limit, digits=0)} unheard",
                _more(meter),
                "",
                meter.more_units.origin,
            )
        )
    if deliverable.audit is not None:
        share = deliverable.audit.blind_share
        detail = f"of {deliverable.audit.heard} {deliverable.audit.counted} heard, not listed"
        figures.append(Figure("Blind share of management", estimate(share), detail, share.origin))
    return Figures(tuple(figures))


def _count(needs: Sequence[NeedResult]) -> Figure:
    """How many needs there are: single ones, and the groups that they stand in."""
    groups = {one.parent for one in needs} & {one.id for one in needs}
    single = [one for one in needs if one.id not in groups]
    heard = sum(1 for one in single if one.heard)
    within = f"in {plural(len(groups), 'group')}; " if groups else ""
    return Figure(
        "Needs" if not groups else "Single needs", str(len(single)), f"{within}customers spoke of {heard}"
    )


def _more(meter: UnknownNeeds) -> str:
    """How many more interviews it takes, in words: by the model, and until the upper bound is low enough too."""
    found = meter.more_units
    if found.value is None:
        return found.why or "not known"
    now = number(found.value, digits=0) if found.value else "none"
    if found.high is None:
        return f"{now} by the model; how many to be sure is not known"
    upper = number(found.high, digits=0) if found.high else "none"
    return f"{now} by the model, {upper} to be sure"


def _in_tree_order(needs: Sequence[NeedResult]) -> Iterator[tuple[int, NeedResult]]:
    """Every need right under the need that it is part of, with its depth from 0."""
    known = {one.id for one in needs}
    below: dict[str | None, list[NeedResult]] = {}
    for one in needs:
        below.setdefault(one.parent if one.parent in known else None, []).append(one)
    waiting = [(0, one) for one in reversed(below.get(None, []))]
    while waiting:
        depth, one = waiting.pop()
        yield depth, one
        waiting += [(depth + 1, child) for child in reversed(below.get(one.id, []))]


def _needs(deliverable: NeedsDeliverable) -> list[Block]:
    """The tree, and beside it, so that both fit on a sheet, what was asked about needs."""
    shown = list(_in_tree_order(deliverable.needs))[:NEEDS_PER_TABLE]
    rows = tuple(
        (
            "\u2003" * depth + one.name,
            f"{number(one.heard, digits=0)} ({percent(one.said_by.value)})"
            if one.said_by is not None and one.said_by.value
            else "",
            estimate(one.satisfaction),
            estimate(one.importance),
        )
        for depth, one in shown
    )
    kinds = {one.importance_kind for one in deliverable.needs} - {"none"}
    kind = {
        "stated": "as customers stated it",
        "derived": "derived from their answers (share of what needs explain of overall satisfaction)",
        "frequency": "the share of customers who speak of it",
    }
    note = "Said by: customers who spoke of the need or of one below it."
    if kinds:
        note += f" Importance: {', '.join(kind[one] for one in sorted(kinds))}."
    if len(deliverable.needs) > len(shown):
        note += f" {len(deliverable.needs) - len(shown)} more needs are in the deliverable."
    columns: tuple[tuple[str, Align], ...] = (
        ("need", "text"),
        ("said by", "number"),
        ("satisfaction", "number"),
        ("importance", "number"),
    )
    tree = Table("Needs as a tree, with what customers said and how they rate us", columns, rows, note=note)
    return [tree, *_asked([one for _, one in shown])]


def _asked(needs: Sequence[NeedResult]) -> list[Block]:
    """Derived importance beside the carried one, the gap and the Kano class, of needs that have any of them."""
    rows = tuple(
        (
            one.name,
            estimate(one.derived) if one.importance_kind != "derived" else "",
            estimate(one.gap, sign=True),
            one.kano or "",
        )
        for one in needs
    )
    rows = tuple(row for row in rows if any(row[1:]))
    if not rows:
        return []
    columns: tuple[tuple[str, Align], ...] = (
        ("need", "text"),
        ("derived importance", "number"),
        ("gap to expectation", "number"),
        ("Kano class", "text"),
    )
    note = (
        "Derived importance: share of what the needs explain of overall satisfaction. Gap: rating minus "
        "expectation of the same respondents, in points."
    )
    return [Table("What more the answers say of the needs", columns, rows, note=note)]


def _rated(deliverable: NeedsDeliverable) -> list[NeedResult]:
    rated = [
        (one.satisfaction.value, one)
        for one in deliverable.needs
        if one.satisfaction is not None and one.satisfaction.value is not None
    ]
    return [one for _, one in sorted(rated, key=lambda pair: (pair[0], pair[1].id))]


def _scores(deliverable: NeedsDeliverable) -> list[Block]:
    rated = _rated(deliverable)
    if not rated:
        return []
    blocks: list[Block] = [
        Heading("Scores"),
        intervals(
            [
                Bar(one.name, one.satisfaction.value, one.satisfaction.low, one.satisfaction.high)
                for one in rated
                if one.satisfaction is not None
            ],
            title="Satisfaction by need, lowest first",
            x="mean score, points",
            origin="scores",
        ),
    ]
    if len(deliverable.waves) > 1:
        blocks.append(_over_waves(rated[:MOST_LINES], deliverable.waves))
        blocks += _by_wave(rated, deliverable.waves)
    blocks += _by_class(rated, deliverable)
    if deliverable.overall:
        blocks.append(_overall(deliverable))
    return blocks


def _over_waves(lowest: list[NeedResult], waves: Sequence[str]) -> Chart:
    """The chart; beside it the means alone, as every need stands with its intervals in the tables that follow."""
    title = "The lowest scores over the waves" if len(lowest) == MOST_LINES else "Scores over the waves"
    chart = trend(
        {
            one.name: [
                Point(score.wave or "all", score.score.value, score.score.low, score.score.high)
                for score in one.by_wave
            ]
            for one in lowest
        },
        title=title,
        x="wave",
        y="mean score, points",
        origin="scores",
    )
    return replace(chart, table=_means_by_wave(title, lowest, waves))


def _means_by_wave(title: str, needs: list[NeedResult], waves: Sequence[str]) -> Table:
    """A column a wave where a sheet holds them, else a row a wave of each need."""
    note = "With their intervals in the tables that follow."
    if len(waves) <= MOST_MEANS:
        columns: tuple[tuple[str, Align], ...] = (("need", "text"), *((wave, "number") for wave in waves))
        rows = tuple((one.name, *(number(_in_wave(one, wave).value) for wave in waves)) for one in needs)
        return Table(title, columns, rows, note=note, origin="scores")
    long: tuple[tuple[str, Align], ...] = (("need", "text"), ("wave", "text"), ("mean score, points", "number"))
    rows = tuple((one.name, wave, number(_in_wave(one, wave).value)) for one in needs for wave in waves)
    return Table(title, long, rows, note=note, origin="scores")


def _in_wave(need: NeedResult, wave: str) -> Estimate:
    return next((one.score for one in need.by_wave if one.wave == wave), Estimate(why=" "))


def _by_wave(rated: list[NeedResult], waves: Sequence[str]) -> list[Block]:
    blocks: list[Block] = []
    for part in _in_parts(waves):
        rows = tuple((one.name, *(_cell(_in_wave(one, wave)) for wave in part)) for one in rated)
        columns: tuple[tuple[str, Align], ...] = (("need", "text"), *((wave, "number") for wave in part))
        named = f"waves {part[0]} to {part[-1]}" if len(part) > 1 else f"wave {part[0]}"
        note = f"{WITHHELD}: too few answers." if any(WITHHELD in row for row in rows) else ""
        blocks.append(Table(f"Satisfaction by wave: {named}", columns, rows, note=note, origin="scores"))
    return blocks


def _in_parts(names: Sequence[str]) -> list[Sequence[str]]:
    """The names in runs of nearly even length that fit on a sheet."""
    count = -(-len(names) // MOST_COLUMNS)
    ends = [len(names) * at // count for at in range(count + 1)] if count else [0]
    return [names[start:end] for start, end in pairwise(ends)]


def _cell(score: Estimate | None) -> str:
    """A score with its interval; one word where it may not be shown."""
    if score is None:
        return ""
    return WITHHELD if score.value is None and score.why.strip() else estimate(score).strip()


def _by_class(rated: list[NeedResult], deliverable: NeedsDeliverable) -> list[Block]:
    """Tables of a few classes each; classes of which nothing may be shown are named once."""
    names = {one.class_id: one.class_name or one.class_id for need in rated for one in need.by_class}
    scores = {(need.id, one.class_id): one.score for need in rated for one in need.by_class}
    shown = [one for one in names if any(scores[key].value is not None for key in scores if key[1] == one)]
    hidden = [name for class_id, name in names.items() if class_id not in shown]
    wave = f" in wave {deliverable.wave}" if deliverable.wave else ""
    blocks: list[Block] = []
    for part in _in_parts(shown):
        rows = tuple((need.name, *(_cell(scores.get((need.id, class_id))) for class_id in part)) for need in rated)
        columns: tuple[tuple[str, Align], ...] = (("need", "text"), *((names[one], "number") for one in part))
        blocks.append(Table(f"Satisfaction by class of customers{wave}", columns, rows, origin="scores_by_class"))
    if names and (hidden or any(score.value is None for score in scores.values())):
        sentence = (
            "Withheld are scores of too few answers, and those from which the score of a smaller group could be "
            "found by subtraction"
        )
        whole = f". Wholly withheld: {'; '.join(hidden)}" if hidden else ""
        blocks.append(Paragraph(f"{sentence}{whole}.", tone="quiet"))
    return blocks


def _overall(deliverable: NeedsDeliverable) -> Table:
    return Table(
        "Other questions",
        (("question", "text"), ("kind", "text"), ("latest score", "number")),
        tuple((one.text or one.item, one.kind, estimate(one.score)) for one in deliverable.overall),
        origin="scores",
    )


def _kano(deliverable: NeedsDeliverable) -> list[Block]:
    found = [
        one
        for one in deliverable.needs
        if one.better is not None and one.worse is not None and one.better.value is not None
    ]
    if not found:
        return []
    places = tuple(
        Place(one.name, abs(one.worse.value or 0.0), one.better.value or 0.0, one.kano or "")
        for one in found
        if one.better is not None and one.worse is not None
    )
    return [kano_map(places, title="What kind of need each is (Kano)", origin="kano")]


def _said(deliverable: NeedsDeliverable, coding: Coding) -> list[Block]:
    sentence = (
        f"{plural(coding.verbatims, 'verbatim')} of {plural(coding.speakers, 'customer')} were read by the coding "
        f"rules{f', {coding.by_hand} of them by a person as well' if coding.by_hand else ''}; "
        f"{estimate(coding.coded)} speak of a known need. {plural(coding.negated, 'match', 'matches')} "
        "stood behind a denying word and were set aside."
    )
    if coding.unmatched_rules:
        sentence += f" {plural(len(coding.unmatched_rules), 'rule')} matched nothing."
    if coding.agreement is not None:
        sentence += f" Two coders agree beyond chance by kappa {estimate(coding.agreement)}."
    blocks: list[Block] = [Heading("What customers said"), Paragraph(sentence)]
    if deliverable.proposals:
        blocks.append(
            Table(
                "Frequent phrases that belong to no known need: proposals for new needs",
                (
                    ("phrase", "text"),
                    ("said in the same sentences", "text"),
                    ("customers", "number"),
                    ("sentences", "number"),
                    ("stands out by", "number"),
                ),
                tuple(
                    (
                        one.phrase,
                        ", ".join(one.others),
                        number(one.speakers, digits=0),
                        number(one.sentences, digits=0),
                        number(one.strength, digits=1),
                    )
                    for one in deliverable.proposals
                ),
                note="Phrases of few customers are withheld. A person decides which proposal is a need. "
                "Stands out by: how much more often it is said here than where rules find a need (log-likelihood "
                "ratio G²; from 10.8 on it is hardly chance).",
                origin="proposals",
            )
        )
    return blocks


def _unheard(deliverable: NeedsDeliverable) -> list[Block]:
    blocks: list[Block] = [Heading("What is still unheard")]
    meter = _meter(deliverable)
    if meter is not None:
        blocks.append(_curve(meter))
    rows = tuple(
        (
            one.class_name or one.class_id or "all customers",
            plural(one.units, one.unit[:-1]),
            str(one.heard),
            percent(one.unheard_at_least.value),
            percent(one.unheard.value),
            "no upper bound" if one.unheard_at_most.why else percent(one.unheard_at_most.value),
            _more(one),
        )
        for one in deliverable.unknown
    )
    blocks.append(
        Table(
            "Share of needs not yet heard",
            (
                ("customers", "text"),
                ("heard in", "number"),
                ("needs heard", "number"),
                ("unheard, at least", "number"),
                ("by the model", "number"),
                ("at most", "number"),
                (f"more for {percent(deliverable.unknown[0].limit, digits=0)}", "text"),
            ),
            rows,
            note=f"Counted are {deliverable.unknown[0].counted}. To be sure: until the upper bound is as low too. "
            + deliverable.unknown[0].coverage,
            origin="unknown_needs",
        )
    )
    return blocks


def _curve(meter: UnknownNeeds) -> Chart:
    held = [(float(one.units), one.known) for one in meter.curve if not one.beyond]
    ahead = [(float(one.units), one.known) for one in meter.curve if one.beyond]
    share = meter.unheard_at_most.value
    high = None if meter.unheard_at_most.why or share is None or share >= 1 else meter.heard / (1 - share)
    return discovery_curve(
        held,
        held[-1:] + ahead,
        total=(meter.least_total.value, high),
        title="Needs known after so many " + meter.unit,
        origin=meter.least_total.origin,
    )


def _audit(audit: AssumptionAudit, deliverable: NeedsDeliverable) -> list[Block]:
    names = {one.id: one.name for one in deliverable.needs}
    rows = tuple(
        (
            one.name,
            (f"{one.by}, " if one.by else "")
            + f"{one.stated_on or 'undated'}{'' if one.sealed else ' (not sealed)'}",
            str(one.believed_rank or ""),
            str(one.actual_rank or ""),
            number(one.predicted),
            estimate(one.rated),
            estimate(one.error, sign=True),
            one.verdict,
        )
        for one in audit.beliefs
    )
    blind = ", ".join(names.get(one, one) for one in audit.blind) or "none"
    sentence = (
        f"Customers spoke of {audit.heard} {audit.counted}; management had not listed: {blind}. Blind share "
        f"{estimate(audit.blind_share)}; share of customers who named such a need "
        f"{estimate(audit.blind_mentions)}. Mean error of predicted scores "
        f"{estimate(audit.error)} points, predicted minus rated {estimate(audit.bias, sign=True)}."
    )
    return [
        Heading("What management assumed"),
        Paragraph(sentence),
        *_seal(audit),
        Table(
            "Assumptions against what customers said and rated",
            (
                ("need", "text"),
                ("by whom and when", "text"),
                ("believed rank", "number"),
                ("rank", "number"),
                ("predicted", "number"),
                ("rated", "number"),
                ("error", "number"),
                ("verdict", "text"),
            ),
            rows,
            note="Right: the rating's interval holds the prediction. Sealed: stated before the first answer or "
            f"verbatim ({audit.first_heard or 'undated'}).",
            origin="audit",
        ),
    ]


def _seal(audit: AssumptionAudit) -> list[Block]:
    """Since when the register is closed, by what fingerprint that can be checked, and when it was opened again."""
    said = []
    if audit.sealed_on is not None:
        said.append(f"The register is sealed since {audit.sealed_on}; SHA-256 of what stands in it: {audit.seal}.")
    said += [
        f"Sealed on {one.sealed_on}, it was opened again on {one.unsealed_on}"
        f"{f' by {one.by}' if one.by else ''}: {one.reason.rstrip('.')}."
        for one in audit.opened
    ]
    return [Paragraph(one, tone="quiet") for one in said]


def _quality(quality: SurveyQuality) -> Table:
    return Table(
        "Survey quality, computed",
        (
            ("wave", "text"),
            ("from", "text"),
            ("to", "text"),
            ("respondents", "number"),
            ("answers", "number"),
            ("effective number", "number"),
            ("widest margin, points", "number"),
        ),
        tuple(
            (
                one.wave or "all",
                one.first.isoformat() if one.first else "",
                one.last.isoformat() if one.last else "",
                number(one.respondents, digits=0),
                number(one.answers, digits=0),
                number(one.effective.value, digits=0) if one.effective.value is not None else one.effective.why,
                estimate(one.margin),
            )
            for one in quality.waves
        ),
        note="Effective number: as many answers of equal weight would be as sure. "
        f"Reliability over {plural(quality.reliability_items, 'item')} (Cronbach's alpha): "
        f"{estimate(quality.reliability)}.",
        origin="reliability",
    )


def _areas(deliverable: NeedsDeliverable) -> Table:
    return Table(
        "The areas to improve that follow from the feedback, most reasons first",
        (("need", "text"), ("why", "text"), ("satisfaction", "number"), ("importance", "number")),
        tuple(
            (one.name, "; ".join(one.reasons), estimate(one.satisfaction), estimate(one.importance))
            for one in deliverable.areas
        ),
    )
