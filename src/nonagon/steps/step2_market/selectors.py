"""Reads for the page of step 2: the SWOT board as proposed by the data and decided by people."""

from dataclasses import dataclass
from typing import Any

from nonagon.deliverables.step2 import MarketDeliverable
from nonagon.process import documents, results
from nonagon.process.models import Cycle

QUADRANTS = ("strength", "weakness", "opportunity", "threat")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the board. decision: accept, reject or "" while undecided; added: by people, with evidence."""

    id: str
    quadrant: str
    sentence: str
    evidence: str
    decision: str = ""
    reason: str = ""
    added: bool = False
    need: str = ""

    @property
    def stands(self) -> bool:
        """Whether it may be used in TOWS pairs."""
        return self.added or self.decision == "accept"


def board(cycle: Cycle) -> dict[str, list[Entry]]:
    """The entries by quadrant: what the data proposed last, with the decisions as they stand now."""
    document, _number = documents.current(cycle, 2)
    decided: Any = document
    verdicts = {one.id: one for one in decided.swot}
    found: dict[str, list[Entry]] = {quadrant: [] for quadrant in QUADRANTS}
    for one in _proposed(cycle):
        verdict = verdicts.get(one.id)
        found[one.quadrant].append(
            Entry(
                id=one.id,
                quadrant=one.quadrant,
                sentence=one.sentence,
                evidence=one.evidence,
                decision=verdict.decision if verdict else "",
                reason=verdict.reason if verdict else "",
                need=one.need or "",
            )
        )
    for own in decided.added:
        found[own.quadrant].append(
            Entry(own.id, own.quadrant, own.sentence, own.evidence, added=True, need=own.need or "")
        )
    return found


def _proposed(cycle: Cycle) -> list[Any]:
    found = results.deliverable(cycle, 2, MarketDeliverable)
    return [one for one in found.swot if one.status != "added"] if found is not None else []
