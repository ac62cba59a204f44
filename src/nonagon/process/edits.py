"""Edits of a document as plain values: applied, taken back, and compared for conflicts. No database here.

A path is a tuple of field names, positions, and `@<id>` for the entry of a list whose id is <id>. Entries without
an id are named by what makes them one of a kind, `@need=seat&characteristic=pitch`, encoded as in an address.
"""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args
from urllib.parse import parse_qsl, urlencode

Part = str | int
Path = tuple[Part, ...]
Op = Literal["set", "add", "remove", "move", "replace", "put"]
OPS: tuple[Op, ...] = get_args(Op)


class EditError(Exception):
    """An edit that cannot be applied: where, and why."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path, self.message = path, message


@dataclass(frozen=True, slots=True)
class Edit:
    """One change.

    op: `set` a value, `add` an entry to the list at `path` (`to`: its position, the end where None), `remove` the
    entry at `path`, `move` it to position `to`, `replace` everything at `path` (the empty path: the document).
    `put` the entry that the path's last part names: the fields in `value` are set, the entry is made where it is
    not there and taken away where `value` is None; likewise the value of a key of a map. A `put` needs no
    position, so that two people at different cells of a matrix never disturb each other.
    restores: takes a removal back, so that nothing is asked of the id of the entry that is added.
    """

    op: Op
    path: Path
    value: Any = None
    to: int | None = None
    restores: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """An edit as it was applied: with what stood there before and where.

    path: names entries by their ids wherever these are one of a kind; now: where it stands after the change, where
    the change gave an entry another name.
    """

    op: Op
    path: Path
    before: Any = None
    after: Any = None
    at: int | None = None
    to: int | None = None
    now: Path | None = None

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "op": self.op,
            "path": list(self.path),
            "before": self.before,
            "after": self.after,
            "at": self.at,
            "to": self.to,
            **({"now": list(self.now)} if self.now is not None else {}),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Change":
        """As it was stored."""
        now = stored.get("now")
        return cls(**{**stored, "path": tuple(stored["path"]), "now": tuple(now) if now is not None else None})


def apply(content: dict[str, Any], edits: Iterable[Edit]) -> tuple[dict[str, Any], list[Change]]:
    """The content after the edits, and the changes; `content` is left alone. Raises EditError."""
    new = deepcopy(content)
    changes = []
    for edit in edits:
        own = replace(edit, path=by_id(new, edit.path, put=edit.op == "put"), value=deepcopy(edit.value))
        new, change = _applied(new, own)
        if change is not None:
            changes.append(deepcopy(change))
    return new, changes


def by_id(content: Any, path: Path, *, put: bool = False) -> Path:
    """The path with entries named by their ids where these are one of a kind, by position where ids are not.

    Two people who name the same entry in different ways so name it alike; parts that are not there stay. put: the
    last part stays a name, since a put needs none that is there.
    """
    here, found = content, list(path)
    for place, part in enumerate(path):
        try:
            key = _key(here, part, path)
        except EditError:
            break
        if isinstance(here, list) and isinstance(key, int):
            own = id_of(here[key])
            if own is not None and sum(1 for one in here if id_of(one) == own) == 1:
                found[place] = f"@{own}"
            elif not (put and place == len(path) - 1) and sum(1 for one in here if is_named(one, str(part))) != 1:
                found[place] = key
        here = here[key]
    return tuple(found)


def id_of(entry: Any) -> str | None:
    """The id of an entry as paths write it; None where it has none."""
    own = entry.get("id") if isinstance(entry, dict) else None
    return str(own) if isinstance(own, str | int) and own != "" else None


def inverse(changes: Sequence[Change]) -> list[Edit]:
    """The edits that take the changes back, last first."""
    return [_inverse(change) for change in reversed(changes)]


def again(changes: Sequence[Change]) -> list[Edit]:
    """The edits that make the changes once more."""
    return [_again(change) for change in changes]


def touching(edits: Iterable[Edit], changes: Iterable[Change]) -> tuple[int, Change] | None:
    """The first change that an edit, made without knowing of it, would overwrite or miss, and which edit."""
    mine = list(edits)
    for change in changes:
        for place, edit in enumerate(mine):
            if _meet(edit, change):
                return place, change
    return None


def _applied(content: dict[str, Any], edit: Edit) -> tuple[dict[str, Any], Change | None]:  # noqa: PLR0911  (a table of cases)
    if not edit.path:
        if edit.op not in {"replace", "set"} or not isinstance(edit.value, dict):
            raise EditError((), "the whole document can only be replaced, by an object of its fields")
        if edit.value == content:
            return content, None
        return edit.value, Change("replace", (), before=content, after=edit.value)
    if edit.op in {"add", "put"}:
        return content, _add(content, edit) if edit.op == "add" else _put(content, edit)
    holder, key = _place(content, edit.path)
    before = holder[key]
    if edit.op in {"set", "replace"}:
        if before == edit.value:
            return content, None
        at = _position_of(content, _entry_at(edit.path))
        holder[key] = edit.value
        now = _name_now(content, edit.path, at)
        return content, Change(edit.op, edit.path, before=before, after=edit.value, now=now)
    if not isinstance(holder, list) or not isinstance(key, int):
        raise EditError(edit.path, f"only an entry of a list can be {_DONE[edit.op]}; this is a field")
    holder.pop(key)
    if edit.op == "remove":
        return content, Change("remove", edit.path, before=before, at=key)
    to = _position(edit, len(holder))
    holder.insert(to, before)
    return content, None if to == key else Change("move", edit.path, at=key, to=to)


_DONE = {"remove": "removed", "move": "moved"}


def _add(content: dict[str, Any], edit: Edit) -> Change:
    holder, key = _place(content, edit.path)
    entries = holder[key]
    if not isinstance(entries, list):
        raise EditError(edit.path, "entries can only be added to a list")
    to = len(entries) if edit.to is None else _position(edit, len(entries))
    own = id_of(edit.value)
    taken = own is not None and any(id_of(one) == own for one in entries)
    if taken and not edit.restores:
        raise EditError((*edit.path, f"@{own}", "id"), f"the id {own!r} is taken; give the new entry another")
    entries.insert(to, edit.value)
    return Change("add", edit.path, after=edit.value, at=to, now=(*edit.path, to) if taken else None)


def _put(content: dict[str, Any], edit: Edit) -> Change | None:
    name = edit.path[-1]
    holder: Any = content
    if len(edit.path) > 1:
        outer, key = _place(content, edit.path[:-1])
        holder = outer[key]
    if not isinstance(name, str) or not isinstance(holder, dict | list):
        raise EditError(edit.path, "only an entry that is named, or a key of a map, can be put")
    if isinstance(holder, dict):
        return _put_key(content, holder, name, edit)
    place = next((at for at, one in enumerate(holder) if is_named(one, name)), None)
    before = None if place is None else holder[place]
    if edit.value is None:
        if place is None:
            return None
        holder.pop(place)
        if any(is_named(one, name) for one in holder):  # the name leads to another one now
            return Change("remove", (*edit.path[:-1], place), before=before, at=place)
        return Change("put", edit.path, before=before, after=None, at=place)
    if not isinstance(edit.value, dict):
        raise EditError(edit.path, "the entry must be an object of its fields, or nothing to take it away")
    start = before or ({} if is_named(edit.value, name) else named_fields(name))
    after = {**start, **edit.value}
    if after == before:
        return None
    if place is None:
        place = len(holder) if edit.to is None else min(edit.to, len(holder))
        holder.insert(place, after)
    else:
        holder[place] = after
    return Change("put", edit.path, before=before, after=after, at=place, now=_name_now(content, edit.path, place))


def _position_of(content: Any, path: Path | None) -> int | None:
    """Where the entry stands that a path leads to; None where it leads to none."""
    if path is None:
        return None
    try:
        holder, key = _place(content, path)
    except EditError:
        return None
    return key if isinstance(holder, list) and isinstance(key, int) else None


def _name_now(content: Any, path: Path, at: int | None) -> Path | None:
    """The path after a change of the entry at position `at`, where the old path does not lead there any more."""
    entry = _entry_at(path)
    if entry is None or at is None or _position_of(content, entry) == at:
        return None
    now = by_id(content, (*entry[:-1], at))
    name = str(entry[-1])
    if isinstance(now[-1], int) and "=" in name:
        holder, _key_there = _place(content, now)
        named = (*now[:-1], _named_again(holder[at], name))
        now = named if _position_of(content, named) == at else now
    return (*now, *path[len(entry) :])


def _entry_at(path: Path) -> Path | None:
    """Of a path that may change how an entry is named: the part that leads to that entry."""
    if path and isinstance(path[-1], str) and path[-1].startswith("@"):
        return path
    if len(path) >= 2 and isinstance(path[-2], str) and path[-2].startswith("@"):
        return path[:-1]
    return None


def _named_again(entry: Any, name: str) -> str:
    """The name with the values that its fields have now."""
    if not isinstance(entry, dict):
        return name
    return "@" + urlencode({field: str(entry.get(field, "")) for field in named_fields(name)})


def _put_key(content: dict[str, Any], holder: dict[str, Any], name: str, edit: Edit) -> Change | None:
    before = holder.get(name)
    if before == edit.value:
        return None
    there, at = name in holder, _position_of(content, _entry_at(edit.path))
    if edit.value is None:
        del holder[name]
    else:
        holder[name] = edit.value
    if there and before is None:  # a field that was empty: taken back it is empty again, not gone
        return Change("set", edit.path, before=None, after=edit.value, now=_name_now(content, edit.path, at))
    return Change("put", edit.path, before=before, after=edit.value, now=_name_now(content, edit.path, at))


def named_fields(name: str) -> dict[str, str]:
    """The fields that the name of an entry tells: `@need=seat&characteristic=pitch`, or `@p1` for an id."""
    if "=" not in name:
        return {"id": name.removeprefix("@")}
    return dict(parse_qsl(name.removeprefix("@"), keep_blank_values=True))


def is_named(entry: Any, name: str) -> bool:
    """Whether an entry of a list is the one that a name means."""
    if not isinstance(entry, dict):
        return False
    if id_of(entry) == name.removeprefix("@"):
        return True
    return "=" in name and all(str(entry.get(field, "")) == value for field, value in named_fields(name).items())


def _position(edit: Edit, length: int) -> int:
    if edit.to is None or not 0 <= edit.to <= length:
        raise EditError(edit.path, f"the position must lie between 0 and {length}; got {edit.to}")
    return edit.to


def _place(content: Any, path: Path) -> tuple[Any, Part]:
    """What holds the last part of the path, and the key or position there."""
    here = content
    for place, part in enumerate(path):
        key = _key(here, part, path[: place + 1])
        if place == len(path) - 1:
            return here, key
        here = here[key]
    raise EditError(path, "the path is empty")


def _key(here: Any, part: Part, path: Path) -> Part:
    if isinstance(here, dict) and isinstance(part, str):
        if part in here:
            return part
        raise EditError(path, f"there is no {part!r} here; known are {', '.join(sorted(map(str, here)))}")
    if isinstance(here, list):
        if isinstance(part, str) and part.startswith("@"):
            for place, one in enumerate(here):
                if is_named(one, part):
                    return place
            raise EditError(path, f"there is no entry {part[1:]!r} any more; reload the page")
        if isinstance(part, int) and 0 <= part < len(here):
            return part
        raise EditError(path, f"there is no entry at position {part}; the list holds {len(here)}")
    raise EditError(path, f"nothing stands below {'.'.join(map(str, path[:-1])) or 'here'}")


def _inverse(change: Change) -> Edit:  # noqa: PLR0911  (a table of cases)
    stands = change.now or change.path
    if change.op in {"set", "replace"}:
        return Edit(change.op, stands, value=change.before)
    if change.op == "put" and change.at is not None and change.before is not None and change.after is not None:
        return Edit("set", stands, value=change.before)  # all of it: a put would leave fields that are new
    if change.op == "put" and change.at is not None and change.before is None and change.now is not None:
        return Edit("remove", stands)
    if change.op == "put":
        return Edit("put", stands, value=change.before, to=change.at)
    if change.op == "add":
        return Edit("remove", change.now or _entry(change))
    if change.op == "remove":
        return Edit("add", change.path[:-1], value=change.before, to=change.at, restores=True)
    return Edit("move", change.path if _named(change.path) else (*change.path[:-1], change.to or 0), to=change.at)


def _again(change: Change) -> Edit:
    if change.op in {"add", "put"}:
        return Edit(change.op, change.path, value=change.after, to=change.at)
    return Edit(change.op, change.path, value=change.after, to=change.to)


def _entry(change: Change) -> Path:
    own = id_of(change.after)
    return (*change.path, f"@{own}" if own is not None else change.at or 0)


def _put_meets(mine: Path, theirs: Path, change: Change) -> bool | None:
    """Whether a put meets a change of entries in the same list; None where the paths alone tell."""
    last = len(mine) - 1
    name = str(mine[last])
    if change.op == "add" and _begins(change.path, mine[:last]) and len(change.path) == last:
        return is_named(change.after, name)
    if not _begins(theirs, mine[:last]) or len(theirs) <= last or not isinstance(theirs[last], int):
        return None
    if change.op in {"remove", "move"} and len(theirs) == len(mine):
        return change.op == "remove" and is_named(change.before, name)
    return True  # whose entry stood at that position is not known any more: rather ask than overwrite


def _named(path: Path) -> bool:
    return isinstance(path[-1], str) and path[-1].startswith("@")


def _meet(edit: Edit, change: Change) -> bool:  # noqa: PLR0911  (a table of cases)
    if edit.op == "add" and change.op == "add" and edit.path == change.path:
        return False  # two new entries do not disturb each other
    mine = edit.path
    theirs = _entry(change) if change.op == "add" else change.path
    renamed = _entry_at(change.path) if change.now is not None and change.op != "add" else None
    if renamed is not None and _begins(mine, renamed):
        return True  # the entry has another name now
    if _names_anew(mine, change):
        return True
    if edit.op == "put":
        told = _put_meets(mine, theirs, change)
        if told is not None:
            return told
    if change.op in {"add", "remove", "move"} or (change.op == "put" and change.at is not None):
        of_list = change.path if change.op == "add" else change.path[:-1]
        counts = len(mine) > len(of_list) and _begins(mine, of_list) and isinstance(mine[len(of_list)], int)
        if counts:
            return True  # positions have shifted under the editor's hands
    if edit.op == "add":
        return _begins(mine, theirs) and change.op in {"set", "replace", "remove", "put"}
    if change.op == "move":
        over = len(mine) < len(theirs) and edit.op in {"set", "replace", "put", "remove"}
        return (edit.op == "move" and mine[:-1] == theirs[:-1]) or (_begins(theirs, mine) and over)
    if edit.op == "move":
        inside = len(theirs) > len(mine)  # what changed inside the entry moves with it
        return not inside and _begins(mine, theirs)
    return _begins(mine, theirs) or _begins(theirs, mine)


def _names_anew(mine: Path, change: Change) -> bool:
    """Whether a change may take away, or double, the name by which `mine` leads to an entry.

    The change knows its entry by a position, or names it otherwise; so what counts are the values that it met.
    """
    values = (change.before, change.after)
    entry = _name_in_list_of(mine, change.path[:-1])
    if change.op in {"set", "put", "replace"} and entry and any(is_named(one, entry) for one in values):
        return True
    name, field = _name_in_list_of(mine, change.path[:-2]), change.path[-1] if change.path else ""
    if change.op not in {"set", "put", "replace"} or len(change.path) < 2 or not name or isinstance(field, int):
        return False
    fields = named_fields(name)
    return field in fields and fields[field] in {_written(one) for one in values}


def _name_in_list_of(mine: Path, of_list: Path) -> str:
    """The name by which a path leads to an entry of a list; "" where it leads elsewhere, or counts."""
    part = mine[len(of_list)] if len(mine) > len(of_list) and _begins(mine, of_list) else ""
    return part if isinstance(part, str) and part.startswith("@") else ""


def _written(value: Any) -> str:
    """A field's value as the name of its entry tells it."""
    return "" if value is None else str(value)


def _begins(path: Path, start: Path) -> bool:
    """Whether the path leads through `start`, or may do so: an entry may be named in several ways."""
    return len(path) >= len(start) and all(_may_be(a, b) for a, b in zip(path, start, strict=False))


def _may_be(one: Part, other: Part) -> bool:
    """Whether two parts of paths can mean the same entry. Ids are told from positions, names by fields are not."""
    if one == other:
        return True
    names = [str(part) for part in (one, other) if isinstance(part, str) and part.startswith("@")]
    if len(names) == 2 and all("=" in name for name in names):
        a, b = named_fields(names[0]), named_fields(names[1])
        return all(a[field] == b[field] for field in a.keys() & b.keys())
    return len(names) == 1 and "=" in names[0] and (isinstance(one, int) or isinstance(other, int))
