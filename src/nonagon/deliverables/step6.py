"""Step 6 hands on: what will be done, when, for how much, and what is left out and why."""

from datetime import date

from nonagon.deliverables.evidence import Deliverable, Estimate, Number, Value


class Project(Value):
    """One project: serves an opportunity, costs and brings money, is in the portfolio or is out for a reason."""

    id: str
    name: str
    opportunity: str
    cost: Number
    benefit: Estimate | None = None
    npv: Estimate | None = None
    selected: bool = False
    reason: str = ""


class Activity(Value):
    """One activity with its place in the plan; days are calendar days from the plan's start."""

    id: str
    project: str
    name: str
    start: date | None = None
    finish: date | None = None
    slack_days: Number | None = None
    critical: bool = False
    cost: Number = 0
    characteristics: tuple[str, ...] = ()


class ImprovementsDeliverable(Deliverable):
    """Step 6's deliverable. Later steps read `projects` and `activities`."""

    step: int = 6
    projects: tuple[Project, ...] = ()
    activities: tuple[Activity, ...] = ()
