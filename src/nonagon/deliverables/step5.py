"""Step 5 hands on: scored opportunities, lowest score first, and the charter of the team that takes them up."""

from nonagon.deliverables.evidence import Deliverable, Estimate, Value


class Opportunity(Value):
    """A scored chance to improve one need. `actionable` False sets it apart without hiding it.

    chosen: people took it up; characteristics: those that serve the need.
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


class OpportunitiesDeliverable(Deliverable):
    """Step 5's deliverable. Later steps read `opportunities` (chosen ones) and `spread`."""

    step: int = 5
    opportunities: tuple[Opportunity, ...] = ()
    spread: Estimate | None = None
