"""What the parts of an analysis write into while they work: origins, findings, lacks."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.evidence import Deliverable, Estimate, Finding, Lack, Origin

if TYPE_CHECKING:
    from nonagon.engine.facts import Facts

DECISION = "decision"
"""The method of what people decided."""


@dataclass(slots=True)
class Record:
    """The facts and the cycle, and what has been said so far.

    data, rows: the labels and the filter behind every method that reads no table itself, for an analysis that
    works on the numbers of an earlier step.
    """

    facts: "Facts"
    cycle: Cycle
    data: tuple[str, ...] = ()
    rows: str = ""
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
        """Notes where the numbers under `key` come from; gives the key. Without tables: from `data` and `rows`."""
        borrowed = not tables and method != DECISION
        self.origins[key] = Origin(
            data=self.data if borrowed else self.facts.labels(*tables),
            filter=rows or (self.rows if borrowed else ""),
            method=method,
            variant=variant,
            assumptions=assumptions,
        )
        return key

    def decided(self, key: str, where: str, *, variant: str = "", assumptions: tuple[str, ...] = ()) -> str:
        """Notes that people decided the numbers under `key`; where: such as `decisions/step5.toml: plan`."""
        return self.origin(key, (), DECISION, rows=where, variant=variant, assumptions=assumptions)

    def carried(self, estimate: Estimate | None, earlier: Deliverable) -> Estimate | None:
        """An earlier step's estimate, its origin copied under `step3.<key>` so that it can still be opened."""
        if estimate is None or estimate.origin not in earlier.origins:
            return estimate
        key = f"step{earlier.step}.{estimate.origin}"
        self.origins[key] = earlier.origins[estimate.origin]
        return estimate.model_copy(update={"origin": key})

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

    def lack(self, what: str, needs: str) -> None:
        """Adds what could not be done, and what it would need."""
        self.lacks.append(Lack(what=what, needs=needs))


def data_behind(earlier: Deliverable | None, estimates: Iterable[Estimate | None]) -> tuple[str, ...]:
    """The labels of the fact tables that an earlier step's estimates rest on, each once, in order."""
    if earlier is None:
        return ()
    keys = [one.origin for one in estimates if one is not None and one.origin in earlier.origins]
    return tuple(dict.fromkeys(label for key in keys for label in earlier.origins[key].data))
