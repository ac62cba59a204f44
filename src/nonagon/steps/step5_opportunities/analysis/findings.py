"""What the opportunities say, in plain sentences."""

from collections import Counter
from collections.abc import Iterator

from nonagon.charts.wording import chance as likely
from nonagon.charts.wording import estimate, listed, number, plural
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Finding
from nonagon.deliverables.step5 import OpportunitiesDeliverable, Opportunity
from nonagon.methods.priorities.importance_performance import CONCENTRATE
from nonagon.steps.step5_opportunities.decisions import Step5Decisions

RANKS, NARROWING = 2, 7


def findings_of(
    cycle: Cycle, decisions: Step5Decisions, result: OpportunitiesDeliverable, earlier: Earlier
) -> tuple[Finding, ...]:
    """The lowest and its certainty first, then the gap, what stands apart, other methods, choice and plan."""
    del decisions
    return (
        *_lowest(cycle, result),
        *_gap(result),
        *_apart(result, earlier),
        *_importance(result),
        *_methods(result),
        *_choice(result),
        *_look_back(result, earlier),
        *_charter(result),
        *_plan(result),
    )


def by_score(result: OpportunitiesDeliverable) -> list[Opportunity]:
    """The scored opportunities that can be acted on, lowest first."""
    return [one for one in result.opportunities if one.rank is not None and one.actionable]


def apart_words(result: OpportunitiesDeliverable) -> str:
    """What "lowest" is said of: something that cannot be acted on may score lower."""
    ranked = by_score(result)
    lower = [
        one
        for one in result.opportunities
        if ranked and not one.actionable and one.compared is not None and ranked[0].compared is not None
        if one.compared < ranked[0].compared
    ]
    return " of what can be acted on" if lower else ""


def may_be_lowest(result: OpportunitiesDeliverable) -> tuple[str, ...]:
    """The lowest and those not told apart from it; the lowest alone where nothing is known of chance."""
    return result.may_be_lowest or tuple(one.id for one in by_score(result)[:1])


def _lowest(cycle: Cycle, result: OpportunitiesDeliverable) -> Iterator[Finding]:
    ranked = by_score(result)
    if not ranked:
        return
    first, names = ranked[0], {one.id: one.name for one in result.opportunities}
    chance = first.chance_lowest
    score = f"“{first.name}” scores lowest{apart_words(result)}, {estimate(first.score)}"
    if chance is None or chance.value is None:
        yield Finding(
            kind="note", sentence=f"{score}; how sure that is cannot be said.", headline=RANKS, origin="ranks"
        )
        return
    rivals = [names[one] for one in may_be_lowest(result) if one != first.id]
    if not rivals and chance.value >= cycle.settings.confidence:
        yield Finding(
            kind="shown",
            sentence=f"{score}, and is truly the lowest with a chance of {likely(chance.value)}.",
            headline=RANKS,
            origin="ranks",
        )
        return
    tied = f"; it cannot be told apart from {', '.join(rivals)}" if rivals else ""
    needed = result.answers_needed
    more = ""
    if rivals and needed is not None and needed.value:
        more = f" About {number(needed.value, digits=0)} more answers a need, at least, would tell."
    yield Finding(
        kind="not_shown",
        sentence=f"{score}; that it is truly the lowest was not shown (chance {likely(chance.value)})"
        f"{tied}.{more}",
        headline=RANKS,
        origin="ranks",
    )


def _gap(result: OpportunitiesDeliverable) -> Iterator[Finding]:
    gap = result.spread
    if gap is not None and gap.value is not None and result.spread_observed is not None:
        yield Finding(
            kind="note",
            sentence=f"Between the highest and the lowest score lie {estimate(gap)} points, corrected for "
            f"picking the extremes ({number(result.spread_observed)} as observed).",
            headline=NARROWING,
            origin="spread",
        )
    change = result.narrowing
    if change is None or change.value is None or change.low is None or change.high is None:
        return
    waves = f"from wave {result.spread_by_wave[0].wave} to wave {result.spread_by_wave[-1].wave}"
    if change.low > 0:
        kind, said = "shown", f"The gap narrowed {waves} by {estimate(change)} points."
    elif change.high < 0:
        kind, said = "warning", f"The gap widened {waves}: it narrowed by {estimate(change)} points."
    else:
        kind, said = "not_shown", f"That the gap narrowed {waves} was not shown: {estimate(change)} points."
    yield Finding.model_validate({"kind": kind, "sentence": said, "headline": NARROWING, "origin": "narrowing"})


def _apart(result: OpportunitiesDeliverable, earlier: Earlier) -> Iterator[Finding]:
    for one in result.opportunities:
        if not one.actionable:
            why = one.why_not.rstrip(".") or "no reason recorded"
            place = f" (place {one.rank} from the lowest)" if one.rank is not None else ""
            yield Finding(
                kind="note" if one.why_not else "warning",
                sentence=f"“{one.name}”{place} is set apart, since the organization cannot act on it: {why}.",
            )
    unscored = [one for one in result.opportunities if one.score is None or one.score.value is None]
    if not by_score(result):
        return
    heard = _heard(earlier)
    for words, named in (
        ("heard but not rated", [one.name for one in unscored if one.need in heard]),
        ("neither heard nor rated", [one.name for one in unscored if one.need not in heard]),
    ):
        if named:
            yield Finding(
                kind="note",
                sentence=f"{plural(len(named), 'need was', 'needs were')} {words}, so without a place: "
                f"{', '.join(named)}.",
            )


def _heard(earlier: Earlier) -> set[str]:
    """The needs that somebody spoke of, in words of its own or of a need below it."""
    needs = earlier.step3.needs if earlier.step3 else ()
    return {need.id for need in needs if need.heard or need.verbatims}


def _importance(result: OpportunitiesDeliverable) -> Iterator[Finding]:
    here = [one for one in by_score(result) if one.quadrant == CONCENTRATE]
    if here:
        named = ", ".join(
            f"{one.name} ({likely(one.quadrant_chance.value)})"
            if one.quadrant_chance is not None and one.quadrant_chance.value is not None
            else one.name
            for one in here
        )
        yield Finding(
            kind="note",
            sentence=f"Important and rated below average (with the chance of truly being there): {named}.",
            origin="map",
        )


def _methods(result: OpportunitiesDeliverable) -> Iterator[Finding]:
    leads = [one.order[0] for one in result.methods if one.order]
    if len(leads) < 2:
        return
    names = {one.id: one.name for one in result.opportunities}
    first, times = Counter(leads).most_common(1)[0]
    if times == len(leads):
        said = f"All {len(leads)} methods of setting priorities put “{names[first]}” first."
    else:
        others = [f"“{names[one]}”" for one in dict.fromkeys(leads) if one != first]
        said = (
            f"{times} of {len(leads)} methods of setting priorities put “{names[first]}” first; "
            f"others lead with {', '.join(others)}."
        )
    yield Finding(kind="note", sentence=said)


def passed_over(result: OpportunitiesDeliverable) -> list[Opportunity]:
    """Chosen opportunities above a lower one that nobody chose, beyond what chance could explain."""
    lowest = set(may_be_lowest(result))
    taken = {one.need for one in result.opportunities if one.chosen}
    covered = any(one.need in taken for one in result.opportunities if one.id in lowest)
    return [] if covered else [one for one in by_score(result) if one.chosen and one.id not in lowest]


def _choice(result: OpportunitiesDeliverable) -> Iterator[Finding]:
    chosen = [one for one in result.opportunities if one.chosen]
    if not chosen:
        yield Finding(kind="warning", sentence="No opportunity has been chosen yet.")
        return
    listed = ", ".join(one.name for one in chosen)
    yield Finding(
        kind="note", sentence=f"The team takes up {plural(len(chosen), 'opportunity', 'opportunities')}: {listed}."
    )
    over = passed_over(result)
    first = by_score(result)
    if over and first:
        reasons = "; ".join(f"{one.name}: {one.reason.rstrip('.') or 'no reason recorded'}" for one in over)
        yield Finding(
            kind="note" if all(one.reason for one in over) else "warning",
            sentence=f"The lowest score{apart_words(result)}, “{first[0].name}”, was passed over. {reasons}.",
        )
    for one in chosen:
        if not one.actionable:
            yield Finding(
                kind="warning", sentence=f"“{one.name}” is chosen, though it is set apart as not actionable."
            )


def _look_back(result: OpportunitiesDeliverable, earlier: Earlier) -> Iterator[Finding]:
    names = {need.id: need.name for need in earlier.step3.needs} if earlier.step3 else {}
    for one in result.look_back:
        if not one.changes:
            continue
        waves = f"from wave {one.wave_before} to wave {one.wave_after}"
        for word, verdict in (("rose", "better"), ("fell", "worse")):
            moved = [
                f"{names.get(change.need, change.need)} by {estimate(change.difference)}"
                for change in one.changes
                if change.verdict == verdict
            ]
            if moved:
                yield Finding(
                    kind="shown",
                    sentence=f"After “{one.name}” these needs {word} {waves}: {', '.join(moved)}. Other causes "
                    "are not excluded.",
                    origin=f"look_back.{one.id}",
                )
        if all(change.verdict == "not_shown" for change in one.changes):
            yield Finding(
                kind="not_shown",
                sentence=f"No change of a need {waves} was shown after “{one.name}”.",
                origin=f"look_back.{one.id}",
            )


def _charter(result: OpportunitiesDeliverable) -> Iterator[Finding]:
    charter = result.charter
    if charter.missing:
        yield Finding(
            kind="warning",
            sentence=f"The charter has {charter.filled} of {charter.fields} fields; missing: "
            f"{listed(charter.missing, most=8)}.",
        )


def _plan(result: OpportunitiesDeliverable) -> Iterator[Finding]:
    linked = {line.objective for line in result.plan}
    bare = [one.name for one in result.objectives if one.id not in linked]
    if bare:
        yield Finding(kind="warning", sentence=f"No opportunity serves the strategic objective {'; '.join(bare)}.")
    planned = {line.opportunity for line in result.plan}
    loose = [one.name for one in result.opportunities if one.chosen and one.id not in planned]
    if loose and result.plan:
        yield Finding(kind="warning", sentence=f"The business plan does not name {', '.join(loose)}.")
