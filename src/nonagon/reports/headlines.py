"""The sixteen headlines: what no other product has, each with what this cycle's data say to it."""

from collections.abc import Iterable
from dataclasses import dataclass

from nonagon.deliverables.evidence import Deliverable, Finding

TITLES = {
    1: ("Unknown-needs meter", 3),
    2: ("Rank confidence", 5),
    3: ("Evidence chain", None),
    4: ("Gates on evidence", None),
    5: ("Effect of each improvement", 9),
    6: ("Management-assumption register", 3),
    7: ("Gap narrowing", 5),
    8: ("House of Quality with uncertainty", 4),
    9: ("Plan vault", 6),
    10: ("Process to perception", 7),
    11: ("Survey quality sheet", 3),
    12: ("Small-group protection", None),
    13: ("You said, we did", 8),
    14: ("Cash-limited sequencing", 6),
    15: ("Recomputable documents", None),
    16: ("One open archive", None),
}
"""Number -> title and the step whose section tells more (None: the whole cycle)."""


RANK = {"warning": 0, "shown": 1, "note": 2, "not_shown": 3}
"""What is said first where a headline has several sentences."""


@dataclass(frozen=True, slots=True)
class Headline:
    """One headline: its sentences, from the findings that carry its number; none where nothing is known yet."""

    number: int
    title: str
    step: int | None
    sentences: tuple[Finding, ...]


def headlines(deliverables: Iterable[Deliverable], whole: dict[int, str]) -> tuple[Headline, ...]:
    """All sixteen in order. whole: sentences on the cycle as a whole, by headline."""
    found: dict[int, list[Finding]] = {}
    for number, sentence in whole.items():
        found.setdefault(number, []).append(Finding(kind="note", sentence=sentence, headline=number))
    for one in deliverables:
        for finding in one.findings:
            if finding.headline is not None:
                found.setdefault(finding.headline, []).append(finding)
    for sentences in found.values():
        sentences.sort(key=lambda finding: RANK[finding.kind])
    return tuple(
        Headline(number, title, step, tuple(found.get(number, ()))) for number, (title, step) in TITLES.items()
    )
