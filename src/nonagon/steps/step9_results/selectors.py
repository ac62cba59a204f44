"""Reads for the pages of step 9: designs and whether they hold, open needs, the management review."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nonagon.accounts.access import Actor, rows
from nonagon.deliverables.step9 import Carried, ResultsDeliverable
from nonagon.process import documents, registry, results
from nonagon.process.edits import Change
from nonagon.process.models import Cycle, DocumentVersion
from nonagon.steps.step9_results.decisions import EffectDecision, Step9Decisions, fingerprint_of

STEP = 9
DESIGNS = {
    "interrupted_time_series": gettext_lazy("interrupted time series"),
    "difference_in_differences": gettext_lazy("difference in differences"),
}
SEALED = {
    "design",
    "outcome",
    "item",
    "start",
    "begin",
    "end",
    "unit",
    "treated",
    "control",
    "placebo",
    "negative_item",
}
"""Fields of a design that must not follow the results: a change after its day is shown."""
INPUTS = {
    "earlier_actions": (gettext_lazy("Status of actions from earlier reviews"), ()),
    "context": (gettext_lazy("Changes in external and internal issues"), (2,)),
    "customers": (gettext_lazy("Customer satisfaction and feedback of interested parties"), (3, 9)),
    "objectives": (gettext_lazy("Extent to which quality objectives are met"), (9,)),
    "processes": (gettext_lazy("Process performance and conformity of products and services"), (7,)),
    "nonconformities": (gettext_lazy("Nonconformities and corrective actions"), (8,)),
    "measurements": (gettext_lazy("Monitoring and measurement results"), (4, 7)),
    "audits": (gettext_lazy("Audit results"), ()),
    "providers": (gettext_lazy("Performance of external providers"), ()),
    "resources": (gettext_lazy("Adequacy of resources"), (6,)),
    "risks": (gettext_lazy("Effectiveness of actions on risks and opportunities"), (6, 9)),
    "improvement": (gettext_lazy("Opportunities for improvement"), (5,)),
}
"""The inputs of a management review (ISO 9001:2015, 9.3.2), each with the steps whose findings belong to it."""
MOST_FINDINGS = 4
"""So many findings of a step stand under a heading; the step's page has all."""


def decisions(cycle: Cycle) -> Step9Decisions:
    """The document as it stands."""
    return cast(Step9Decisions, documents.current(cycle, STEP)[0])


def deliverable(cycle: Cycle) -> ResultsDeliverable | None:
    """Step 9 as computed last; None before that."""
    return results.deliverable(cycle, STEP, ResultsDeliverable)


# --- designs --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Design:
    """A design: when it was written down, whether before the start, what was changed since.

    rules: what a design should have, in words, and whether it has it.
    """

    effect: EffectDecision
    changed: tuple[tuple[datetime, str, str], ...]

    @property
    def word(self) -> str:
        """The design in words."""
        return str(DESIGNS[self.effect.design])

    @property
    def in_time(self) -> bool | None:
        """Whether it was written down before the start; None where no day is written."""
        return None if self.effect.designed_on is None else self.effect.designed_on < self.effect.start

    @property
    def rules(self) -> list[tuple[str, bool]]:
        """What a design that convinces has."""
        one = self.effect
        found = [
            (_("written down before the start"), self.in_time is True),
            (_("a placebo date before the start"), one.placebo is not None),
        ]
        if one.outcome == "satisfaction":
            found.append(
                (_("a negative control: an item that cannot have changed"), one.negative_item is not None)
            )
        if one.design == "difference_in_differences":
            found.append((_("classes that got it and classes that did not"), bool(one.treated and one.control)))
        found.append((_("what the business plan expects"), one.expected is not None))
        return found


def designs(actor: Actor, cycle: Cycle) -> list[Design]:
    """All designs in the order of the document."""
    held = decisions(cycle).effects
    changed = _changed(actor, cycle, {one.id: one.designed_on for one in held})
    return [Design(one, tuple(changed.get(one.id, ()))) for one in held]


def _changed(
    actor: Actor, cycle: Cycle, sealed: dict[str, date | None]
) -> dict[str, list[tuple[datetime, str, str]]]:
    """By effect: changes of its design after the day on which it was written down."""
    found: dict[str, list[tuple[datetime, str, str]]] = {}
    if not any(sealed.values()):
        return found
    versions = rows(actor, DocumentVersion).filter(cycle=cycle, step=STEP, number__gt=1).select_related("person")
    for version in versions.defer("content").order_by("number"):
        for stored in version.changes:
            path = Change.from_json(stored).path
            if len(path) < 3 or path[0] != "effects" or path[2] not in SEALED:
                continue
            own = str(path[1]).removeprefix("@")
            day = sealed.get(own)
            if day is not None and version.at.date() > day:
                who = str(version.person or _("somebody"))
                found.setdefault(own, []).append((version.at, who, str(path[2]).replace("_", " ")))
    return found


def proposed(cycle: Cycle) -> list[Carried]:
    """Needs that the evidence leaves open and that nobody has decided on."""
    computed = deliverable(cycle)
    decided = {one.need for one in decisions(cycle).carried}
    return [one for one in (computed.open_needs if computed else ()) if one.need not in decided]


# --- the management review ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heading:
    """One input of the review: what the cycle measured, and what people say."""

    input: str
    title: str
    findings: list[tuple[int, str]]
    said: str


@dataclass(frozen=True, slots=True)
class Review:
    """The minutes as they stand."""

    document: Step9Decisions
    headings: list[Heading]
    fingerprint: str

    @property
    def is_signed(self) -> bool:
        """Whether the minutes are signed as they stand."""
        approval = self.document.review_approval
        return approval is not None and approval.sha256 == self.fingerprint

    @property
    def changed_since(self) -> bool:
        """Whether they were changed after they had been signed."""
        return self.document.review_approval is not None and not self.is_signed


def review(cycle: Cycle, *, sees_plan: bool) -> Review:
    """The management review. sees_plan: whether the reader may see what names the plan."""
    document = decisions(cycle)
    stored = results.all_latest(cycle, sections=not sees_plan)
    findings = {step: _findings(one, step, sees_plan) for step, one in stored.items()}
    said: dict[str, str] = {one.input: one.said for one in document.review_inputs}
    headings = [
        Heading(
            name,
            str(title),
            [(step, sentence) for step in steps for sentence in findings.get(step, ())[:MOST_FINDINGS]],
            said.get(name, ""),
        )
        for name, (title, steps) in INPUTS.items()
    ]
    return Review(document, headings, fingerprint_of(document))


def _findings(result: Any, step: int, sees_plan: bool) -> list[str]:
    if registry.room(step).confidential and not sees_plan:
        return []
    found = result.findings if sees_plan or result.public is None else result.public.get("findings", ())
    return [one["sentence"] for one in found]
