"""Step 7 hands on: whether what was planned is done and holds: charts, capability, verified prerequisites."""

from datetime import date
from typing import Literal

from nonagon.deliverables.evidence import Deliverable, Estimate, Number, Value


class ControlPoint(Value):
    """One plotted point; signals: the rules that it breaks; explained: whether somebody found out why."""

    at: str
    value: Number
    centre: Number
    lower: Number | None = None
    upper: Number | None = None
    phase: str
    signals: tuple[str, ...] = ()
    explained: bool = False


class PhaseSummary(Value):
    """One phase of a chart. level: the plotted statistic's centre; sigma: of a single value."""

    label: str
    points: int
    level: Number
    sigma: Number
    limits_from: str
    signals: int


class Histogram(Value):
    """The latest phase's single values in classes; edges hold one more number than counts."""

    edges: tuple[Number, ...]
    counts: tuple[int, ...]


class SignalRun(Value):
    """Points of the latest phase with unexplained signals that follow each other: most likely one cause."""

    first: str
    last: str
    points: int
    signals: tuple[str, ...] = ()


class ControlItem(Value):
    """What is watched: a characteristic on a chart, with its state.

    stable: no unexplained signal in the latest phase (None: no data); capability: Ppk of the latest phase
    (for p and u charts the level with its interval stands in `level` instead); shift: the latest phase's
    level minus the first one's, with its interval; runs: unexplained signals of the latest phase, those that
    follow each other as one; settled: not more than a tenth of the latest phase's points raise a signal.
    points, spread_points, runs: the latest ones; earlier_points, earlier_spread_points, earlier_runs: how many
    came before them. All other figures are of all points.
    """

    id: str
    characteristic: str
    name: str = ""
    chart: str
    unit: str = ""
    activity: str | None = None
    stable: bool | None = None
    signals: int = 0
    unexplained: int = 0
    runs: tuple[SignalRun, ...] = ()
    settled: bool = True
    points: tuple[ControlPoint, ...] = ()
    spread_points: tuple[ControlPoint, ...] = ()
    earlier_points: int = 0
    earlier_spread_points: int = 0
    earlier_runs: int = 0
    phases: tuple[PhaseSummary, ...] = ()
    histogram: Histogram | None = None
    lower_limit: Number | None = None
    upper_limit: Number | None = None
    target: Number | None = None
    level: Estimate | None = None
    shift: Estimate | None = None
    capability: Estimate | None = None
    within: Estimate | None = None
    responder: str = ""
    reaction: str = ""
    origin: str = ""

    @property
    def plotted(self) -> int:
        """How many points the chart of the level has."""
        return self.earlier_points + len(self.points)

    @property
    def plotted_spread(self) -> int:
        """How many points the chart of the spread has."""
        return self.earlier_spread_points + len(self.spread_points)


class Prerequisite(Value):
    """One customer requirement: is its characteristic shown to be what was promised?"""

    need: str
    characteristic: str
    need_name: str = ""
    characteristic_name: str = ""
    verdict: Literal["met", "not_met", "not_shown"]
    reason: str
    evidence: Estimate | None = None


class PlanCheck(Value):
    """One activity: planned finish against what was done."""

    activity: str
    name: str
    planned: date | None
    done_on: date | None
    state: Literal["done", "done_late", "overdue", "running", "not_due", "not_planned"]
    deviation: str = ""
    owner: str = ""


class Measured(Value):
    """What is measured and watched by no control item: how often, between which days, and its mean."""

    id: str
    name: str
    unit: str = ""
    n: int
    first: date
    last: date
    mean: Number
    lowest: Number
    highest: Number


class ControlDeliverable(Deliverable):
    """Step 7's deliverable. Later steps read `items` and `prerequisites`.

    false_alarms: how many signals chance alone would be expected to raise over all points and rules;
    uncontrolled: ids of characteristics that serve a need and that nobody watches, uncontrolled_names their
    names; measured: what is measured without a control item, plain: the first of them on charts.
    """

    step: int = 7
    items: tuple[ControlItem, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = ()
    plan: tuple[PlanCheck, ...] = ()
    as_of: date | None = None
    false_alarms: Estimate | None = None
    uncontrolled: tuple[str, ...] = ()
    uncontrolled_names: tuple[str, ...] = ()
    measured: tuple[Measured, ...] = ()
    plain: tuple[ControlItem, ...] = ()
