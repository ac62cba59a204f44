"""Step 7 hands on: whether what was planned is done and holds: charts, capability, verified prerequisites."""

from typing import Literal

from nonagon.deliverables.evidence import Deliverable, Estimate, Value


class ControlItem(Value):
    """What is watched: a characteristic on a chart, with its state.

    stable: no signal in the latest phase (None: no data); capability: Cpk or Ppk of the latest phase.
    """

    id: str
    characteristic: str
    chart: str
    activity: str | None = None
    stable: bool | None = None
    signals: int = 0
    capability: Estimate | None = None


class Prerequisite(Value):
    """One customer requirement: is its characteristic shown to be what was promised?"""

    need: str
    characteristic: str
    verdict: Literal["met", "not_met", "not_shown"]
    reason: str


class ControlDeliverable(Deliverable):
    """Step 7's deliverable. Later steps read `items` and `prerequisites`."""

    step: int = 7
    items: tuple[ControlItem, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = ()
