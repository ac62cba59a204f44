"""From the customers table to people: pairs scored, decided, clustered, and named with ids that last.

    people = named(clusters(scored pairs, what people decided), ids given before)

Everything is computed from all records each time, so records that arrive in several parts give the same clusters
as all at once; only the ids depend on the past, on purpose.
"""

import hashlib
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Protocol

from nonagon.engine.backend import DUCKDB, Engine
from nonagon.facts.identities import IdentityStore, IdentityVersion
from nonagon.pipeline.code import code_version
from nonagon.pipeline.compute import fingerprint

if TYPE_CHECKING:
    import pyarrow as pa

    from nonagon.deliverables.identity import Identity
    from nonagon.engine.facts import Facts
    from nonagon.facts.store import FactStore
    from nonagon.methods.identity.stable_ids import StableIds

Pair = tuple[str, str]


class Verdict(Protocol):
    """A pair of records as a person decided it, as `decisions/step1.toml: duplicates` has it."""

    @property
    def first(self) -> str: ...
    @property
    def second(self) -> str: ...
    @property
    def verdict(self) -> str: ...


def resolve(
    store: "FactStore", identity: "Identity | None", verdicts: Iterable[Verdict], *, engine: Engine = DUCKDB
) -> IdentityVersion | None:
    """Brings the identities beside the facts up to date; gives the version in force, None where none is asked for.

    identity: `[identity]` of the cycle; verdicts: what people decided of pairs, named by customer ids; those of
    records that are not there are passed over. Pairs are scored anew only where records, columns or code changed.
    Raises InputError, ArgumentError and NotEnoughData where the columns do not fit the customers table.
    """
    held = IdentityStore(store.folder)
    if identity is None or not store.rows("customers"):
        held.switch_off()
        return None
    from nonagon.engine.facts import Facts

    facts = Facts.stored(store, engine=engine, resolved=False)
    before = held.newest()
    key = _pairs_key(facts, identity)
    pairs_files = before.pairs if before is not None and before.pairs_key == key else None
    if pairs_files is None:
        pairs_files = held.write("pairs", _scored(facts, identity))
    named, records = _named(facts, held, before, pairs_files, identity, list(verdicts))
    label = _label(records, named.ids)
    if before is not None and before.label == label and before.pairs_key == key and before.active:
        return before
    number = before.number + 1 if before is not None else 1
    now = IdentityVersion(
        number=number,
        label=label,
        pairs_key=key,
        pairs=pairs_files,
        people=held.write("people", _people(held, before, records, named.ids, number)),
        history=held.write("history", _history(held, before, named, number)),
        joined=len(_shared(named.ids)),
        repeated=len(named.ids) - len(set(named.ids)),
    )
    held.publish(now)
    return now


def _pairs_key(facts: "Facts", identity: "Identity") -> str:
    """Of all that the pairs are scored from."""
    return fingerprint(
        {
            "code": code_version(),
            "splink": version("splink"),
            "records": facts.label("customers"),
            "columns": sorted(identity.columns.items()),
            "review_above": identity.review_above,
        }
    )


def _scored(facts: "Facts", identity: "Identity") -> "pa.Table":
    """The pairs, the most doubtful first: the order in which people look at them."""
    import pyarrow as pa

    from nonagon.engine.identity import scored_pairs
    from nonagon.methods.identity.doubt import by_doubt

    found = scored_pairs(facts, identity.columns, at_least=identity.review_above)
    order = by_doubt(probability=found.probability)
    return pa.table(
        {
            "first": pa.array(found.first[order].tolist(), pa.string()),
            "second": pa.array(found.second[order].tolist(), pa.string()),
            "probability": pa.array(found.probability[order], pa.float64()),
        }
    )


def _named(
    facts: "Facts",
    held: IdentityStore,
    before: IdentityVersion | None,
    pairs_files: tuple[str, ...],
    identity: "Identity",
    verdicts: list[Verdict],
) -> "tuple[StableIds, list[str]]":
    """The id of each record, and the records in the order of their keys."""
    import numpy as np

    from nonagon.methods.identity.clusters import clusters
    from nonagon.methods.identity.stable_ids import stable_ids

    found = facts.collect(facts.table("customers").select("customer_id"), order=["customer_id"])
    records = [str(one) for one in found["customer_id"]]
    place = {own: at for at, own in enumerate(records)}
    pairs = _columns(held.read(pairs_files), "first", "second", "probability")
    joined = clusters(
        records=len(records),
        first=np.array([place[one] for one in pairs["first"]], dtype=np.int64),
        second=np.array([place[one] for one in pairs["second"]], dtype=np.int64),
        probability=pairs["probability"],
        link_above=identity.link_above,
        same=_places(verdicts, "same", place),
        different=_places(verdicts, "different", place),
    )
    given = _columns(held.read(before.people) if before else None, "customer_id", "person_id")
    past = _columns(held.read(before.history) if before else None, "id")
    named = stable_ids(
        records=records,
        clusters=joined.labels.tolist(),
        before=dict(zip(given["customer_id"], given["person_id"], strict=True)),
        retired=past["id"],
    )
    return named, records


def _places(verdicts: Iterable[Verdict], verdict: str, place: Mapping[str, int]) -> list[tuple[int, int]]:
    return [
        (place[one.first], place[one.second])
        for one in verdicts
        if one.verdict == verdict and one.first in place and one.second in place and one.first != one.second
    ]


def _columns(rows: "pa.Table | None", *names: str) -> dict[str, list[Any]]:
    return {name: rows.column(name).to_pylist() if rows is not None else [] for name in names}


def _label(records: list[str], ids: tuple[str, ...]) -> str:
    content = hashlib.sha256()
    for record, own in zip(records, ids, strict=True):
        content.update(f"{record}\0{own}\n".encode())
    return f"identities@{content.hexdigest()[:12]}"


def _shared(ids: tuple[str, ...]) -> list[int]:
    """Positions of records whose id another record has, too."""
    counts: dict[str, int] = {}
    for own in ids:
        counts[own] = counts.get(own, 0) + 1
    return [at for at, own in enumerate(ids) if counts[own] > 1]


def _people(
    held: IdentityStore, before: IdentityVersion | None, records: list[str], ids: tuple[str, ...], number: int
) -> "pa.Table":
    """One row a record, the ids in the order in which they were first given; `changes`: whom queries must map."""
    import pyarrow as pa

    earlier = _columns(held.read(before.people) if before else None, "person_id", "given")
    given = dict(zip(earlier["person_id"], earlier["given"], strict=True))
    shared = set(_shared(ids))
    rows = sorted(
        (given.get(own, number), own, record, at in shared or own != record)
        for at, (record, own) in enumerate(zip(records, ids, strict=True))
    )
    return pa.table(
        {
            "customer_id": pa.array([one[2] for one in rows], pa.string()),
            "person_id": pa.array([one[1] for one in rows], pa.string()),
            "given": pa.array([one[0] for one in rows], pa.int64()),
            "changes": pa.array([one[3] for one in rows], pa.bool_()),
        }
    )


def _history(held: IdentityStore, before: IdentityVersion | None, named: "StableIds", number: int) -> "pa.Table":
    """What became of ids, from the first version on; the new events at the end."""
    import pyarrow as pa

    schema = pa.schema(
        [
            ("version", pa.int64()),
            ("kind", pa.string()),
            ("id", pa.string()),
            ("other", pa.string()),
            ("records", pa.list_(pa.string())),
        ]
    )
    events = [
        {"version": number, "kind": one.kind, "id": one.id, "other": one.other, "records": list(one.records)}
        for one in named.events
    ]
    new = pa.Table.from_pylist(events, schema=schema)
    old = held.read(before.history) if before else None
    return pa.concat_tables([old.cast(schema), new]) if old is not None else new
