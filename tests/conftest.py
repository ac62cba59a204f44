"""What several folders of tests share: one finished run of the small cycle."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from builders.folder import write_cycle
from nonagon.pipeline.run import Run, run


@dataclass(frozen=True)
class Finished:
    """The small cycle's folder and the run over it. Not to be written to: tests that change files copy it."""

    folder: Path
    run: Run


@pytest.fixture(scope="session")
def small_cycle(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = write_cycle(tmp_path_factory.mktemp("cycle") / "small")
    return Finished(folder, run(folder))
