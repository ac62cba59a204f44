"""Step 5 hands on: scored opportunities, lowest score first, and the charter of the team that takes them up."""

from datetime import date
from typing import Literal

from nonagon.deliverables.evidence import Deliverable, Estimate, Number, Value


class Opportunity(Value):
    """A scored chance to improve one need. `actionable` False sets it apart without hiding it.

    rank: 1 for the lowest score; rank_low to rank_high: the ranks it may truly have; chance_lowest: that it is
    truly the lowest of those that can be acted on; more_answers: how many more answers of every need would
    tell it apart from the lowest; compared: the score on the scale on which all are compared; gap_to_best:
    highest score less this one, on that scale; importance_kind: as in step 4 (stated, derived,
    frequency, decided), kinds cannot be compared; quadrant: its field on the importance-performance map;
    opportunity_score: Ulwick's, on 0 to 20; chosen: people took it up, with `reason`; characteristics: those
    that serve the need; objectives: the strategic objectives that the business plan links it to.
    """

    id: str
    need: str
    name: str
    score: Estimate | None = None
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    chance_lowest: Estimate | None = None
    actionable: bool = True
    why_not: str = ""
    chosen: bool = False
    characteristics: tuple[str, ...] = ()
    scale_min: Number | None = None
    scale_max: Number | None = None
    more_answers: int | None = None
    compared: Number | None = None
    gap_to_best: Number | None = None
    importance: Estimate | None = None
    importance_kind: str = ""
    quadrant: str = ""
    quadrant_chance: Estimate | None = None
    opportunity_score: Estimate | None = None
    kano: str | None = None
    reason: str = ""
    effort: Number | None = None
    expected_effect: Number | None = None
    objectives: tuple[str, ...] = ()


class PriorityMethod(Value):
    """One way of setting priorities: its order (opportunity ids, first first) and how sure its first is.

    chance_first: how often its first stays first when the survey is taken again (simulated from the
    standard errors), None where the method has no such figure; chosen_first: a chosen opportunity leads.
    """

    method: str
    title: str
    order: tuple[str, ...]
    chance_first: Estimate | None = None
    chosen_first: bool = False


class WaveSpread(Value):
    """Highest less lowest score in one wave: as observed, and corrected for picking the extremes."""

    wave: str
    observed: Number
    spread: Estimate
    lowest: str
    highest: str
    needs: int


class NeedChange(Value):
    """A need's score before and after an upgrade."""

    need: str
    before: Estimate
    after: Estimate
    difference: Estimate
    verdict: Literal["better", "worse", "not_shown"]


class UpgradeReview(Value):
    """What the last upgrade did to needs, wave before against wave after."""

    id: str
    name: str
    on: date
    wave_before: str | None = None
    wave_after: str | None = None
    changes: tuple[NeedChange, ...] = ()


class CharterObjective(Value):
    """One objective of the charter."""

    statement: str
    measure: str = ""
    baseline: Number | None = None
    target: Number | None = None
    due: date | None = None


class CharterSummary(Value):
    """The charter as far as it is filled in; missing: each field that is not, in words.

    filled of fields: how many of its fields are filled in.
    """

    title: str = ""
    version: str = ""
    approved_on: date | None = None
    mission: str = ""
    objectives: tuple[CharterObjective, ...] = ()
    budget: Number | None = None
    start: date | None = None
    end: date | None = None
    filled: int = 0
    fields: int = 0
    missing: tuple[str, ...] = ()


class Objective(Value):
    """One strategic objective of the organization."""

    id: str
    name: str
    measure: str = ""
    baseline: Number | None = None
    target: Number | None = None
    due: date | None = None


class PlanLine(Value):
    """One line of the business plan; the benefit is a year's, low and high being people's bounds."""

    objective: str
    opportunity: str
    benefit: Estimate | None = None
    budget: Number | None = None
    note: str = ""


class OpportunitiesDeliverable(Deliverable):
    """Step 5's deliverable. Later steps read `opportunities` (chosen ones) and `spread`.

    opportunities: those that can be acted on by score, lowest first, then unscored ones; those set apart stand
    among them in their place. spread: highest less lowest in the latest wave, corrected for picking the
    extremes, and spread_observed without the correction; narrowing: the first wave's spread less the latest's.
    may_be_lowest: the lowest and those that cannot be told apart from it; answers_needed: how many more answers
    a need tell it from all of them; ties: runs of opportunities, lowest first, within which no two can be told
    apart (one may stand in several). scale: on which scale the scores were compared.
    """

    step: int = 5
    opportunities: tuple[Opportunity, ...] = ()
    spread: Estimate | None = None
    spread_observed: Number | None = None
    spread_by_wave: tuple[WaveSpread, ...] = ()
    narrowing: Estimate | None = None
    wave: str | None = None
    answers_needed: Estimate | None = None
    may_be_lowest: tuple[str, ...] = ()
    ties: tuple[tuple[str, ...], ...] = ()
    scale: str = ""
    methods: tuple[PriorityMethod, ...] = ()
    cross_importance: Number | None = None
    cross_performance: Number | None = None
    look_back: tuple[UpgradeReview, ...] = ()
    charter: CharterSummary = CharterSummary()
    objectives: tuple[Objective, ...] = ()
    plan: tuple[PlanLine, ...] = ()
    plan_budget: Number | None = None
