"""Step 4 hands on: the internal quality characteristics and how much each serves what customers need.

The whole House of Quality stands here: rows, columns, cells, roof, the customers' and the technical
assessment, targets and weights, so that it can be drawn from the deliverable alone.
"""

from typing import Literal

from nonagon.deliverables.evidence import Deliverable, Estimate, Number, Value


class Rating(Value):
    """How customers rate one subject (a competitor) on one need."""

    subject: str
    rating: Estimate


class TechnicalValue(Value):
    """What a characteristic measures at a competitor, in the characteristic's unit."""

    subject: str
    value: Number


class HouseRow(Value):
    """One row: a need with its importance and its planning columns.

    importance_kind: stated, derived, frequency (step 3) or decided; share: the row's part of all weight, a
    fraction of one; ours and competitors: the customers' assessment; now, target, improvement_ratio and
    sales_point: the planning columns, where given; raw_weight: importance x improvement ratio x sales point,
    or the importance alone; characteristics: those that serve the need.
    """

    need: str
    name: str
    importance: Estimate | None = None
    importance_kind: Literal["stated", "derived", "frequency", "decided", "none"] = "none"
    importance_reason: str = ""
    share: Estimate | None = None
    ours: Estimate | None = None
    scale_min: Number | None = None
    scale_max: Number | None = None
    competitors: tuple[Rating, ...] = ()
    now: Number | None = None
    target: Number | None = None
    improvement_ratio: Number | None = None
    sales_point: Number | None = None
    raw_weight: Number | None = None
    characteristics: tuple[str, ...] = ()


class HouseCell(Value):
    """How strongly a characteristic serves a need: the mean of the judges, each judge's own strength beside it."""

    need: str
    characteristic: str
    strength: Number
    by_judge: tuple[Number, ...] = ()


class RoofCell(Value):
    """How two characteristics act on each other."""

    a: str
    b: str
    sign: Literal["++", "+", "-", "--"]


class Conflict(Value):
    """Two characteristics that hinder each other.

    matters: both carry at least an average weight; resolution: what the team decided about it, "" for nothing.
    """

    a: str
    b: str
    sign: Literal["-", "--"]
    matters: bool
    sentence: str
    resolution: str = ""


class ScaleOrder(Value):
    """The order of the characteristics when the same words carry other strengths: ids, most important first."""

    scale: str
    order: tuple[str, ...]


class IdeaResult(Value):
    """One idea of a Pugh matrix: sums over the criteria. score: weighted sum of its marks against the datum."""

    id: str
    name: str
    marks: tuple[int | None, ...] = ()
    better: int = 0
    same: int = 0
    worse: int = 0
    score: Number = 0
    rank: int = 1
    chosen: bool = False


class IdeaComparison(Value):
    """Ideas compared with the datum; marks of an idea stand in the order of `criteria`."""

    id: str
    question: str = ""
    needs: tuple[str, ...] = ()
    datum: str = ""
    criteria: tuple[str, ...] = ()
    weights: tuple[Number, ...] = ()
    ideas: tuple[IdeaResult, ...] = ()
    reason: str = ""


class FurtherColumn(Value):
    """One column of a further house with the weight carried down to it, a fraction of one."""

    id: str
    name: str
    unit: str = ""
    relative: Number
    rank: int


class FurtherCell(Value):
    """One cell of a further house."""

    row: str
    column: str
    strength: Number


class FurtherHouse(Value):
    """A house whose rows are the columns of the house before."""

    id: str
    name: str
    level: Literal["parts", "process", "control"]
    rows: tuple[str, ...] = ()
    columns: tuple[FurtherColumn, ...] = ()
    cells: tuple[FurtherCell, ...] = ()
    empty_rows: tuple[str, ...] = ()
    empty_columns: tuple[str, ...] = ()


class Characteristic(Value):
    """One internal quality characteristic, operational: what is measured, in which unit, which way is better.

    measurement: the name in the measurements table's `characteristic` column, if it is measured there.
    weight: absolute technical importance (classic arithmetic); relative: its share of the sum, with the
    uncertainty of the survey and of the judges; rank_low to rank_high: ranks that it may truly have; group:
    characteristics with one number cannot be told apart; ratio: the share on the ratio scale (ISO 16355);
    now and competitors: the technical assessment; missing: what makes it less than operational.
    """

    id: str
    name: str
    unit: str
    direction: Literal["higher", "lower", "target"]
    target: Number | None = None
    lower_limit: Number | None = None
    upper_limit: Number | None = None
    measurement: str | None = None
    definition: str = ""
    source: str = ""
    difficulty: Number | None = None
    cost: Number | None = None
    weight: Estimate | None = None
    relative: Estimate | None = None
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    chance_first: Estimate | None = None
    group: int | None = None
    ratio: Estimate | None = None
    ratio_rank: int | None = None
    now: Number | None = None
    competitors: tuple[TechnicalValue, ...] = ()
    needs: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class CharacteristicsDeliverable(Deliverable):
    """Step 4's deliverable. Later steps read `characteristics` and the holes of the House of Quality.

    competitors: the subjects of the customers' assessment, in order; judges: who judged the relationships
    (roles), agreement: Krippendorff's alpha between them; consistency: the consistency ratio of paired
    comparisons, where importances came from them; by_scale: the order under other strengths.
    """

    step: int = 4
    characteristics: tuple[Characteristic, ...] = ()
    empty_rows: tuple[str, ...] = ()
    empty_columns: tuple[str, ...] = ()
    rows: tuple[HouseRow, ...] = ()
    cells: tuple[HouseCell, ...] = ()
    roof: tuple[RoofCell, ...] = ()
    competitors: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    judges: tuple[str, ...] = ()
    agreement: Estimate | None = None
    consistency: Estimate | None = None
    by_scale: tuple[ScaleOrder, ...] = ()
    concepts: tuple[IdeaComparison, ...] = ()
    houses: tuple[FurtherHouse, ...] = ()
