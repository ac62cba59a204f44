"""Step 3 hands on: every need with what customers said of it, how they rate it, and what is still unheard."""

from typing import Literal

from nonagon.deliverables.evidence import Deliverable, Estimate, Value


class WaveScore(Value):
    """A need's satisfaction in one wave."""

    wave: str
    score: Estimate


class ClassScore(Value):
    """A need's satisfaction in one class, in the latest wave."""

    class_id: str
    score: Estimate


class NeedResult(Value):
    """One need with its evidence.

    level: 1 primary, 2 secondary, 3 tertiary; verbatims: ids of what was said (none withdrawn);
    said_by: share of speaking customers who said it; satisfaction: our latest score on the item's scale;
    importance: what step 4 and 5 carry over (stated where asked, else derived), `importance_kind` says which;
    derived: share of the explained variance of overall satisfaction; gap: perception minus expectation.
    """

    id: str
    name: str
    level: int = 1
    parent: str | None = None
    item: str | None = None
    verbatims: tuple[str, ...] = ()
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


class NeedsDeliverable(Deliverable):
    """Step 3's deliverable. Later steps read `needs`, `wave` (the latest) and `waves` in order of time."""

    step: int = 3
    needs: tuple[NeedResult, ...] = ()
    waves: tuple[str, ...] = ()
    wave: str | None = None
