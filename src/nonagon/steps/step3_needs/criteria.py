"""When step 3 is ready: customers were heard and asked, and it is known how much is still unheard."""

from nonagon.charts.wording import estimate, number, percent, plural
from nonagon.deliverables.evidence import Criterion, Estimate
from nonagon.deliverables.step3 import NeedsDeliverable, UnknownNeeds
from nonagon.steps.step3_needs.decisions import Step3Decisions

LEAST_CODED = 0.5
MOST_MARGIN = 0.10
LEAST_ALPHA = 0.7


def criteria(deliverable: NeedsDeliverable, decisions: Step3Decisions) -> tuple[Criterion, ...]:
    """The exit criteria of step 3."""
    return (
        _backed(deliverable),
        _coded(deliverable),
        _rated(deliverable),
        _precise(deliverable),
        _reliable(deliverable),
        _weighed(deliverable),
        _expected(deliverable),
        _unheard_known(deliverable),
        _unheard(deliverable, decisions),
        _sealed(deliverable),
    )


def _known(estimate_: Estimate | None) -> bool:
    return estimate_ is not None and estimate_.value is not None


def _backed(deliverable: NeedsDeliverable) -> Criterion:
    bare = [one.id for one in deliverable.needs if not one.heard and not _known(one.satisfaction)]
    total = len(deliverable.needs)
    if not total:
        reason = "no need is stated"
    elif bare:
        reason = f"{len(bare)} of {total} needs were neither said nor rated: {', '.join(bare[:5])}"
    else:
        reason = f"all {total} needs were said or rated"
    return Criterion(
        id="backed",
        sentence="Every need of the tree is backed by what a customer said or rated.",
        met=bool(total) and not bare,
        reason=reason,
        mend="decisions/needs.csv, decisions/rules.csv; items.csv: need",
    )


def _coded(deliverable: NeedsDeliverable) -> Criterion:
    coding = deliverable.coding
    share = coding.coded.value if coding is not None else None
    return Criterion(
        id="coded",
        sentence=f"At least {percent(LEAST_CODED, digits=0)} of what customers said is coded to needs.",
        met=share is not None and share >= LEAST_CODED,
        reason="there are no verbatims"
        if coding is None or share is None
        else f"{percent(share)} of {plural(coding.verbatims, 'verbatim')} coded",
        mend="decisions/rules.csv; the phrases proposed as new needs show what rules miss",
    )


def _rated(deliverable: NeedsDeliverable) -> Criterion:
    asked = [one for one in deliverable.needs if one.item is not None]
    scored = [one for one in asked if one.satisfaction is not None and one.satisfaction.low is not None]
    return Criterion(
        id="rated",
        sentence="Every need that a question asks about has a score with its interval.",
        met=bool(asked) and len(scored) == len(asked),
        reason=f"{len(scored)} of {plural(len(asked), 'asked need')} scored"
        if asked
        else "no question asks about a need",
        mend="items.csv: need; the answers table",
    )


def _precise(deliverable: NeedsDeliverable) -> Criterion:
    """The widest margin of the latest scores, as a share of the scale."""
    margins = [
        (one.satisfaction.high - one.satisfaction.low) / 2 / (one.scale_max - one.scale_min)
        for one in deliverable.needs
        if one.satisfaction is not None
        and one.satisfaction.low is not None
        and one.satisfaction.high is not None
        and one.scale_max is not None
        and one.scale_min is not None
        and one.scale_max > one.scale_min
    ]
    widest = max(margins, default=None)
    return Criterion(
        id="precise",
        sentence=f"Scores are sure to within {percent(MOST_MARGIN, digits=0)} of their scale.",
        met=widest is not None and widest <= MOST_MARGIN,
        reason="no need has a score with an interval"
        if widest is None
        else f"the widest margin is {percent(widest)} of the scale",
        mend="the answers table: more respondents",
    )


def _reliable(deliverable: NeedsDeliverable) -> Criterion:
    alpha = deliverable.quality.reliability if deliverable.quality is not None else None
    return Criterion(
        id="reliable",
        sentence=f"The satisfaction items hang together: alpha at least {number(LEAST_ALPHA, digits=1)}.",
        met=alpha is not None and alpha.low is not None and alpha.low >= LEAST_ALPHA,
        reason=_alpha_in_words(alpha),
        mend="the questionnaire: items that do not belong, or that point the other way",
    )


def _alpha_in_words(alpha: Estimate | None) -> str:
    """Met only when the whole interval is on the good side; a value that is there by itself is not shown to be."""
    if alpha is None:
        return "no survey was taken"
    unsure = alpha.value is not None and alpha.value >= LEAST_ALPHA and (alpha.low or 0.0) < LEAST_ALPHA
    return f"{'not shown: ' if unsure else ''}alpha {estimate(alpha)}"


def _weighed(deliverable: NeedsDeliverable) -> Criterion:
    rated = [one for one in deliverable.needs if _known(one.satisfaction)]
    weighed = [one for one in rated if one.importance_kind in {"stated", "derived"}]
    kinds = sorted({one.importance_kind for one in weighed})
    return Criterion(
        id="weighed",
        sentence="Every rated need has an importance that customers stated or that their answers show.",
        met=bool(rated) and len(weighed) == len(rated),
        reason=f"{len(weighed)} of {plural(len(rated), 'rated need')}"
        + (f", {' and '.join(kinds)}" if kinds else ""),
        mend="items.csv: items of kind importance, or one of kind overall",
    )


def _expected(deliverable: NeedsDeliverable) -> Criterion:
    gaps = [one for one in deliverable.needs if _known(one.gap)]
    return Criterion(
        id="expected",
        sentence="It is known for some need how far we are from what customers expect.",
        met=bool(gaps),
        reason=f"the gap is known for {plural(len(gaps), 'need')}",
        mend="items.csv: items of kind expectation, answered by the same respondents",
    )


def _meter(deliverable: NeedsDeliverable) -> UnknownNeeds | None:
    return next((one for one in deliverable.unknown if one.class_id is None), None)


def _most(meter: UnknownNeeds) -> float | None:
    """The upper bound of the unheard share; None where there is none."""
    return None if meter.unheard_at_most.why else meter.unheard_at_most.value


def _unheard_known(deliverable: NeedsDeliverable) -> Criterion:
    meter = _meter(deliverable)
    least = meter.unheard_at_least.value if meter is not None else None
    if meter is None or least is None:
        reason = "it is not known how much is unheard"
    else:
        most = _most(meter)
        upper = "without an upper bound" if most is None else f"at most {percent(most)}"
        reason = f"at least {percent(least)}, {upper}, after {plural(meter.units, meter.unit[:-1])}"
    return Criterion(
        id="unheard_known",
        sentence="How much is still unheard is known with a lower and an upper bound.",
        met=meter is not None and least is not None and _most(meter) is not None,
        reason=reason,
        mend="more interviews (the verbatims table: channel interview); decisions/rules.csv",
    )


def _unheard(deliverable: NeedsDeliverable, decisions: Step3Decisions) -> Criterion:
    """The upper bound counts: that few are unheard is shown only when even it lies below the limit."""
    meter = _meter(deliverable)
    limit, accepted = decisions.unknown_limit, decisions.accepted_unheard
    most = _most(meter) if meter is not None else None
    few = most is not None and most <= limit
    # Without an upper bound everything may be unheard.
    taken = meter is not None and accepted is not None and (most if most is not None else 1.0) <= accepted.up_to
    if meter is None:
        reason = "it is not known how much is unheard"
    else:
        bound = "no upper bound" if most is None else f"at most {percent(most)} are unheard"
        low = meter.unheard_at_least.value
        unsure = "not shown: " if not few and low is not None and low <= limit else ""
        reason = f"{unsure}{bound}"
        if taken and not few and accepted is not None:
            reason += f"; up to {percent(accepted.up_to, digits=0)} accepted: {accepted.why}"
    return Criterion(
        id="unheard",
        sentence=f"At most {percent(limit, digits=0)} of the needs are unheard by the upper bound, or the team "
        "accepts more with a reason.",
        met=few or taken,
        reason=reason,
        mend="more interviews (the verbatims table: channel interview); decisions/step3.toml: accepted_unheard",
    )


def _sealed(deliverable: NeedsDeliverable) -> Criterion:
    audit = deliverable.audit
    beliefs = audit.beliefs if audit is not None else ()
    open_ = [one for one in beliefs if not one.sealed]
    return Criterion(
        id="sealed",
        sentence="Management wrote down what it believed before the first customer was asked.",
        met=bool(beliefs) and not open_,
        reason=f"{len(beliefs) - len(open_)} of {plural(len(beliefs), 'assumption')} sealed by time"
        if beliefs
        else "nothing was written down",
        mend="decisions/assumptions.csv: stated_on; on the page: seal the register before anybody is asked",
    )
