"""What goes into a cycle's archive, and for whom."""

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import ValidationError

from nonagon.deliverables.decisions import DecisionDocument, Fault
from nonagon.deliverables.plain import plain
from nonagon.process import registry
from nonagon.workspace import uploads

MOST_ROUNDS = 50
LEFT_OUT = "[…]"
"""Stands in a copy for a name out of the plan."""
SHORTEST = 4
"""A name of fewer letters, such as `a1`, is no word of the plan's own: it would be found in too much."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """Documents without what names the plan: the documents, and the places that were left blank or out."""

    documents: dict[int, DecisionDocument]
    places: tuple[str, ...]


def without_plan(head: Any, documents: Mapping[int, DecisionDocument]) -> Pruned:
    """The documents as somebody outside the plan's team may take them: step 6 blank, nothing that refers to it.

    What refers to a project or an activity elsewhere would be a fault in the copy, and would name the plan; such
    references are left blank, or the entry is left out where it cannot do without. A copy leaves the house with
    every working note in it: names of projects and activities are left out of texts of the steps after the plan.
    """
    found = dict(documents)
    for room in registry.rooms():
        if room.confidential:
            found[room.number] = room.decisions()
    before = _faults(head, documents)
    places: list[str] = []
    for _round in range(MOST_ROUNDS):
        fresh = {
            step: [one for one in faults if (one.path, one.message) not in before.get(step, set())]
            for step, faults in registry.faults_of(head, found).items()
            if step != registry.HEAD
        }
        fresh = {step: faults for step, faults in fresh.items() if faults}
        if not fresh:
            found, worded = _without_names(documents, found)
            return Pruned(found, tuple(dict.fromkeys([*places, *worded])))
        for step, faults in fresh.items():
            # One a round: leaving out an entry moves the positions of those after it.
            found[step], place = _blank(found[step], faults[0])
            places.append(f"decisions/step{step}.toml: {place}")
    raise ValueError("what refers to the plan could not be left out")


def _without_names(
    documents: Mapping[int, DecisionDocument], pruned: dict[int, DecisionDocument]
) -> tuple[dict[int, DecisionDocument], list[str]]:
    """The plan's names left out of the texts of the steps after it, and where they stood."""
    plan = min(room.number for room in registry.rooms() if room.confidential)
    names = names_of_plan({step: plain(one) for step, one in documents.items()}, plan)
    found, places = dict(pruned), []
    for step, one in pruned.items():
        if names is None or step <= plan:
            continue
        content = plain(one)
        without = _replaced(content, names)
        places += [f"decisions/step{step}.toml: {place}" for place in _differing(content, without)]
        found[step] = type(one).model_validate(without)
    return found, places


def names_of_plan(contents: Mapping[int, Any], plan: int) -> re.Pattern[str] | None:
    """What finds names and ids of the plan's projects and activities in a text; None where there are none.

    A name that the open steps before the plan use themselves (a need, a line of the charter) tells nothing, and is
    none of them. contents: the documents as plain JSON, by step; plan: the number of the confidential step.

    >>> import re
    >>> entries = [{"id": "kiosk", "name": "Second kiosk"}, {"id": "a1", "name": "Hire"}]
    >>> found = names_of_plan({5: {"mission": "We hire."}, 6: {"projects": entries}}, 6)
    >>> found.sub("…", "The second  Kiosk: hire a1, build a kiosk; kiosks stay")
    'The …: hire a1, build a …; kiosks stay'
    """
    told_before = json.dumps([contents.get(step) for step in range(plan)], ensure_ascii=False).casefold()
    names = {
        str(entry.get(field) or "").strip()
        for held in contents.get(plan, {}).values()
        if isinstance(held, list)
        for entry in held
        if isinstance(entry, dict)
        for field in ("id", "name")
    }
    own = [one for one in names if len(one) >= SHORTEST and one.casefold() not in told_before]
    if not own:
        return None
    words = "|".join(r"\s+".join(map(re.escape, one.split())) for one in sorted(own, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)


def _replaced(value: Any, names: re.Pattern[str]) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(one, names) for name, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, names) for one in value]
    return names.sub(LEFT_OUT, value) if isinstance(value, str) else value


def _differing(before: Any, after: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The places at which two contents of the same shape differ."""
    if isinstance(before, dict):
        for name, one in before.items():
            yield from _differing(one, after[name], (*path, str(name)))
    elif isinstance(before, list):
        for place, one in enumerate(before):
            yield from _differing(one, after[place], (*path, str(place)))
    elif before != after:
        yield ".".join(path)


def _faults(head: Any, documents: Mapping[int, DecisionDocument]) -> dict[int, set[tuple[Any, str]]]:
    return {
        step: {(one.path, one.message) for one in faults}
        for step, faults in registry.faults_of(head, documents).items()
    }


def _blank(document: DecisionDocument, fault: Fault) -> tuple[DecisionDocument, str]:
    """The document without what is at fault: the value blank, else the smallest entry around it left out."""
    content = document.model_dump(mode="json")
    model = type(document)
    for path in _outward(fault.path):
        for change in (_to_default, _left_out):
            changed = change(content, path)
            if changed is None:
                continue
            try:
                return model.model_validate(changed), ".".join(map(str, path))
            except ValidationError:
                continue
    return model(), "everything"


def _outward(path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    for length in range(len(path), 0, -1):
        yield path[:length]


def _to_default(content: dict[str, Any], path: tuple[str | int, ...]) -> dict[str, Any] | None:
    """The content with the model's default at `path`; None where it has none, or stands there already."""
    copied = deepcopy(content)
    holder, name = _holder(copied, path), path[-1]
    if not isinstance(holder, dict) or name not in holder:
        return None
    kept = holder.pop(name)  # what is not said has its default
    return copied if kept not in (None, [], "", {}) else None


def _left_out(content: dict[str, Any], path: tuple[str | int, ...]) -> dict[str, Any] | None:
    """The content without the entry of a list at `path`; None where it is none."""
    copied = deepcopy(content)
    holder, place = _holder(copied, path), path[-1]
    if not isinstance(holder, list) or not isinstance(place, int) or place >= len(holder):
        return None
    holder.pop(place)
    return copied


def _holder(content: Any, path: tuple[str | int, ...]) -> Any:
    """What holds the last part of the path; None where the path leads nowhere."""
    here = content
    for part in path[:-1]:
        is_there = part in here if isinstance(here, dict) else isinstance(here, list) and part in range(len(here))
        if not is_there:
            return None
        here = here[part]
    return here


def open_folder(given: str) -> Path:
    """A folder of the server that is open for bringing cycles in (NONAGON_IMPORT_FOLDERS). Raises Refused."""
    place = Path(given).resolve()
    if not any(place.is_relative_to(one) for one in settings.IMPORT_FOLDERS):
        raise uploads.Refused(_("This folder is not open for bringing cycles in."))
    return place


README = """\
# {name}

A cycle of Nonagon as a folder, taken out on {day} by {who}.

- `cycle.toml`, `items.csv`: the register, the settings, where the facts come from.
- `decisions/`: what people decided in each step.
- `data/`: the files that the facts are read from.
- `out/`: what was computed when this copy was made.

`nonagon check FOLDER` looks for mistakes, `nonagon run FOLDER` computes everything anew. The web application takes
this archive under “Bring a cycle in”.
{more}"""

WITH_PLAN = """
**Confidential.** This copy holds the plan of step 6. It is marked “{mark}”; who took it is noted in the plan's
vault.
"""

WITHOUT_PLAN = """
**The plan of step 6 is not in this copy**: only its team may take it. Therefore decisions/step6.toml is missing,
as are the deliverables of steps 6 to 9, which rest on it. What named a project or an activity of the plan was left
out:

{places}
"""
