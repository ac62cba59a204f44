"""A process that reads blocks of verbatims: it codes them, or suggests needs for those without one.

`python -m nonagon.steps.step3_needs.coding.worker` reads a task and then blocks from its standard input, one after
the other, until that is closed: it ends with whoever started it.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from nonagon.steps.step3_needs.coding.blocks import Rulebook, Task


def task_of(content: bytes) -> Task:
    """The task that `as_json` wrote: a rulebook, or one with what is known of words."""
    if "weights" not in json.loads(content):
        return Rulebook.from_json(content)
    from nonagon.steps.step3_needs.coding.suggest import Knowledge  # noqa: PLC0415  (numpy, which coding needs not)

    return Knowledge.from_json(content)


def work(given: BinaryIO, told: BinaryIO) -> None:
    """Reads what is given until there is no more: a line of JSON for each block, then its content."""
    read = task_of(given.readline()).reader()
    while line := given.readline():
        asked = json.loads(line)
        content = given.read(asked["size"])
        if len(content) < asked["size"]:  # who asked is gone
            return
        try:
            answer: dict[str, Any] = asdict(read(content, Path(asked["path"])))
        except OSError as error:
            answer = {"errno": error.errno, "strerror": error.strerror or str(error)}
        told.write(json.dumps(answer).encode() + b"\n")
        told.flush()


if __name__ == "__main__":
    work(sys.stdin.buffer, sys.stdout.buffer)
