"""The register of origins that an analysis fills while it computes, also for numbers of earlier steps."""

from collections.abc import Iterable

from nonagon.deliverables.evidence import Deliverable, Estimate, Origin


class Origins:
    """Origins by key, for a deliverable's `origins`.

    data, filter: what a method's origin rests on where it does not say so itself; decisions rest on no data.
    """

    def __init__(self, *, data: Iterable[str] = (), filter: str = "") -> None:  # noqa: A002  (as Origin calls it)
        self._found: dict[str, Origin] = {}
        self._data = tuple(data)
        self._filter = filter

    def add(self, key: str, origin: Origin) -> str:
        """Keeps an origin; gives its key for the estimates that come from it."""
        if not origin.data and not origin.method.startswith("decision"):
            filled = {"data": self._data, "filter": origin.filter or self._filter}
            origin = origin.model_copy(update=filled)
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


def data_behind(earlier: Deliverable | None, estimates: Iterable[Estimate | None]) -> tuple[str, ...]:
    """The labels of the fact tables that an earlier step's estimates rest on, each once, in order."""
    if earlier is None:
        return ()
    keys = [one.origin for one in estimates if one is not None and one.origin in earlier.origins]
    return tuple(dict.fromkeys(label for key in keys for label in earlier.origins[key].data))
