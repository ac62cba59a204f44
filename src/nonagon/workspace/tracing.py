"""The trace as the page shows it: records with their names, both ways from the chosen one, without the plan for
who may not see it."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from nonagon.charts.trace import Key, Record, trace_map
from nonagon.charts.wording import amount, estimate
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.step3 import NeedsDeliverable
from nonagon.deliverables.trace import KINDS, Broken, Trace
from nonagon.process import documents, registry, results
from nonagon.process.measured import facts_of
from nonagon.process.models import Cycle
from nonagon.steps.step3_needs import selectors as coded
from nonagon.ui.frame import url_of_step

TITLES = {
    "verbatim": gettext_lazy("What customers said"),
    "need": gettext_lazy("Needs"),
    "characteristic": gettext_lazy("Characteristics"),
    "opportunity": gettext_lazy("Opportunities"),
    "project": gettext_lazy("Projects"),
    "activity": gettext_lazy("Activities"),
    "control_item": gettext_lazy("Control items"),
    "follow_up": gettext_lazy("Follow-ups"),
    "result": gettext_lazy("Results"),
}
"""The columns in the order of the trace."""
WORDS = {
    "verbatim": gettext_lazy("verbatim"),
    "need": gettext_lazy("need"),
    "characteristic": gettext_lazy("characteristic"),
    "opportunity": gettext_lazy("opportunity"),
    "project": gettext_lazy("project"),
    "activity": gettext_lazy("activity"),
    "control_item": gettext_lazy("control item"),
    "follow_up": gettext_lazy("follow-up"),
    "result": gettext_lazy("result"),
}
CONFIDENTIAL = frozenset({"project", "activity"})
"""Kinds of records that are the plan's."""

NAMED_IN: dict[str, tuple[int, str, str]] = {
    "need": (3, "needs", "name"),
    "characteristic": (4, "characteristics", "name"),
    "opportunity": (5, "opportunities", "name"),
    "project": (6, "projects", "name"),
    "activity": (6, "activities", "name"),
    "control_item": (7, "items", "name"),
    "follow_up": (8, "follow_ups", "name"),
    "result": (9, "effects", "improvement"),
}
"""Where a kind's names stand: step, list of the deliverable, field."""

MENDED_IN: dict[str, tuple[tuple[int, str], tuple[int, str]]] = {
    "need": ((3, "needs"), (4, "relationships")),
    "characteristic": ((4, "relationships"), (5, "opportunities")),
    "opportunity": ((5, "opportunities"), (6, "projects")),
    "project": ((6, "projects"), (9, "effects")),
    "activity": ((6, "activities"), (7, "control_plan")),
    "control_item": ((7, "control_plan"), (8, "follow_ups")),
    "follow_up": ((8, "follow_ups"), (9, "effects")),
    "result": ((9, "effects"), (9, "effects")),
}
"""Where a record gets what leads to it, and where what follows from it: step and list of the decisions."""

MOST_WORDS = 20
MOST_FOUND = 60


@dataclass(frozen=True, slots=True)
class Break:
    """An orphan or a dead end: the record, the sentence, where it is mended."""

    record: Record
    sentence: str
    mend: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows. rows: the records by kind, for the table under the drawing."""

    drawing: str
    rows: tuple[tuple[str, tuple[Record, ...]], ...]
    selected: Record | None
    kind_word: str = ""
    words: tuple[str, ...] = ()
    more_words: int = 0
    said: int = 0
    amounts: tuple[tuple[str, str], ...] = ()
    orphans: tuple[Break, ...] = ()
    dead_ends: tuple[Break, ...] = ()
    found: tuple[Record, ...] = field(default=())
    step_url: str = ""


@dataclass(frozen=True, slots=True)
class Linked:
    """The stored trace, ready to be walked; the same for every reader.

    keys: every record that is linked, and every need, in the order of the links; names: of those that have one, in
    the order of their steps; ahead, behind: what leads from and to a record; said: need -> how many verbatims
    speak of it itself; orphans, dead_ends: as stored; effects, benefits: of step 9, as plain values. Verbatims may
    be millions: which ones they are is asked of what the rules found, a part at a time.
    """

    keys: dict[Key, None]
    names: dict[Key, str]
    ahead: dict[Key, list[Key]]
    behind: dict[Key, list[Key]]
    said: dict[Key, int]
    orphans: tuple[Broken, ...]
    dead_ends: tuple[Broken, ...]
    effects: list[dict[str, Any]]
    benefits: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Stored:
    """The stored results of a cycle by what tells them apart from later ones."""

    state: tuple[Any, ...]
    cycle: Cycle = field(compare=False)


@lru_cache(maxsize=4)
def _linked(stored: _Stored) -> Linked:
    """Reading the trace takes longer than showing a part of it; who walks along it asks again and again."""
    trace = Trace.model_validate(results.trace_of(stored.cycle))
    deliverables = {step: _deliverable(stored.cycle, step) for step in range(3, 10)}
    names = dict(_names(deliverables))
    ahead: dict[Key, list[Key]] = {}
    behind: dict[Key, list[Key]] = {}
    for link in trace.links:
        if link.from_kind == "verbatim":  # stored by an earlier version of the product
            continue
        one, other = (link.from_kind, link.from_id), (link.to_kind, link.to_id)
        ahead.setdefault(one, []).append(other)
        behind.setdefault(other, []).append(one)
    found = results.deliverable(stored.cycle, 3, NeedsDeliverable)
    said = {("need", one.id): one.verbatims for one in found.needs} if found is not None else {}
    return Linked(
        keys=dict.fromkeys([*ahead, *behind, *(key for key in names if key[0] == "need")]),
        names=names,
        ahead=ahead,
        behind=behind,
        said=said,
        orphans=trace.orphans,
        dead_ends=trace.dead_ends,
        effects=deliverables[9].get("effects") or [],
        benefits=deliverables[9].get("benefits") or [],
    )


def _names(deliverables: Mapping[int, Mapping[str, Any]]) -> Iterator[tuple[Key, str]]:
    for kind, (step, entries, name) in NAMED_IN.items():
        for one in deliverables[step].get(entries) or ():
            yield (kind, str(one["id"])), str(one.get(name) or one["id"])


class Tracing:
    """The stored trace of a cycle for one reader."""

    def __init__(self, cycle: Cycle, *, sees_plan: bool) -> None:
        self.cycle, self.sees_plan = cycle, sees_plan
        self.linked = _linked(_Stored(results.state_of(cycle), cycle))
        self.names = self.linked.names
        head, _number = documents.current(cycle, registry.HEAD)
        self.currency = str(getattr(head, "currency", ""))
        hidden = [key for key in self.linked.keys if self.hides(key[0])]
        self._covers = {key: f"{place}" for place, key in enumerate(hidden)}
        self._spoken: dict[Key, list[Key]] = {}

    # --- one reader

    def hides(self, kind: str) -> bool:
        """Whether names of a kind are kept from this reader."""
        return kind in CONFIDENTIAL and not self.sees_plan

    def record(self, key: Key) -> Record:
        """A record as this reader may see it."""
        kind, own = key
        if self.hides(kind):
            return Record(kind, f"#{self._covers.get(key, own)}", _("confidential"), hidden=True)
        name = self.names.get(key, own)
        if kind == "result" and not self.sees_plan and self._tells(name):
            name = own
        return Record(kind, own, name, self.url(key), self._detail(key))

    def _tells(self, text: str) -> bool:
        """Whether a text names a project or an activity of the plan."""
        return any(name in text for (kind, _id), name in self.names.items() if kind in CONFIDENTIAL)

    def url(self, key: Key) -> str:
        """Where a record's own chain is shown."""
        return reverse("trace", kwargs={"key": self.cycle.key}) + "?" + urlencode({"kind": key[0], "id": key[1]})

    def _detail(self, key: Key) -> str:
        if key[0] == "result":
            return next((text for _label, text in self.amounts(key)[:1]), "")
        return ""

    def holds(self, kind: str, own: str) -> Key | None:
        """The record that an address names, where it is there and this reader may see it."""
        key = (kind, own)
        there = bool(self._needs_of(key)) if kind == "verbatim" else key in self.linked.keys
        return key if there and not self.hides(kind) else None

    def _needs_of(self, key: Key) -> list[Key]:
        """What a verbatim speaks of; asked once, while one page is made."""
        if key not in self._spoken:
            self._spoken[key] = [("need", need) for need in coded.needs_of(self.cycle, key[1])]
        return self._spoken[key]

    def _ahead(self, key: Key) -> Sequence[Key]:
        """What a record leads to at once."""
        return self._needs_of(key) if key[0] == "verbatim" else self.linked.ahead.get(key, ())

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to trace yet."""
        return not self.linked.keys

    # --- walking

    def reached(self, start: Key, ways: Callable[[Key], Sequence[Key]]) -> list[Key]:
        """Every record that one leads to, by what each leads to at once."""
        found: dict[Key, None] = {}
        waiting = [start]
        while waiting:
            for key in ways(waiting.pop()):
                if key not in found:
                    found[key] = None
                    waiting.append(key)
        return [key for key in found if key != start]

    def before(self, key: Key) -> list[Key]:
        """Every record that one comes from, but what was said."""
        return self.reached(key, lambda one: self.linked.behind.get(one, ()))

    def after(self, key: Key) -> list[Key]:
        """Every record that one leads to."""
        return self.reached(key, self._ahead)

    def around(self, selected: Key) -> list[Key]:
        """The record, all that it comes from but what was said, and all that it leads to."""
        return [selected, *self.before(selected), *self.after(selected)]

    def verbatims_of(self, key: Key, *, start: int = 0, most: int = MOST_WORDS) -> tuple[list[str], int]:
        """A part of the ids of what was said that leads to a record, in order, and how many there are in all."""
        if key[0] == "verbatim":
            return [key[1]], 1
        needs = [own for kind, own in (key, *self.before(key)) if kind == "need"]
        return coded.said_of(self.cycle, needs, start=start, most=most)

    # --- the page

    def shown(self, selected: Key | None, query: str = "") -> Shown:
        """Everything that the page shows."""
        wanted = self.around(selected) if selected else list(self.linked.keys)
        heard = self._heard(wanted, selected)
        records = [*heard, *(self.record(key) for key in self._in_order(wanted))]
        known = {one.key for one in records}
        drawn = self.record(selected).key if selected else None
        links = [(one, other) for one, other in self._links(wanted, heard) if one in known and other in known]
        label = _("The trace of %(name)s") % {"name": self.record(selected).name} if selected else _("The trace")
        said, many = self.verbatims_of(selected) if selected else ([], 0)
        return Shown(
            drawing=trace_map({k: str(v) for k, v in TITLES.items()}, records, links, selected=drawn, label=label),
            rows=tuple(
                (str(title), tuple(one for one in records if one.kind == kind)) for kind, title in TITLES.items()
            ),
            selected=self.record(selected) if selected else None,
            kind_word=str(WORDS[selected[0]]) if selected else "",
            words=self._texts(said),
            said=many,
            more_words=max(0, many - MOST_WORDS),
            amounts=tuple(self._amounts_around(wanted)) if selected else (),
            orphans=tuple(self._breaks(self.linked.orphans, 0)),
            dead_ends=tuple(self._breaks(self.linked.dead_ends, 1)),
            found=tuple(self.search(query)) if query else (),
            step_url=self._step_url(selected) if selected else "",
        )

    def _in_order(self, keys: Iterable[Key]) -> list[Key]:
        order = {key: place for place, key in enumerate(self.names)}
        return sorted(set(keys), key=lambda key: (KINDS.index(key[0]), order.get(key, len(order)), key[1]))  # type: ignore[arg-type]

    def _heard(self, wanted: Sequence[Key], selected: Key | None) -> list[Record]:
        """One box for all that was said of a need: there may be thousands."""
        if selected is not None and selected[0] == "verbatim":
            return []
        found = []
        for key in self._in_order([key for key in wanted if key[0] == "need"]):
            count = self.linked.said.get(key, 0)
            if count:
                said = ngettext("%(n)d verbatim", "%(n)d verbatims", count) % {"n": count}
                need = self.record(key).name
                found.append(Record("verbatim", f"of {key[1]}", said, f"{self.url(key)}#said", need))
        return found

    def _links(self, wanted: Sequence[Key], heard: Sequence[Record]) -> Iterator[tuple[Key, Key]]:
        inside = set(wanted)
        for one in heard:
            yield one.key, ("need", one.id.removeprefix("of "))
        for key in wanted:
            for other in self._ahead(key):
                if other in inside:
                    yield self.record(key).key, self.record(other).key

    def search(self, query: str) -> list[Record]:
        """Records whose name, id or kind holds the text."""
        text = query.casefold().strip()
        found = self._in_order(
            key
            for key in self.linked.keys
            if not self.hides(key[0])
            and text in f"{self.names.get(key, '')} {key[1]} {key[0].replace('_', ' ')} {WORDS[key[0]]}".casefold()
        )
        is_kind = text in f"verbatim {WORDS['verbatim']}".casefold()
        said = coded.said_like(self.cycle, "" if is_kind else text, most=MOST_FOUND)
        return [self.record(key) for key in [*(("verbatim", one) for one in said), *found][:MOST_FOUND]]

    def amounts(self, key: Key) -> list[tuple[str, str]]:
        """The figures at the end of the chain: an effect, and for the plan's team the benefit of a project."""
        found = []
        for one in self.linked.effects:
            if key == ("result", str(one["id"])):
                found.append((_("effect"), estimate(Estimate.model_validate(one["effect"]), sign=True)))
        for one in self.linked.benefits if self.sees_plan else ():
            if key == ("project", str(one["project"])):
                realised = estimate(Estimate.model_validate(one["realised"]), digits=0, unit=self.currency)
                found.append((_("benefit a year, planned"), amount(one["planned"], self.currency)))
                found.append((_("benefit a year, realised"), realised))
        return found

    def _amounts_around(self, keys: Sequence[Key]) -> Iterator[tuple[str, str]]:
        for key in self._in_order(keys):
            for label, text in self.amounts(key):
                yield f"{self.record(key).name}: {label}", text

    def _texts(self, ids: Sequence[str]) -> tuple[str, ...]:
        """The customers' own words; without names, since verbatims carry none."""
        if not ids:
            return ()
        facts = facts_of(self.cycle)
        if not facts.has("verbatims"):
            return ()
        from nonagon.engine.verbatims import texts_of  # noqa: PLC0415

        found = texts_of(facts, ids)
        return tuple(str(text) for text in found["text"].tolist())

    def _breaks(self, broken: Sequence[Broken], side: int) -> Iterator[Break]:
        for one in broken:
            if self.hides(one.kind):
                continue
            key = (one.kind, one.id)
            name = self.names.get(key, one.id)
            step, entries = MENDED_IN.get(one.kind, ((3, "needs"), (3, "needs")))[side]
            sentence = one.sentence.replace(f" {one.id} ", f" “{name}” ").replace(f" {one.id}.", f" “{name}”.")
            yield Break(self.record(key), sentence, f"{url_of_step(self.cycle, step)}#edit-{entries}")

    def _step_url(self, key: Key) -> str:
        step = NAMED_IN.get(key[0], (3, "", ""))[0]
        return url_of_step(self.cycle, step)


def _deliverable(cycle: Cycle, step: int) -> dict[str, Any]:
    """The step's stored deliverable as plain values; nothing where it was not computed."""
    stored = results.latest(cycle, step, whole=True)
    return dict(json.loads(results.deliverable_of(stored))) if stored is not None else {}
