"""On which level of the need tree customers were asked: where steps 4 and 5 meet the needs."""

from collections import Counter
from collections.abc import Sequence

from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.step3 import NeedResult


def asked_needs(needs: Sequence[NeedResult]) -> tuple[NeedResult, ...]:
    """Every need without children, or the nearest need above it that customers rated or weighed, each once.

    A detail that nobody was asked about belongs to the need above it that they were asked about; where there is
    none the detail stands for itself, so that a need that was heard but never asked is not lost. In the order of
    the tree.
    """
    by_id = {need.id: need for need in needs}
    parents = {need.parent for need in needs}
    wanted = {_asked_above(need, by_id).id for need in needs if need.id not in parents}
    return tuple(need for need in needs if need.id in wanted or _asked(need))


def latest_wave(need: NeedResult) -> str | None:
    """The wave that the need's latest score comes from; None where it has no score by wave."""
    score = need.satisfaction
    if not _known(score):
        return None
    return next((one.wave for one in reversed(need.by_wave) if score is not None and one.score == score), None)


def common_wave(needs: Sequence[NeedResult]) -> str | None:
    """The wave that most needs' latest scores come from; the later one where two are even."""
    found = Counter(wave for need in needs if (wave := latest_wave(need)) is not None)
    order = [one.wave for need in needs for one in need.by_wave]
    return max(found, key=lambda wave: (found[wave], len(order) - order[::-1].index(wave)), default=None)


def _asked_above(need: NeedResult, by_id: dict[str, NeedResult]) -> NeedResult:
    above: NeedResult | None = need
    while above is not None and not _asked(above):
        above = by_id.get(above.parent) if above.parent is not None else None
    return above or need


def _asked(need: NeedResult) -> bool:
    return any(_known(one) for one in (need.satisfaction, need.stated, need.derived))


def _known(estimate: Estimate | None) -> bool:
    return estimate is not None and estimate.value is not None
