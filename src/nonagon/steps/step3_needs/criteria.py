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
        met=alpha is not None and alpha.value is not None and alpha.value >= LEAST_ALPHA,
        reason="no survey was taken" if alpha is None else f"alpha {estimate(alpha)}",
        mend="the questionnaire: items that do not belong, or that point the other way",
    )


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


def _unheard(deliverable: NeedsDeliverable, decisions: Step3Decisions) -> Criterion:
    meter: UnknownNeeds | None = next((one for one in deliverable.unknown if one.class_id is None), None)
    limit = percent(decisions.unknown_limit, digits=0)
    at_least = meter.unheard_at_least.value if meter is not None else None
    if meter is None or at_least is None:
        reason = "it is not known how much is unheard"
    else:
        most = "no upper bound" if meter.unheard_at_most.why else f"at most {percent(meter.unheard_at_most.value)}"
        reason = f"at least {percent(at_least)} of the needs are unheard, {most}, after {meter.units} {meter.unit}"
    return Criterion(
        id="unheard",
        sentence=f"The share of needs still unheard is known, and its lower bound is at most {limit}.",
        met=at_least is not None and at_least <= decisions.unknown_limit,
        reason=reason,
        mend="more interviews (the verbatims table: channel interview); decisions/rules.csv",
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
        mend="decisions/assumptions.csv: stated_on",
    )
