"""Reads for the pages of step 8: the board of cases, one case with its history, low scores without a case."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nonagon.accounts.access import Actor, rows
from nonagon.charts.wording import short
from nonagon.deliverables.cycle import Item
from nonagon.process import documents, registry
from nonagon.process.edits import Change
from nonagon.process.measured import facts_of
from nonagon.process.models import Cycle, DocumentVersion
from nonagon.steps.step8_aftersales.decisions import CaseDecision, CaseTimes, Step8Decisions
from nonagon.ui.fields import label_of

STEP = 8
STEPS = ("acknowledged", "assessed", "answered", "closed")
"""What happens to a case, in this order (ISO 10002); each is a day in the case."""
STATES = {
    "new": gettext_lazy("New"),
    "acknowledged": gettext_lazy("Acknowledged"),
    "assessed": gettext_lazy("Assessed"),
    "answered": gettext_lazy("Answered"),
    "closed": gettext_lazy("Closed"),
}
DOING = {
    "acknowledged": gettext_lazy("Acknowledge"),
    "assessed": gettext_lazy("Assess"),
    "answered": gettext_lazy("Answer"),
    "closed": gettext_lazy("Close"),
}
KINDS = {
    "complaint": gettext_lazy("complaint"),
    "low_score": gettext_lazy("low score"),
    "request": gettext_lazy("request"),
}
SEVERITIES = {"high": gettext_lazy("high"), "medium": gettext_lazy("medium"), "low": gettext_lazy("low")}
BRANCHES = {
    "people": gettext_lazy("People"),
    "method": gettext_lazy("Method"),
    "machine": gettext_lazy("Machine"),
    "material": gettext_lazy("Material"),
    "measurement": gettext_lazy("Measurement"),
    "environment": gettext_lazy("Environment"),
}
"""The branches of the cause-and-effect diagram."""
WHYS = 5
PAGE = 50
CLOSED = 12
"""How many cases the board shows of a state, and how many closed ones."""
LOW_SHARE = 0.25
"""An answer in the lowest quarter of its scale is low; of 0 to 10 likely to recommend, a detractor's 0 to 6."""
DETRACTOR = 6.0


def decisions(cycle: Cycle) -> Step8Decisions:
    """The document as it stands."""
    return cast(Step8Decisions, documents.current(cycle, STEP)[0])


@dataclass(frozen=True, slots=True)
class Card:
    """A case as people work on it: where it stands, what comes next and by when."""

    case: CaseDecision
    times: CaseTimes
    today: date
    need_name: str = ""

    @property
    def id(self) -> str:
        """Key of the case."""
        return self.case.id

    @property
    def state(self) -> str:
        """The furthest that it has come."""
        return next((one for one in reversed(STEPS) if getattr(self.case, one) is not None), "new")

    @property
    def state_word(self) -> str:
        """In words."""
        return str(STATES[self.state])

    @property
    def is_open(self) -> bool:
        """Whether it is not closed."""
        return self.case.closed is None

    @property
    def next_step(self) -> str:
        """What comes next; empty where it is closed."""
        if not self.is_open:
            return ""
        reached = STEPS.index(self.state) if self.state in STEPS else -1
        return STEPS[reached + 1]

    @property
    def next_word(self) -> str:
        """What is to be done next, in a word."""
        return str(DOING.get(self.next_step, ""))

    @property
    def kind_word(self) -> str:
        """What it is."""
        return str(KINDS[self.case.kind])

    @property
    def severity_word(self) -> str:
        """How severe it is."""
        return str(SEVERITIES[self.case.severity])

    @property
    def title(self) -> str:
        """What it is about, in a line."""
        return self.case.said or self.need_name or self.case.need or self.kind_word

    @property
    def due(self) -> date | None:
        """The day that was promised for what is promised next; None where it is closed."""
        if not self.is_open:
            return None
        days = self.times.acknowledge_days if self.case.acknowledged is None else self.times.close_days
        return self.case.opened + timedelta(days=days)

    @property
    def late_by(self) -> int:
        """Days past the promise; 0 where it is kept."""
        return max((self.today - self.due).days, 0) if self.due else 0

    @property
    def promises(self) -> list[tuple[str, date, date | None, bool]]:
        """What was promised: in words, by when, when it was done, whether it is broken."""
        case, found = self.case, []
        for words, days, done in (
            (_("acknowledge"), self.times.acknowledge_days, case.acknowledged),
            (_("close"), self.times.close_days, case.closed),
        ):
            due = case.opened + timedelta(days=days)
            found.append((words, due, done, (done or self.today) > due))
        return found

    @property
    def age(self) -> int:
        """Days since it was opened, up to its closing."""
        return ((self.case.closed or self.today) - self.case.opened).days

    @property
    def timeline(self) -> list[tuple[str, date | None, str]]:
        """Its steps: key, day, in words."""
        return [("opened", self.case.opened, str(_("Opened")))] + [
            (one, getattr(self.case, one), str(STATES[one])) for one in STEPS
        ]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the board."""

    state: str
    title: str
    cards: list[Card]
    count: int


def today() -> date:
    """The day that promises are counted to."""
    return timezone.localdate()


def cards(cycle: Cycle, found: Sequence[CaseDecision] | None = None) -> list[Card]:
    """All cases, the most urgent first, closed ones last, newest closed first."""
    document = decisions(cycle)
    names = need_names(cycle)
    made = [
        Card(one, document.case_times, today(), names.get(one.need or "", ""))
        for one in (document.cases if found is None else found)
    ]
    severity = list(SEVERITIES)
    return sorted(
        made,
        key=lambda one: (
            not one.is_open,
            -(one.case.closed or date.min).toordinal(),
            one.due or date.max,
            severity.index(one.case.severity),
            one.id,
        ),
    )


def board(cycle: Cycle, *, kind: str = "", search: str = "") -> list[Column]:
    """The open cases by state, and the newest closed ones."""
    wanted = [one for one in cards(cycle) if _fits(one, kind, search)]
    columns = [(state, [one for one in wanted if one.state == state]) for state in STATES]
    return [
        Column(state, str(STATES[state]), found[: CLOSED if state == "closed" else PAGE], len(found))
        for state, found in columns
    ]


def _fits(card: Card, kind: str, search: str) -> bool:
    case = card.case
    text = " ".join(filter(None, (case.id, case.said, case.cause, case.need, card.need_name, case.customer)))
    return (not kind or case.kind == kind) and search.casefold() in text.casefold()


def card(cycle: Cycle, case: str) -> Card | None:
    """One case."""
    document = decisions(cycle)
    found = next((one for one in document.cases if one.id == case), None)
    if found is None:
        return None
    return Card(found, document.case_times, today(), need_names(cycle).get(found.need or "", ""))


def need_names(cycle: Cycle) -> dict[str, str]:
    """The needs by id."""
    document, _number = documents.current(cycle, 3)
    return {one.id: one.name for one in getattr(document, "needs", ())}


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that was done to a case: when, by whom, what."""

    at: datetime
    who: str
    sentence: str


def history(actor: Actor, cycle: Cycle, case: str, most: int = 50) -> list[Happened]:
    """What was done to a case, newest first: out of the versions of the document."""
    versions = (
        rows(actor, DocumentVersion).filter(cycle=cycle, step=STEP).select_related("person").defer("content")
    )
    found: list[Happened] = []
    for version in versions.order_by("-number"):
        for stored in version.changes:
            sentence = _sentence(Change.from_json(stored), case)
            if sentence:
                found.append(Happened(version.at, str(version.person or _("somebody")), sentence))
        if len(found) >= most:
            break
    return found


def _sentence(change: Change, case: str) -> str:
    """What a change says of the case; empty where it concerns another."""
    if change.op == "add" and change.path == ("cases",):
        entry = change.after if isinstance(change.after, dict) else {}
        return _("opened the case") if entry.get("id") == case else ""
    if change.path[:2] != ("cases", f"@{case}") or len(change.path) < 3:
        return ""
    field = label_of(str(change.path[2]))
    if change.after in (None, "", []):
        return _("%(field)s: taken away") % {"field": field}
    value = "; ".join(map(str, change.after)) if isinstance(change.after, list) else str(change.after)
    return _("%(field)s: %(value)s") % {"field": field, "value": value.replace("_", " ")}


def by_branch(case: CaseDecision) -> list[tuple[str, str, list[str]]]:
    """The causes of the cause-and-effect diagram: branch, its word, causes; others under the last."""
    found: dict[str, list[str]] = {branch: [] for branch in BRANCHES}
    for one in case.causes:
        branch, colon, text = one.partition(":")
        own = branch.strip().lower()
        found[own if colon and own in found else "environment"].append(text.strip() if colon else one)
    return [(branch, str(word), found[branch]) for branch, word in BRANCHES.items()]


# --- low scores -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LowScore:
    """A low answer of a customer who can be answered."""

    respondent: str
    customer: str
    day: date
    item: str
    text: str
    need: str | None
    value: float
    best: str

    @property
    def shown(self) -> str:
        """The answer as it is read."""
        return short(self.value)


def low_scores(cycle: Cycle, most: int = 100) -> list[LowScore]:
    """Low answers of the last ninety days of data that have no case yet, newest first."""
    from nonagon.engine.low_scores import low_scores as found_in  # noqa: PLC0415

    head, _number = documents.current(cycle, registry.HEAD)
    items = {
        one.id: one for one in getattr(head, "items", ()) if one.kind in ("satisfaction", "overall", "recommend")
    }
    facts = facts_of(cycle)
    if not items or not facts.has("answers"):
        return []
    taken = {(one.customer, one.respondent) for one in decisions(cycle).cases if one.respondent}
    found = found_in(
        facts, highest={name: highest_low(one) for name, one in items.items()}, most=most + len(taken)
    )
    return [one for one in _scores(found, items) if (one.customer, one.respondent) not in taken][:most]


def _scores(found: Any, items: dict[str, Item]) -> Iterator[LowScore]:
    names = ("respondent_id", "customer_id", "date", "item", "value")
    for respondent, customer, day, item, value in zip(*(found[name] for name in names), strict=True):
        asked = items[item]
        best = short(float(asked.scale_max))
        yield LowScore(respondent, customer, day, item, asked.text, asked.need, float(value), best)


def highest_low(item: Item) -> float:
    """The highest answer that counts as low.

    >>> from nonagon.deliverables.cycle import Item
    >>> highest_low(Item(id="q", text="q")), highest_low(Item(id="q", text="q", scale_max=7))
    (2.0, 2.5)
    >>> highest_low(Item(id="q", text="q", kind="recommend", scale_min=0, scale_max=10))
    6.0
    """
    if item.kind == "recommend":
        return DETRACTOR
    return float(item.scale_min) + LOW_SHARE * float(item.scale_max - item.scale_min)
