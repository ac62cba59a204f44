"""Codes many verbatims in a process that a test kills: `python coder.py FOLDER FILES ROWS [WORKERS]`.

The facts are made anew in FOLDER each time, the same ones; the codes go to FOLDER/home. "ready" is printed when
coding begins, "done" with the label when it has ended.
"""

import sys
from pathlib import Path
from typing import Any

from builders.facts import facts_of
from nonagon.basics.errors import Cancelled
from nonagon.engine.facts import Facts
from nonagon.steps.step3_needs.coding.blocks import PlainRule, Rulebook
from nonagon.steps.step3_needs.coding.whole import codes_of

RULEBOOK = Rulebook(
    (
        PlainRule("punctual", ("late", "delay*", "متاخر"), "", (), "", "drop"),
        PlainRule("seats", ("seat*",), "", ("seat belt",), "", "drop"),
        PlainRule("price", (), r"too (dear|expensive)", (), "en", "keep"),
    ),
    {"en": ("not", "never"), "ar": ("ليس",)},
    3,
)
WORDS = (
    "the bus",
    "was late",
    "not late",
    "hard seats",
    "a seat belt",
    "too dear",
    "الحافلة متأخرة",
    "ليس متأخرا",
)


def verbatims(files: int, rows: int) -> list[dict[str, Any]]:
    """So many verbatims in each file, no two of them alike."""
    return [
        {
            "verbatim_id": f"f{file:02}-{row:05}",
            "text": f"{WORDS[row % len(WORDS)]} and {WORDS[(row * 3 + file) % len(WORDS)]}. Line {row} of {file}!",
            "customer_id": f"c{row % 97}",
            "file": f"{file:02}.csv",
        }
        for file in range(files)
        for row in range(rows)
    ]


def facts(folder: Path, files: int, rows: int) -> Facts:
    """The facts, whose codes go to `folder`/home."""
    (folder / "home").mkdir(exist_ok=True)
    return facts_of(folder, home=folder / "home", verbatims=verbatims(files, rows))


def stopped_at(facts: Facts, news: int) -> list[str]:
    """Makes the facts stop long work at so many news of it; gives what was told until then, as it comes."""
    told: list[str] = []

    def stop(text: str) -> None:
        told.append(text)
        if len(told) == news:
            raise Cancelled

    facts.tell = stop
    return told


if __name__ == "__main__":
    place, files, rows, *more = sys.argv[1:]
    made = facts(Path(place), int(files), int(rows))
    print("ready", flush=True)
    _store, version = codes_of(made, RULEBOOK, workers=int(more[0]) if more else 0)
    print(f"done {version.label}", flush=True)
