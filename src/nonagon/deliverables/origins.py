"""The register of origins that an analysis fills while it computes, also for numbers of earlier steps."""

from nonagon.deliverables.evidence import Deliverable, Estimate, Origin


class Origins:
    """Origins by key, for a deliverable's `origins`."""

    def __init__(self) -> None:
        self._found: dict[str, Origin] = {}

    def add(self, key: str, origin: Origin) -> str:
        """Keeps an origin; gives its key for the estimates that come from it."""
        self._found[key] = origin
        return key

    def carried(self, estimate: Estimate | None, earlier: Deliverable) -> Estimate | None:
        """An earlier step's estimate, its origin copied under `step3.<key>` so that it can still be opened."""
        if estimate is None or estimate.origin not in earlier.origins:
            return estimate
        key = f"step{earlier.step}.{estimate.origin}"
        self._found[key] = earlier.origins[estimate.origin]
        return estimate.model_copy(update={"origin": key})

    def all(self) -> dict[str, Origin]:
        """Every origin, in the order of the keys."""
        return dict(sorted(self._found.items()))
