"""Step 3 hands on: every need with what customers said of it, how they rate it, and what is still unheard."""

from datetime import date
from typing import Literal

from nonagon.deliverables.evidence import Deliverable, Estimate, Number, Value


class WaveScore(Value):
    """A need's satisfaction in one wave."""

    wave: str
    score: Estimate


class ClassScore(Value):
    """A need's satisfaction in one class, in the latest wave; class_name: for people."""

    class_id: str
    class_name: str = ""
    score: Estimate


class NeedResult(Value):
    """One need with its evidence.

    level: 1 primary, 2 secondary, 3 tertiary; verbatims: how many speak of this need itself (none withdrawn);
    verbatims_with_parts: how many different ones do, the needs below it included (`Coding.codes` says which);
    heard: by how many customers, the needs below it included; said_by: share of speaking customers
    who said it, the needs below it included; satisfaction: our latest score on the item's scale; importance:
    what step 4 and 5 carry over (stated where asked, else derived), `importance_kind` says which; derived:
    share of the explained variance of overall satisfaction; gap: perception minus expectation of the same
    respondents; kano: class in a word (ambiguous where two cannot be told apart); better, worse: how far
    serving or neglecting it moves satisfaction.
    """

    id: str
    name: str
    level: int = 1
    parent: str | None = None
    item: str | None = None
    verbatims: int = 0
    verbatims_with_parts: int = 0
    heard: int = 0
    said_by: Estimate | None = None
    satisfaction: Estimate | None = None
    scale_min: float | None = None
    scale_max: float | None = None
    by_wave: tuple[WaveScore, ...] = ()
    by_class: tuple[ClassScore, ...] = ()
    importance: Estimate | None = None
    importance_kind: Literal["stated", "derived", "frequency", "none"] = "none"
    stated: Estimate | None = None
    derived: Estimate | None = None
    gap: Estimate | None = None
    kano: str | None = None
    better: Estimate | None = None
    worse: Estimate | None = None


class WaveQuality(Value):
    """One wave's answers: who answered, and how sure its scores can be.

    effective: Kish's effective number where answers are weighted; margin: half the widest interval of an
    item's mean, on its scale.
    """

    wave: str
    first: date | None = None
    last: date | None = None
    respondents: int
    answers: int
    effective: Estimate
    margin: Estimate


class SurveyQuality(Value):
    """The survey's quality sheet, computed: waves, and whether the satisfaction items hang together."""

    waves: tuple[WaveQuality, ...] = ()
    reliability: Estimate
    reliability_items: int = 0


class ItemScore(Value):
    """The latest mean of one item of the register that asks about no need, such as overall satisfaction."""

    item: str
    text: str
    kind: str
    score: Estimate
    by_wave: tuple[WaveScore, ...] = ()


class Coding(Value):
    """What the coding rules did with the verbatims.

    coded: verbatims with at least one need; by_hand: verbatims that a person read and coded; negated: matches set
    aside since a word before denies them; unmatched: rules that matched nothing; agreement: of two coders, where
    some verbatims were coded twice; codes: the version of what the rules found, such as `codes@5f0c2a9be1d3`,
    which is kept beside the facts and made again where it is gone.
    """

    verbatims: int
    speakers: int
    coded: Estimate
    by_hand: int = 0
    negated: int = 0
    mentions: int = 0
    unmatched_rules: tuple[str, ...] = ()
    agreement: Estimate | None = None
    codes: str = ""


class Proposal(Value):
    """A phrase that many customers use and no rule knows: a new need, perhaps.

    others: phrases said in the same sentences; speakers: customers who said one of them; sentences; strength:
    log-likelihood ratio of the phrase against the sentences that are coded.
    """

    id: str
    phrase: str
    others: tuple[str, ...] = ()
    speakers: int
    sentences: int
    strength: Number


class CurvePoint(Value):
    """How many needs so many interviews make known; beyond: extrapolated past those held (then a lower bound)."""

    units: int
    known: Number
    beyond: bool


class UnknownNeeds(Value):
    """What has not been heard yet, among all customers (class_id None) or in one class, by its name.

    counted: what was counted as a need, in words; unit: interviews, or customers who spoke; heard: different
    needs heard; least_total: Chao2's lower bound of how many needs there are; unheard_at_least: the share not
    heard, by it; unheard: the beta-binomial estimate; unheard_at_most: the beta-binomial upper bound of that
    share; coverage: what the intervals really cover, in words; more_units: units more until the unheard share
    is below `limit`, at least.
    """

    class_id: str | None = None
    class_name: str = ""
    counted: str = "needs"
    unit: Literal["interviews", "customers"]
    units: int
    heard: int
    heard_once: int
    heard_twice: int
    least_total: Estimate
    unheard_at_least: Estimate
    unheard: Estimate
    unheard_at_most: Estimate
    new_in_next: Estimate
    coverage: str
    limit: Number
    more_units: Estimate
    curve: tuple[CurvePoint, ...] = ()


class Belief(Value):
    """One line of what management believed, set against what customers said and how they rated.

    sealed: stated before the first answer and the first verbatim (where the register has a seal: closed before
    them); error: predicted minus rated, on the item's
    scale; verdict: right (the rating's interval holds the prediction), wrong, unheard (no customer said it
    and no item asks), unrated (heard, but no rating or no prediction to compare).
    """

    need: str
    name: str
    by: str = ""
    stated_on: date | None = None
    sealed: bool
    believed_rank: int | None = None
    actual_rank: int | None = None
    predicted: Number | None = None
    rated: Estimate | None = None
    error: Estimate | None = None
    verdict: Literal["right", "wrong", "unheard", "unrated"]


class Opened(Value):
    """One time that a sealed register was opened again."""

    sealed_on: date
    unsealed_on: date
    reason: str
    by: str = ""


class AssumptionAudit(Value):
    """Management's beliefs against the customers: where it was blind, wrong or right.

    counted: what was counted as a need, in words; heard: how many of them customers spoke of, in any channel;
    blind_share: share of the needs heard that nobody in management listed; blind_mentions: the same weighed
    by how many customers said them; blind: those needs; error: mean absolute error of the predicted scores;
    bias: mean of predicted minus rated (above 0: management thinks better of us than customers do);
    first_heard: the first day of answers or verbatims; sealed_on: the day on which the register was closed, with
    the fingerprint of what stood in it; opened: every time that it was opened again.
    """

    beliefs: tuple[Belief, ...]
    counted: str = "needs"
    heard: int = 0
    blind: tuple[str, ...]
    blind_share: Estimate
    blind_mentions: Estimate
    error: Estimate
    bias: Estimate
    first_heard: date | None = None
    sealed_on: date | None = None
    seal: str = ""
    opened: tuple[Opened, ...] = ()


class Area(Value):
    """One area to improve, out of the feedback; reasons in words with their figures, strongest first."""

    need: str
    name: str
    reasons: tuple[str, ...]
    satisfaction: Estimate | None = None
    importance: Estimate | None = None


class NeedsDeliverable(Deliverable):
    """Step 3's deliverable. Later steps read `needs`, `wave` (the latest) and `waves` in order of time."""

    step: int = 3
    needs: tuple[NeedResult, ...] = ()
    waves: tuple[str, ...] = ()
    wave: str | None = None
    overall: tuple[ItemScore, ...] = ()
    explained: Estimate | None = None
    quality: SurveyQuality | None = None
    coding: Coding | None = None
    proposals: tuple[Proposal, ...] = ()
    unknown: tuple[UnknownNeeds, ...] = ()
    audit: AssumptionAudit | None = None
    areas: tuple[Area, ...] = ()
