"""Facts, follow-up decisions and the steps before -> how the improved product sells, what is said of it."""

from datetime import date

from nonagon.charts.wording import amount
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Link
from nonagon.deliverables.record import Record
from nonagon.deliverables.step8 import AftersalesDeliverable, FollowUp, Returned, VersionSales
from nonagon.deliverables.step8 import Warning as Alarm
from nonagon.engine import answers
from nonagon.engine.facts import Facts
from nonagon.steps.step8_aftersales.analysis.cases import summarise
from nonagon.steps.step8_aftersales.analysis.perception import perceptions
from nonagon.steps.step8_aftersales.analysis.process import process_links
from nonagon.steps.step8_aftersales.analysis.sales import months, versions
from nonagon.steps.step8_aftersales.analysis.watching import watch
from nonagon.steps.step8_aftersales.decisions import Step8Decisions


def analyse(*, cycle: Cycle, facts: Facts, decisions: Step8Decisions, earlier: Earlier) -> AftersalesDeliverable:
    """Step 8's deliverable; what the data or the decisions do not say stands in its `lacks`."""
    record = Record(facts, cycle)
    sold = versions(record, earlier)
    said = perceptions(record, _waves(record, earlier))
    as_of = decisions.as_of or _last_day(record, sold)
    cases = summarise(record, decisions, as_of)
    alarms = tuple(watch(record, plan, earlier) for plan in decisions.watches)
    if not decisions.watches:
        record.lack("Nobody is warned of a fall.", "decisions/watches.csv: the items to watch and since when")
    _say_sales(record, sold)
    _say_alarms(record, alarms)
    returned = _returned(record, decisions, earlier)
    return AftersalesDeliverable(
        as_of=as_of,
        versions=sold,
        months=months(facts),
        perceptions=said,
        follow_ups=_follow_ups(record, decisions),
        cases=cases,
        warnings=alarms,
        process_links=process_links(record, earlier),
        returned=returned,
        origins=record.origins,
        findings=tuple(record.findings),
        lacks=tuple(record.lacks),
        links=_links(decisions),
    )


def _waves(record: Record, earlier: Earlier) -> tuple[str, ...]:
    """In the order that step 3 found."""
    if earlier.step3 is not None and earlier.step3.waves:
        return earlier.step3.waves
    if not record.facts.has("answers"):
        return ()
    return tuple(str(one) for one in answers.waves(record.facts)["wave"])


def _last_day(record: Record, sold: tuple[VersionSales, ...]) -> date | None:
    """The last day on which anything was measured of customers."""
    days = [one.last for one in sold]
    if record.facts.has("answers", "date"):
        days += [one for one in answers.waves(record.facts)["last"] if one is not None]
    return max(days, default=None)


def _follow_ups(record: Record, decisions: Step8Decisions) -> tuple[FollowUp, ...]:
    counts: dict[str, int] = {}
    asked = sorted({item for one in decisions.follow_ups for item in one.items})
    if record.facts.has("answers", "date"):
        counts = {item: int(answers.by_day(record.facts, item)["n"].sum()) for item in asked}
    elif asked and record.facts.has("answers"):
        record.lack("Which answers a follow-up brought is not known.", "the column date in the table answers")
    return tuple(
        FollowUp(
            id=one.id,
            name=one.name or one.id,
            days_after=one.days_after,
            items=one.items,
            cases=sum(case.follow_up == one.id for case in decisions.cases),
            answers=sum(counts.get(item, 0) for item in one.items),
        )
        for one in decisions.follow_ups
    )


def _returned(record: Record, decisions: Step8Decisions, earlier: Earlier) -> tuple[Returned, ...]:
    needs = {one.id: one for one in earlier.step3.needs} if earlier.step3 else {}
    rows = []
    for one in decisions.returns:
        need = needs.get(one.need)
        rows.append(
            Returned(
                need=one.need,
                need_name=need.name if need else one.need,
                activity=one.activity,
                message=one.message,
                speakers=need.verbatims_with_parts if need else None,
                told=one.told,
                told_on=one.told_on,
            )
        )
    if rows:
        done = sum(one.told_on is not None for one in rows)
        people = sum(one.told or 0 for one in rows)
        record.say(
            "note",
            f"You said, we did: for {done} of {len(rows)} needs customers were told what became of what they said "
            f"({people} customers).",
            headline=13,
        )
    return tuple(rows)


def _say_sales(record: Record, sold: tuple[VersionSales, ...]) -> None:
    whole = [one for one in sold if one.class_id is None]
    if len(whole) < 2:
        return
    ordered = sorted(whole, key=lambda one: (one.first, one.version))
    currency = record.cycle.currency
    parts = ", ".join(f"{one.version} {amount(one.per_day, currency)} a day" for one in ordered)
    record.say("note", f"Revenue by version: {parts}.", origin="sales")


def _say_alarms(record: Record, alarms: tuple[Alarm, ...]) -> None:
    for one in alarms:
        kind = "warning" if one.raised else "not_shown"
        headline = 10 if one.control_item is not None else None
        record.say(
            "warning" if kind == "warning" else "not_shown", one.sentence, origin=one.origin, headline=headline
        )


def _links(decisions: Step8Decisions) -> tuple[Link, ...]:
    """Control item -> the follow-up programmes that ask about its effect."""
    return tuple(
        Link(from_kind="control_item", from_id=item, to_kind="follow_up", to_id=one.id)
        for one in decisions.follow_ups
        for item in one.control_items
    )
