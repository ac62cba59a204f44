"""Unknown needs: how much has not been heard yet, in all and by class, and how many interviews more it takes."""

from collections.abc import Sequence

import numpy as np

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.charts.wording import number, percent
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step1 import CustomerClass
from nonagon.deliverables.step3 import CurvePoint, UnknownNeeds
from nonagon.engine import coding
from nonagon.methods.needs import unknown_needs as meter
from nonagon.methods.needs.incidence import incidence
from nonagon.steps.step3_needs.analysis.tree import counted_as
from nonagon.steps.step3_needs.analysis.verbatims import Said
from nonagon.steps.step3_needs.decisions import Step3Decisions

ORIGIN = "unknown_needs"
CURVE_POINTS = 41


def unheard_needs(
    record: Record, decisions: Step3Decisions, said: Said, classes: Sequence[CustomerClass]
) -> tuple[UnknownNeeds, ...]:
    """The meter over all customers, then by class; empty, with the lack said, where too little was heard."""
    if said.coded is None or not said.speakers:
        return ()
    units, unit = _units(said.coded, decisions)
    everybody = coding.incidence(said.coded, units)
    members = _members(said.coded, units, classes, apart=unit == "interviews")
    record.origin(
        ORIGIN,
        ("verbatims",),
        "nonagon.methods.needs.unknown_needs",
        rows="interviews"
        if unit == "interviews"
        else "customers who said anything (no two interviews are recorded)",
        variant="Chao2 for at least, beta-binomial with a widened bound for at most",
        assumptions=(
            "Those heard are a random sample of the customers, and coding is complete.",
            "Chances of being mentioned follow a beta distribution (for the estimate and the upper bound).",
            "Needs that nobody can put into words are out of reach.",
        ),
    )
    # A class that holds everybody who spoke would say the same again.
    smaller = [(one, held) for one in classes if (held := members.get(one.id)) and held.units < everybody.units]
    found = []
    for of, held in [(None, everybody), *smaller]:
        one = _meter(record, decisions, held, unit, of)
        if one is not None:
            found.append(one)
    if not found or found[0].class_id is not None:
        record.lack("how much of the needs is still unheard", "at least two interviews with coded needs")
        return tuple(found)
    _say(record, found[0])
    return tuple(found)


def _units(coded: coding.Coded, decisions: Step3Decisions) -> "tuple[coding.Units, str]":
    held = coding.interviews(coded, decisions.interview_channels)
    return (held, "interviews") if held is not None else (coding.speakers(coded), "customers")


def _members(
    coded: coding.Coded, units: "coding.Units", classes: Sequence[CustomerClass], *, apart: bool
) -> dict[str, coding.Incidence]:
    """What the units of each class said."""
    if not classes:
        return {}
    try:
        return coding.incidence_by_class(coded, units, classes, apart=apart)
    except ArgumentError:
        return {}


def _meter(
    record: Record, decisions: Step3Decisions, held: coding.Incidence, unit: str, of: CustomerClass | None
) -> UnknownNeeds | None:
    least = record.cycle.settings.group_minimum if of is not None else 2
    if held.units < least:
        return None
    counts = held.needs
    confidence = record.cycle.settings.confidence
    try:
        result = meter.unknown_needs(
            incidence=incidence(frequency=[counts[need] for need in sorted(counts)] or [0], n_units=held.units),
            limit=decisions.unknown_limit,
            confidence=confidence,
        )
    except NotEnoughData:
        return None
    smallest, median, largest = result.chao2_coverage
    n = held.units
    return UnknownNeeds(
        class_id=of.id if of is not None else None,
        class_name=of.name if of is not None else "",
        counted=counted_as(counts, decisions),
        unit="interviews" if unit == "interviews" else "customers",
        units=n,
        heard=result.observed,
        heard_once=result.richness.once,
        heard_twice=result.richness.twice,
        least_total=Estimate(
            value=result.total_at_least,
            low=result.richness.low,
            high=result.richness.high,
            confidence=confidence,
            n=n,
            unit="needs",
            origin=ORIGIN,
        ),
        unheard_at_least=Estimate(value=result.unheard_at_least, n=n, unit="share", origin=ORIGIN),
        unheard=Estimate(value=result.unheard, n=n, unit="share", origin=ORIGIN),
        unheard_at_most=Estimate(
            value=result.unheard_at_most,
            confidence=confidence,
            n=n,
            unit="share",
            why=result.no_upper_bound or "",
            origin=ORIGIN,
        ),
        new_in_next=Estimate(value=result.new_in_next, n=n, unit="needs", origin=ORIGIN),
        coverage=(
            f"Chao2's nominal {percent(confidence, digits=0)} interval held the true number in "
            f"{percent(smallest, digits=0)} to {percent(largest, digits=0)} of simulated samples "
            f"(median {percent(median, digits=0)}), so it is read as at least; the upper bound held it at "
            "least as often as it says."
        ),
        limit=decisions.unknown_limit,
        more_units=Estimate(
            value=result.more,
            low=result.more_at_least,
            high=result.more_at_most,
            n=n,
            unit=unit,
            why="" if result.more is not None else "more than 100,000",
            origin=ORIGIN,
        ),
        curve=_curve(result, n),
    )


def _curve(result: meter.UnknownNeeds, n: int) -> tuple[CurvePoint, ...]:
    """The discovery curve at evenly spaced numbers of units, the number held among them."""
    last = int(result.units[-1])
    wanted = sorted({*np.linspace(1, last, CURVE_POINTS).round().astype(int).tolist(), min(n, last)})
    return tuple(
        CurvePoint(units=units, known=float(result.curve[units - 1]), beyond=units > n) for units in wanted
    )


def _say(record: Record, one: UnknownNeeds) -> None:
    at_least, at_most = one.unheard_at_least.value, one.unheard_at_most.value
    if at_least is None or at_most is None:
        return
    most = "no upper bound" if one.unheard_at_most.why else f"at most {percent(at_most, digits=0)}"
    sentence = (
        f"{one.heard} {one.counted} were heard from {one.units} {one.unit}; at least "
        f"{percent(at_least, digits=0)} of all needs are still unheard, {most}."
    )
    if one.more_units.value:
        sentence += (
            f" About {number(one.more_units.value, digits=0)} {one.unit} more are needed to bring that to "
            f"{percent(one.limit, digits=0)}."
        )
    record.say("note", sentence, origin=ORIGIN, headline=1)
