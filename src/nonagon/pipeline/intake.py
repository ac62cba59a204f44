"""What went into the run: rows of each fact table, and what was not taken, with the reasons."""

import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from nonagon.charts.section import Table
from nonagon.charts.wording import number

if TYPE_CHECKING:
    from nonagon.engine.facts import Facts

KINDS = {
    "refused": "refused",
    "set_aside": "set aside by a filter",
    "replaced": "replaced by a later row",
    "empty": "held nothing to take",
}
MOST_REASONS = 20


def intake(facts: "Facts", rejects: Path) -> tuple[Table, ...]:
    """The tables of the report's section on the data; the same facts and rejects give the same tables."""
    return _tables(facts), *_rejects(rejects)


def _tables(facts: "Facts") -> Table:
    from nonagon.engine.spans import DATES, span

    rows = []
    for name in DATES:
        count, first, last = span(facts, name)
        rows.append((name, number(count, digits=0), str(first or ""), str(last or ""), facts.label(name)))
    return Table(
        caption="Facts",
        columns=(
            ("table", "text"),
            ("rows", "number"),
            ("from", "text"),
            ("to", "text"),
            ("data version", "text"),
        ),
        rows=tuple(rows),
        note="A version is the fingerprint of the mapping and of the bytes of the files read: "
        "the same version gives the same numbers.",
    )


def _rejects(rejects: Path) -> tuple[Table, ...]:
    counts: Counter[tuple[str, str, str]] = Counter()
    if rejects.is_file():
        with rejects.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                counts[row["source"], KINDS.get(row["kind"], row["kind"]), row["reason"]] += 1
    if not counts:
        return ()
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    more = sum(count for _, count in ranked[MOST_REASONS:])
    return (
        Table(
            caption="Not taken: rows and cells of the files that are in no fact",
            columns=(("source", "text"), ("what", "text"), ("reason", "text"), ("rows or cells", "number")),
            rows=tuple(
                (source, kind, reason, number(count, digits=0))
                for (source, kind, reason), count in ranked[:MOST_REASONS]
            ),
            note=(f"{number(more, digits=0)} more for other reasons. " if more else "")
            + "Each stands in rejects.csv with file, line, column and value.",
        ),
    )
