"""What the parts of an analysis write into while they work: origins, findings, lacks."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.evidence import Deliverable, Estimate, Finding, Lack, Origin

if TYPE_CHECKING:
    from nonagon.engine.facts import Facts


@dataclass(slots=True)
class Record:
    """The facts and the cycle, and what has been said so far."""

    facts: "Facts"
    cycle: Cycle
    origins: dict[str, Origin] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    lacks: list[Lack] = field(default_factory=list)

    def origin(
        self,
        key: str,
        tables: tuple[str, ...],
        method: str,
        *,
        rows: str = "",
        variant: str = "",
        assumptions: tuple[str, ...] = (),
    ) -> str:
        """Notes where the numbers under `key` come from; gives the key."""
        self.origins[key] = Origin(
            data=self.facts.labels(*tables), filter=rows, method=method, variant=variant, assumptions=assumptions
        )
        return key

    def say(
        self,
        kind: Literal["shown", "not_shown", "note", "warning"],
        sentence: str,
        *,
        origin: str = "",
        headline: int | None = None,
    ) -> None:
        """Adds a finding."""
        self.findings.append(Finding(kind=kind, sentence=sentence, headline=headline, origin=origin))

    def carried(self, estimate: Estimate | None, earlier: Deliverable) -> Estimate | None:
        """An earlier step's estimate, its origin copied under `step3.<key>` so that it can still be opened."""
        if estimate is None or estimate.origin not in earlier.origins:
            return estimate
        key = f"step{earlier.step}.{estimate.origin}"
        self.origins[key] = earlier.origins[estimate.origin]
        return estimate.model_copy(update={"origin": key})

    def lack(self, what: str, needs: str) -> None:
        """Adds what could not be done, and what it would need."""
        self.lacks.append(Lack(what=what, needs=needs))
