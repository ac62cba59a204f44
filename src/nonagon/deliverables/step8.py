"""Step 8 hands on: how the improved product sells, what customers say after the sale, and early warnings."""

from datetime import date

from nonagon.deliverables.evidence import Deliverable, Value


class Warning(Value):  # noqa: A001  (the field's word)
    """What the sequential test says of one series: since when, how strongly, in one sentence."""

    id: str
    item: str
    need: str | None = None
    control_item: str | None = None
    raised: bool
    on: date | None = None
    sentence: str
    origin: str = ""


class AftersalesDeliverable(Deliverable):
    """Step 8's deliverable. Later steps read `warnings`."""

    step: int = 8
    warnings: tuple[Warning, ...] = ()
