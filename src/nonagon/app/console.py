"""Progress on the console: a live line a stage at a terminal, plain lines otherwise."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from nonagon.pipeline.progress import Progress


class PlainProgress:
    """One line a finished stage; for logs and pipes."""

    def begin(self, stage: str) -> None:
        """Nothing is said before a stage is done."""

    def advance(self, text: str) -> None:
        """Nothing is said inside a stage."""

    def end(self, stage: str, seconds: float) -> None:
        """The stage with its seconds."""
        click.echo(f"{stage} ({seconds:.1f} s)")


class LiveProgress:
    """A spinner with the stage and its latest news, and a line that stays when the stage is done."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.status import Status

        self._console = Console()
        self._status: Status = self._console.status("")
        self._stage = ""

    def begin(self, stage: str) -> None:
        """Shows the stage."""
        self._stage = stage
        self._status.update(stage)
        self._status.start()

    def advance(self, text: str) -> None:
        """Shows the news beside the stage."""
        from rich.markup import escape

        self._status.update(f"{self._stage}: [dim]{escape(text)}[/dim]")

    def end(self, stage: str, seconds: float) -> None:
        """Leaves a line behind."""
        self._status.stop()
        self._console.print(f"[green]✓[/green] {stage} [dim]{seconds:.1f} s[/dim]")

    def close(self) -> None:
        """Stops the spinner, also after an error."""
        self._status.stop()


@contextmanager
def console_progress() -> Iterator[Progress]:
    """The progress that suits where standard output goes."""
    if not sys.stdout.isatty():
        yield PlainProgress()
        return
    live = LiveProgress()
    try:
        yield live
    finally:
        live.close()
