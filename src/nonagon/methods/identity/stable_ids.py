"""Ids of customers that outlive new records.

Question: when records are clustered again, which cluster keeps which id?
Used by: step 1.
Source: own rule, stated below.
Checked against: worked cases; that an id that was given stays unless evidence joins it to an older one, whatever
the increments (tests/methods/identity).
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import same_length


@dataclass(frozen=True, slots=True)
class IdEvent:
    """What became of an id: `merged` into `other`, `parted` (from `other`), or `gone` with its last record.

    records: those that changed their id with it, in the order given; none for `gone`.
    """

    kind: Literal["merged", "parted", "gone"]
    id: str
    other: str
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StableIds:
    """ids: of each record, in the order given; events: what became of ids that were given before."""

    ids: tuple[str, ...]
    events: tuple[IdEvent, ...]

    def describe(self) -> str:
        """One sentence with how many ids there are and what happened to earlier ones."""
        kinds = [one.kind for one in self.events]
        return (
            f"{len(self.ids)} records carry {len(set(self.ids))} ids; {kinds.count('merged')} earlier ids were "
            f"merged into older ones, {kinds.count('parted')} were parted off and {kinds.count('gone')} are gone."
        )


def stable_ids(
    *, records: Sequence[str], clusters: Sequence[Hashable], before: Mapping[str, str], retired: Sequence[str] = ()
) -> StableIds:
    """Gives each cluster an id, and keeps those that were given.

    records: keys in the order of their arrival, each once; clusters: the cluster of each record; before: record ->
    id as given last time, the ids in the order in which they were first given; retired: ids given earlier still,
    which nobody carries any more.

    A cluster takes the oldest of the ids that its records carried. Where several clusters carried the same id, it
    stays with the one that holds most of its records (of equals: the one whose record came first). A cluster that
    is left without an id is named after its first record; where that name was given to another before, a number
    follows it (`c7~2`). So an id changes hands never, and vanishes only into an older one, or with its records.
    Raises ArgumentError for lengths that differ and repeated records.

    >>> first = stable_ids(records=["c1", "c2", "c3"], clusters=[0, 1, 1], before={})
    >>> first.ids
    ('c1', 'c2', 'c2')
    >>> before = dict(zip(["c1", "c2", "c3"], first.ids))
    >>> later = stable_ids(records=["c1", "c2", "c3", "c4"], clusters=[0, 0, 0, 1], before=before)
    >>> later.ids
    ('c1', 'c1', 'c1', 'c4')
    >>> later.events
    (IdEvent(kind='merged', id='c2', other='c1', records=('c2', 'c3')),)
    """
    same_length(records=records, clusters=clusters)
    if len(set(records)) < len(records):
        raise ArgumentError("records must each stand once; got a record twice")
    members: dict[Hashable, list[str]] = {}
    for record, cluster in zip(records, clusters, strict=True):
        members.setdefault(cluster, []).append(record)
    age = {own: at for at, own in enumerate(dict.fromkeys(before.values()))}
    holder = _holders(members, before)
    taken = {*age, *retired}
    id_of: dict[Hashable, str] = {}
    for cluster, mine in members.items():
        carried = {before[one] for one in mine if one in before}
        own = [one for one in carried if holder[one] == cluster]
        id_of[cluster] = min(own, key=age.__getitem__) if own else _name(mine[0], taken)
        taken.add(id_of[cluster])
    ids = tuple(id_of[cluster] for cluster in clusters)
    return StableIds(ids, _events(dict(zip(records, ids, strict=True)), before, age, records))


def _holders(members: Mapping[Hashable, Sequence[str]], before: Mapping[str, str]) -> dict[str, Hashable]:
    """The cluster that each earlier id stays with."""
    counts: dict[str, dict[Hashable, int]] = {}
    for cluster, mine in members.items():
        for one in mine:
            if one in before:
                found = counts.setdefault(before[one], {})
                found[cluster] = found.get(cluster, 0) + 1
    # max takes the first of equals, and clusters stand in the order of their first records.
    return {own: max(found, key=found.__getitem__) for own, found in counts.items()}


def _name(record: str, taken: set[str]) -> str:
    name, number = record, 1
    while name in taken:
        number += 1
        name = f"{record}~{number}"
    return name


def _events(
    now: Mapping[str, str], before: Mapping[str, str], age: Mapping[str, int], records: Sequence[str]
) -> tuple[IdEvent, ...]:
    moved: dict[tuple[str, str], list[str]] = {}
    for one in records:
        if one in before and before[one] != now[one]:
            moved.setdefault((before[one], now[one]), []).append(one)
    living = set(now.values())
    events = []
    for (old, new), some in moved.items():
        # An id that nobody carries any more went into the other; one that lives on has lost some of its records.
        merged = old not in living
        events.append(
            IdEvent("merged" if merged else "parted", old if merged else new, new if merged else old, tuple(some))
        )
    went = {old for old, _ in moved}
    events += [IdEvent("gone", own, "", ()) for own in age if own not in living and own not in went]
    return tuple(events)
