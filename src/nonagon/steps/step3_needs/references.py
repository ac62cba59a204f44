"""Where a need is named in the ten documents of a cycle, and what changes there when it goes.

No list of fields stands here: what names a need says so in the models. Needs that were merged take their
references with them; an entry that would then stand twice is left out, since the need that is kept has its own.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import ValidationError

from nonagon.deliverables.decisions import DecisionDocument, naming
from nonagon.deliverables.evidence import Value
from nonagon.deliverables.references import Place
from nonagon.process import registry
from nonagon.process.edits import Edit, Path, apply
from nonagon.steps.step3_needs.decisions import Step3Decisions, ancestors

STEP = 3
KIND = "need"

Documents = Mapping[int, Value]
Entry = tuple[str, int]


@dataclass(slots=True)
class Plan:
    """What is to change, by step, and what that means: how many entries of which list follow or are left out."""

    edits: dict[int, list[Edit]] = field(default_factory=dict)
    follow: Counter[tuple[int, str]] = field(default_factory=Counter)
    left_out: Counter[tuple[int, str]] = field(default_factory=Counter)


def places(documents: Documents, need: str) -> dict[int, list[Place]]:
    """Where each document names the need, by step (0: the cycle's head), as it is written there."""
    found = {step: list(naming(document, KIND, need)) for step, document in sorted(documents.items())}
    return {step: there for step, there in found.items() if there}


def merging(documents: Documents, need: str, into: str) -> Plan:
    """The need goes into another one: everything that names it names the other."""
    plan, current = Plan(), dict(documents)
    found = places(documents, need)
    for step in (STEP, *(one for one in found if one != STEP)):
        content = current[step].model_dump(mode="json")
        fixed: list[Edit] = []
        there = found.get(step, [])
        if step == STEP:
            document = cast(Step3Decisions, current[step])
            fixed = [*_sealed_edits(document, need, into), *_out_of_tree(document, need, into)]
            there = [one for one in there if not _kept_as_is(document, one.path)]
        moved = _Moved(content, there, need, into)
        edits = moved.edits(step, current, fixed)
        current[step] = _edited(step, content, edits)
        if edits:
            plan.edits[step] = edits
        for entry in moved.entries:
            (plan.follow if entry in moved.kept else plan.left_out)[step, entry[0]] += 1
        plan.follow.update((step, str(one.path[0])) for one in moved.loose)
    return plan


def removal(documents: Documents, need: str) -> Plan:
    """The need goes away, and with it what says something of it alone; the needs below it move up."""
    plan = Plan()
    for step, there in places(documents, need).items():
        content = documents[step].model_dump(mode="json")
        model = type(documents[step])
        edits: list[Edit] = []
        dropped: dict[Entry, None] = {}
        for one in there:
            if step == STEP and one.path[0] == "needs":
                continue
            edit = _taken_out(model, content, one)
            entry = _entry_of(content, one.path)
            if edit is not None:
                edits.append(edit)
                plan.follow[step, str(one.path[0])] += 1
            elif entry is not None:
                dropped[entry] = None
        edits += [Edit("remove", entry) for entry in sorted(dropped, reverse=True)]
        plan.left_out.update((step, entry[0]) for entry in dropped)
        if edits:
            plan.edits[step] = edits
    ours = cast(Step3Decisions, documents[STEP])
    plan.edits[STEP] = [*plan.edits.get(STEP, []), *_out_of_tree(ours, need, None)]
    return plan


def is_sealed(document: Step3Decisions, need: str) -> bool:
    """Whether a sealed register names the need."""
    return document.seal is not None and any(document.need_now(one.need) == need for one in document.assumptions)


@dataclass
class _Moved:
    """References of one document on their way to another need."""

    content: dict[str, Any]
    places: list[Place]
    need: str
    into: str
    kept: set[Entry] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.entries: list[Entry] = []
        self.loose: list[Place] = []
        for one in self.places:
            entry = _entry_of(self.content, one.path)
            if entry is None:
                self.loose.append(one)
            elif entry not in self.entries:
                self.entries.append(entry)

    def edits(self, step: int, documents: Documents, fixed: Sequence[Edit]) -> list[Edit]:
        """The edits with as many entries as can follow without making the document wrong."""
        self.kept = set()
        self._admit(self.entries, step, documents, fixed)
        return self._with(self.kept, fixed)

    def _admit(self, group: list[Entry], step: int, documents: Documents, fixed: Sequence[Edit]) -> None:
        """All of the group where that does no harm; else its halves, one after the other."""
        if not group:
            return
        wished = self.kept | set(group)
        if self._wrong(wished, step, documents, fixed) <= self._wrong(self.kept, step, documents, fixed):
            self.kept = wished
        elif len(group) > 1:
            half = len(group) // 2
            self._admit(group[:half], step, documents, fixed)
            self._admit(group[half:], step, documents, fixed)

    def _wrong(self, kept: set[Entry], step: int, documents: Documents, fixed: Sequence[Edit]) -> int:
        """How many faults the document has then; a comparison of a need with itself counts as one."""
        document = _edited(step, self.content, self._with(kept, fixed))
        found = registry.faults_of(documents[0] if step else document, _decisions({**documents, step: document}))
        alone = sum(1 for entry in kept if self._compares_with_itself(entry))
        return len(found.get(step, [])) + alone

    def _compares_with_itself(self, entry: Entry) -> bool:
        held = self.content[entry[0]][entry[1]]
        return {held.get("a"), held.get("b")} == {self.need, self.into}

    def _with(self, kept: set[Entry], fixed: Sequence[Edit]) -> list[Edit]:
        sets: dict[Path, Edit] = {}
        for one in self.places:
            entry = _entry_of(self.content, one.path)
            if entry is None or entry in kept:
                edit = self._renamed(one)
                sets[edit.path] = edit
        gone = sorted((one for one in self.entries if one not in kept), reverse=True)
        return [*sets.values(), *(Edit("remove", entry) for entry in gone), *fixed]

    def _renamed(self, one: Place) -> Edit:
        path, holder = one.path, _at(self.content, one.path[:-1])
        if isinstance(holder, list):
            names = [self.into if name == self.need else name for name in holder]
            return Edit("set", path[:-1], value=list(dict.fromkeys(names)))
        text = one.renamed(KIND, self.need, self.into)
        if one.is_key:
            rest = {key: value for key, value in holder.items() if key != one.text}
            return Edit("set", path[:-1], value={text: holder[one.text], **rest})
        return Edit("set", path, value=text)


def _decisions(documents: Documents) -> dict[int, DecisionDocument]:
    return {step: cast(DecisionDocument, one) for step, one in documents.items() if step != registry.HEAD}


def _edited(step: int, content: dict[str, Any], edits: Sequence[Edit]) -> Value:
    changed, _changes = apply(content, edits)
    return registry.model_of(step).model_validate(changed)


def _at(content: Any, path: Path) -> Any:
    for part in path:
        content = content[part]
    return content


def _entry_of(content: dict[str, Any], path: Path) -> Entry | None:
    """The entry of a list of the document that the path lies in; None where it lies in no such entry."""
    if len(path) < 2 or not isinstance(path[0], str) or not isinstance(path[1], int):
        return None
    return (path[0], path[1]) if isinstance(content[path[0]][path[1]], dict) else None


def _taken_out(model: type[Value], content: dict[str, Any], one: Place) -> Edit | None:
    """The edit that takes the need out of a place; None where the entry says nothing without it."""
    path, holder = one.path, _at(content, one.path[:-1])
    if isinstance(holder, list):
        return Edit("set", path[:-1], value=[name for name in holder if name != one.text])
    if one.is_key:
        return Edit("set", path[:-1], value={key: value for key, value in holder.items() if key != one.text})
    edit = Edit("set", path, value=None)
    try:
        model.model_validate(apply(content, [edit])[0])
    except ValidationError:
        return None
    return edit


def _kept_as_is(document: Step3Decisions, path: Path) -> bool:
    """The tree is taken care of by itself; what was sealed stays as it was written."""
    return path[0] == "needs" or (path[0] == "assumptions" and document.seal is not None)


def _sealed_edits(document: Step3Decisions, need: str, into: str) -> list[Edit]:
    if not is_sealed(document, need):
        return []
    return [Edit("set", ("merged",), value={**document.merged, need: into})]


def _out_of_tree(document: Step3Decisions, need: str, into: str | None) -> list[Edit]:
    """The need leaves the tree; those below it go below `into`, or where it stood itself."""
    by_id = {one.id: one for one in document.needs}
    above = by_id[need].parent
    moved = {one.id: into if into and one.id != into else above for one in document.needs if one.parent == need}
    if into is not None and into not in moved and need in ancestors(into, by_id):
        moved[into] = above
    below = {one.id for one in document.needs if one.id in moved or moved.keys() & set(ancestors(one.id, by_id))}
    edits = [Edit("set", ("needs", f"@{one}", "parent"), value=parent) for one, parent in moved.items()]
    edits += [
        Edit("set", ("needs", f"@{one}", "level"), value=None) for one in below if by_id[one].level is not None
    ]
    return [*edits, Edit("remove", ("needs", f"@{need}"))]
