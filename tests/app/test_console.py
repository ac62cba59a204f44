"""Progress: plain lines in a pipe, a live line at a terminal."""

import re
import sys

import pytest

from nonagon.app.console import LiveProgress, PlainProgress, console_progress
from nonagon.pipeline.progress import Progress, Silent, stage


def work(progress: Progress) -> dict[str, float]:
    times: dict[str, float] = {}
    with stage(progress, "Reading", times):
        progress.advance("file [bold]1[/bold].csv (50%)")
    with stage(progress, "Step 1", times):
        pass
    return times


def test_stages_note_their_seconds() -> None:
    times = work(Silent())
    assert list(times) == ["Reading", "Step 1"]
    assert all(0 <= seconds < 5 for seconds in times.values())


def test_a_stage_that_fails_is_not_noted() -> None:
    times: dict[str, float] = {}
    with pytest.raises(RuntimeError), stage(Silent(), "Reading", times):
        raise RuntimeError
    assert times == {}


def test_plain_lines_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with console_progress() as progress:
        assert isinstance(progress, PlainProgress)
        work(progress)
    assert re.fullmatch(r"Reading \(\d\.\d s\)\nStep 1 \(\d\.\d s\)\n", capsys.readouterr().out)


def test_a_live_line_at_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with console_progress() as progress:
        assert isinstance(progress, LiveProgress)
        work(progress)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().out)
    done = [line.strip() for line in re.split(r"[\r\n]+", shown) if line.strip().startswith("✓")]
    assert [re.sub(r"\d\.\d s", "N s", line) for line in done] == ["✓ Reading N s", "✓ Step 1 N s"]


def test_the_spinner_stops_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    kept: list[LiveProgress] = []
    with pytest.raises(KeyboardInterrupt), console_progress() as progress:  # noqa: PT012  (as the command does)
        assert isinstance(progress, LiveProgress)
        kept.append(progress)
        progress.begin("Reading")
        raise KeyboardInterrupt
    assert not kept[0]._status._live.is_started
