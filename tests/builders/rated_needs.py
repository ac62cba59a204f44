"""Step 3's deliverable for tests of the later steps: needs with scores and importances."""

from nonagon.deliverables.evidence import Estimate, Origin
from nonagon.deliverables.step3 import NeedResult, NeedsDeliverable, WaveScore

Interval = tuple[float, float]
"""A value and the half width of its 95 % interval."""


def points(value: float, half: float = 0.2, n: int = 100, origin: str = "scores") -> Estimate:
    """A mean score with its interval."""
    return Estimate(
        value=value, low=value - half, high=value + half, confidence=0.95, n=n, unit="points", origin=origin
    )


def need(
    need_id: str,
    *,
    score: Interval | None = None,
    importance: Interval | None = None,
    waves: dict[str, Interval] | None = None,
    scale: tuple[float, float] = (1, 5),
    item: str | None = None,
    gap: Interval | None = None,
    parent: str | None = None,
) -> NeedResult:
    """A need; its item is named after it unless said otherwise, where it has a score."""
    rated = score is not None
    return NeedResult(
        id=need_id,
        name=need_id.capitalize(),
        parent=parent,
        item=item or (f"q-{need_id}" if rated else None),
        satisfaction=points(*score) if score is not None else None,
        scale_min=scale[0] if rated else None,
        scale_max=scale[1] if rated else None,
        by_wave=tuple(WaveScore(wave=wave, score=points(*one)) for wave, one in (waves or {}).items()),
        importance=points(*importance, origin="importance") if importance is not None else None,
        importance_kind="stated" if importance is not None else "none",
        stated=points(*importance, origin="importance") if importance is not None else None,
        gap=points(*gap) if gap is not None else None,
    )


def step3(*needs: NeedResult, waves: tuple[str, ...] = ()) -> NeedsDeliverable:
    """Step 3's deliverable with two origins."""
    return NeedsDeliverable(
        needs=needs,
        waves=waves,
        wave=waves[-1] if waves else None,
        origins={
            "scores": Origin(data=("answers@test",), method="nonagon.methods.survey.mean"),
            "importance": Origin(data=("answers@test",), method="nonagon.methods.survey.mean"),
        },
    )
