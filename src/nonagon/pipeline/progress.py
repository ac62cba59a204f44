"""What long work says while it runs, and how it is stopped.

The command line shows it with rich, or as plain lines. `begin` and `advance` may raise `Cancelled`: the work then
ends there, with nothing half-written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from nonagon.basics.errors import Cancelled

__all__ = ["Cancelled", "Progress", "Silent", "stage"]


class Progress(Protocol):
    """Hears of stages as they begin and end, and of counts inside them."""

    def begin(self, stage: str) -> None:
        """A stage starts."""

    def advance(self, text: str) -> None:
        """News inside the stage, such as the file being read."""

    def end(self, stage: str, seconds: float) -> None:
        """The stage is done."""


class Silent:
    """Says nothing."""

    def begin(self, stage: str) -> None:
        """A stage starts."""

    def advance(self, text: str) -> None:
        """News inside the stage."""

    def end(self, stage: str, seconds: float) -> None:
        """The stage is done."""


@contextmanager
def stage(progress: Progress, name: str, times: dict[str, float]) -> Iterator[None]:
    """Tells `progress` of a stage and notes its seconds in `times`."""
    from time import perf_counter

    progress.begin(name)
    start = perf_counter()
    yield
    times[name] = round(perf_counter() - start, 3)
    progress.end(name, times[name])
