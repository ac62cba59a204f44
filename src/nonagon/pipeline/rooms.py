"""The nine rooms as the pipeline meets them: one entry a step, each part loaded when it is first needed."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from nonagon.deliverables.decisions import DecisionDocument

if TYPE_CHECKING:
    from nonagon.charts.section import Section
    from nonagon.deliverables.cycle import Cycle
    from nonagon.deliverables.earlier import Earlier
    from nonagon.deliverables.evidence import Criterion, Deliverable
    from nonagon.engine.facts import Facts


class Analyse(Protocol):
    """deliverable N = analyse(facts, decisions of step N, deliverables of the steps before)."""

    def __call__(self, *, cycle: "Cycle", facts: "Facts", decisions: Any, earlier: "Earlier") -> "Deliverable": ...


@dataclass(frozen=True, slots=True)
class Room:
    """One step: its number, its word (folder, URL, command), its title and its deliverable's name."""

    number: int
    word: str
    title: str
    deliverable: str

    @property
    def package(self) -> str:
        """Dotted name of the room's package."""
        return f"nonagon.steps.step{self.number}_{self.word}"

    def decisions(self) -> type[DecisionDocument]:
        """The model of the step's decision document."""
        found: type[DecisionDocument] = self._part("decisions", f"Step{self.number}Decisions")
        return found

    def analyse(self) -> Analyse:
        """The step's analysis."""
        found: Analyse = self._part("analysis", "analyse")
        return found

    def criteria(self) -> "Callable[[Any, Any], tuple[Criterion, ...]]":
        """The step's exit criteria."""
        found: Callable[[Any, Any], tuple[Criterion, ...]] = self._part("criteria", "criteria")
        return found

    def section(self) -> "Callable[[Any, Any], Section]":
        """The step's section of the report."""
        found: Callable[[Any, Any], Section] = self._part("section", "section")
        return found

    def deliverable_model(self) -> "type[Deliverable]":
        """The model of what the step hands on."""
        module = import_module(f"nonagon.deliverables.step{self.number}")
        return getattr(module, self.deliverable)  # type: ignore[no-any-return]

    def _part(self, module: str, name: str) -> Any:
        return getattr(import_module(f"{self.package}.{module}"), name)


ROOMS = (
    Room(1, "customers", "Identify customers", "CustomersDeliverable"),
    Room(2, "market", "Identify the market", "MarketDeliverable"),
    Room(3, "needs", "Determine needs and expectations", "NeedsDeliverable"),
    Room(4, "characteristics", "Determine internal quality characteristics", "CharacteristicsDeliverable"),
    Room(5, "opportunities", "Select and prioritize opportunities", "OpportunitiesDeliverable"),
    Room(6, "improvements", "Improve products and services", "ImprovementsDeliverable"),
    Room(7, "control", "Control the implementation", "ControlDeliverable"),
    Room(8, "aftersales", "Sell and serve after the sale", "AftersalesDeliverable"),
    Room(9, "results", "Assess results", "ResultsDeliverable"),
)
