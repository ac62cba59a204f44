"""Step 3's section: what customers said and how they rate it, what is unheard, and what management assumed."""

from nonagon.charts.bars import Bar, intervals
from nonagon.charts.lines import Point, discovery_curve, trend
from nonagon.charts.maps import Place, kano_map
from nonagon.charts.section import Align, Block, Chart, Figure, Figures, Heading, Paragraph, Section, Table
from nonagon.charts.wording import estimate, number, percent, plural
from nonagon.deliverables.step3 import (
    AssumptionAudit,
    Coding,
    NeedResult,
    NeedsDeliverable,
    SurveyQuality,
    UnknownNeeds,
)
from nonagon.steps.step3_needs.decisions import Step3Decisions

MOST_LINES = 8
NEEDS_PER_TABLE = 60


def section(deliverable: NeedsDeliverable, decisions: Step3Decisions) -> Section:
    """The section of the report, and later of the page."""
    del decisions
    blocks: list[Block] = [_figures(deliverable)]
    if deliverable.needs:
        blocks += [Heading("Needs"), _needs(deliverable)]
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
    heard = sum(1 for one in deliverable.needs if one.heard)
    figures = [Figure("Needs", str(len(deliverable.needs)), f"{heard} of them spoken of by customers")]
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
                estimate(meter.more_units, digits=0),
                "by the model (low: at least, high: on the upper bound)",
                meter.more_units.origin,
            )
        )
    if deliverable.audit is not None:
        share = deliverable.audit.blind_share
        detail = "needs heard but not listed"
        figures.append(Figure("Blind share of management", estimate(share), detail, share.origin))
    return Figures(tuple(figures))


def _needs(deliverable: NeedsDeliverable) -> Table:
    columns: tuple[tuple[str, Align], ...] = (
        ("need", "text"),
        ("said by", "number"),
        ("satisfaction", "number"),
        ("importance", "number"),
        ("derived importance", "number"),
        ("gap to expectation", "number"),
        ("Kano class", "text"),
    )
    shown = deliverable.needs[:NEEDS_PER_TABLE]
    rows = tuple(
        (
            "\u2003" * (one.level - 1) + one.name,
            f"{one.heard} ({percent(one.said_by.value)})" if one.said_by is not None and one.said_by.value else "",
            estimate(one.satisfaction),
            estimate(one.importance),
            estimate(one.derived) if one.importance_kind != "derived" else "",
            estimate(one.gap),
            one.kano or "",
        )
        for one in shown
    )
    kinds = {one.importance_kind for one in deliverable.needs} - {"none"}
    kind = {
        "stated": "as customers stated it",
        "derived": "derived from their answers (share of what needs explain of overall satisfaction)",
        "frequency": "the share of customers who speak of it",
    }
    note = f"Importance: {', '.join(kind[one] for one in sorted(kinds))}." if kinds else ""
    if len(deliverable.needs) > len(shown):
        note += f" {len(deliverable.needs) - len(shown)} more needs are in the deliverable."
    return Table(
        "Needs as a tree, with what customers said and how they rate us", columns, rows, note=note.strip()
    )


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
        blocks.append(_over_waves(rated[:MOST_LINES]))
    classes = list(dict.fromkeys(score.class_id for one in rated for score in one.by_class))
    if classes:
        blocks.append(_by_class(rated, classes, deliverable))
    if deliverable.overall:
        blocks.append(_overall(deliverable))
    return blocks


def _over_waves(lowest: list[NeedResult]) -> Chart:
    return trend(
        {
            one.name: [
                Point(score.wave or "all", score.score.value, score.score.low, score.score.high)
                for score in one.by_wave
            ]
            for one in lowest
        },
        title="The lowest scores over the waves" if len(lowest) == MOST_LINES else "Scores over the waves",
        x="wave",
        y="mean score, points",
        origin="scores",
    )


def _by_class(rated: list[NeedResult], classes: list[str], deliverable: NeedsDeliverable) -> Table:
    columns: tuple[tuple[str, Align], ...] = (("need", "text"), *((one, "number") for one in classes))
    rows = []
    for one in rated:
        found = {score.class_id: score.score for score in one.by_class}
        rows.append((one.name, *(estimate(found.get(class_id)) for class_id in classes)))
    wave = f" in wave {deliverable.wave}" if deliverable.wave else ""
    return Table(
        f"Satisfaction by class of customers{wave}",
        columns,
        tuple(rows),
        note="Small groups are withheld, and others where subtraction would show a small one.",
        origin="scores_by_class",
    )


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
        f"rules; {estimate(coding.coded)} speak of a known need. {plural(coding.negated, 'match', 'matches')} "
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
                    ("strength (G²)", "number"),
                ),
                tuple(
                    (
                        one.phrase,
                        ", ".join(one.others),
                        str(one.speakers),
                        str(one.sentences),
                        number(one.strength, digits=1),
                    )
                    for one in deliverable.proposals
                ),
                note="Phrases of few customers are withheld. A person decides which proposal is a need.",
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
            one.class_id or "all customers",
            f"{one.units} {one.unit}",
            str(one.heard),
            percent(one.unheard_at_least.value),
            percent(one.unheard.value),
            "no upper bound" if one.unheard_at_most.why else percent(one.unheard_at_most.value),
            estimate(one.more_units, digits=0),
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
                (f"more for {percent(deliverable.unknown[0].limit, digits=0)}", "number"),
            ),
            rows,
            note=deliverable.unknown[0].coverage,
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
            one.by,
            f"{one.stated_on or 'undated'}{'' if one.sealed else ' (not sealed)'}",
            str(one.believed_rank or ""),
            str(one.actual_rank or ""),
            number(one.predicted),
            estimate(one.rated),
            estimate(one.error),
            one.verdict,
        )
        for one in audit.beliefs
    )
    blind = ", ".join(names.get(one, one) for one in audit.blind) or "none"
    sentence = (
        f"Needs that customers spoke of and management had not listed: {blind}. Blind share "
        f"{estimate(audit.blind_share)}; share of customers who named such a need "
        f"{estimate(audit.blind_mentions)}. Mean error of predicted scores "
        f"{estimate(audit.error)} points, predicted minus rated {estimate(audit.bias)}."
    )
    return [
        Heading("What management assumed"),
        Paragraph(sentence),
        Table(
            "Assumptions against what customers said and rated",
            (
                ("need", "text"),
                ("by", "text"),
                ("stated on", "text"),
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
        note=f"Reliability over {plural(quality.reliability_items, 'item')} (Cronbach's alpha): "
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
