"""Records become people: ids that last, merges that can be taken back, and every table naming people."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from builders.folder import write_cycle
from builders.people import Row, people
from nonagon.deliverables.identity import Identity
from nonagon.engine.facts import Facts
from nonagon.facts.identities import IdentityStore
from nonagon.facts.store import FactStore
from nonagon.imports.load import load_facts
from nonagon.imports.mapping import Source
from nonagon.pipeline.archive import write_folder
from nonagon.pipeline.folder import folder_mistakes, read_folder
from nonagon.pipeline.identity import resolve
from nonagon.steps.step1_customers.decisions import PairVerdict

IDENTITY = Identity(
    columns={
        "name": "name",
        "born": "birth_date",
        "mail": "email",
        "tel": "phone",
        "zip": "postcode",
        "town": "place",
    }
)
SOURCES = {
    "register": Source.model_validate(
        {
            "table": "customers",
            "files": "people.csv",
            "columns": {"customer_id": "customer_id"},
            "attributes": {name: name for name in IDENTITY.columns},
        }
    ),
    "shop": Source.model_validate(
        {
            "table": "sales",
            "files": "sales.csv",
            "columns": {"sale_id": "no", "customer_id": "who", "date": "day", "amount": "sum"},
        }
    ),
}


def brought(rows: Sequence[Row], folder: Path) -> FactStore:
    """The records as facts, with one sale of 10 to each of them."""
    folder.mkdir(exist_ok=True)
    with (folder / "people.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    sales = "".join(f"s{at},{row['customer_id']},2025-01-02,10\n" for at, row in enumerate(rows))
    (folder / "sales.csv").write_text("no,who,day,sum\n" + sales)
    return load_facts(SOURCES, folder, folder / "out").store


def ids_of(store: FactStore) -> dict[str, str]:
    held = IdentityStore(store.folder)
    version = held.active()
    assert version is not None
    rows = held.read(version.people)
    assert rows is not None
    return dict(zip(rows.column("customer_id").to_pylist(), rows.column("person_id").to_pylist(), strict=True))


def events_of(store: FactStore) -> list[tuple[int, str, str, str]]:
    held = IdentityStore(store.folder)
    version = held.active()
    rows = held.read(version.history) if version is not None else None
    found = rows.to_pylist() if rows is not None else []
    return [(one["version"], one["kind"], one["id"], one["other"]) for one in found]


def groups(ids: dict[str, str]) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for record, own in ids.items():
        found.setdefault(own, set()).add(record)
    return {frozenset(one) for one in found.values()}


def verdict(first: str, second: str, said: str) -> PairVerdict:
    return PairVerdict.model_validate({"first": first, "second": second, "verdict": said})


def planted(rows: Iterable[Row]) -> set[frozenset[str]]:
    """The truth of the builder: records of one person share all but the last letter of their key."""
    found: dict[str, set[str]] = {}
    for row in rows:
        key = str(row["customer_id"])
        found.setdefault(key[:-1], set()).add(key)
    return {frozenset(one) for one in found.values()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> FactStore:
    """All records at once. Tests that decide something put it back."""
    store = brought(people(), tmp_path_factory.mktemp("whole") / "data")
    resolve(store, IDENTITY, ())
    return store


def test_each_planted_pair_is_one_person(whole: FactStore) -> None:
    assert groups(ids_of(whole)) == planted(people())
    version = IdentityStore(whole.folder).active()
    assert version is not None
    assert version.joined == 120  # both records of 60 people


def test_every_table_names_people_and_the_raw_facts_stay(whole: FactStore) -> None:
    facts = Facts.stored(whole)
    assert facts.identities.startswith("identities@")
    customers = facts.collect(facts.table("customers").select("customer_id"), order=["customer_id"])
    assert list(customers["customer_id"]) == [f"p{at:03d}a" for at in range(120)]
    sales = facts.table("sales")
    sums = facts.collect(sales.group_by("customer_id").aggregate(total=sales.amount.sum()), order=["customer_id"])
    # Each record bought for 10; every second person has two records.
    assert list(sums["total"]) == [20.0 if at % 2 == 0 else 10.0 for at in range(120)]
    raw = Facts.stored(whole, resolved=False)
    assert raw.identities == ""
    assert len(raw.collect(raw.table("customers").select("customer_id"))["customer_id"]) == 180


def test_a_verdict_merges_and_taking_it_back_gives_everything_back(whole: FactStore) -> None:
    before, first = ids_of(whole), IdentityStore(whole.folder).active()
    assert first is not None
    merged = resolve(whole, IDENTITY, [verdict("p001a", "p003a", "same"), verdict("nobody", "p003a", "same")])
    assert merged is not None
    assert ids_of(whole)["p003a"] == "p001a"
    assert merged.pairs == first.pairs  # nothing was scored again
    assert events_of(whole)[-1] == (merged.number, "merged", "p003a", "p001a")
    again = resolve(whole, IDENTITY, ())
    assert again is not None
    now = ids_of(whole)
    assert groups(now) == groups(before)
    # The id that was retired is not given again; all others are what they were.
    assert {record for record in now if now[record] != before[record]} == {"p003a"}
    assert now["p003a"] == "p003a~2"


def test_a_verdict_takes_apart_what_the_machine_joined(whole: FactStore) -> None:
    resolve(whole, IDENTITY, [verdict("p000b", "p000a", "different")])
    apart = ids_of(whole)
    assert apart["p000a"] != apart["p000b"]
    assert apart["p000a"] == "p000a"  # of two equal parts the first record's keeps the id
    resolve(whole, IDENTITY, ())
    assert ids_of(whole)["p000b"] == "p000a"


def test_unchanged_input_makes_no_version(whole: FactStore) -> None:
    first = resolve(whole, IDENTITY, ())
    assert resolve(whole, IDENTITY, ()) == first


def test_without_the_table_nothing_is_mapped_and_the_ids_wait(whole: FactStore) -> None:
    before = ids_of(whole)
    assert resolve(whole, None, ()) is None
    assert Facts.stored(whole).identities == ""
    resolve(whole, IDENTITY, ())
    assert ids_of(whole) == before


def test_three_parts_give_the_clusters_of_the_whole_and_ids_stay(tmp_path: Path) -> None:
    rows = people()
    # Later records first, so that the arrival has nothing to do with the keys.
    arriving = [*rows[120:], *rows[60:120], *rows[:60]]
    given: dict[str, str] = {}
    for part in (60, 120, 180):
        store = brought(arriving[:part], tmp_path / "data")
        resolve(store, IDENTITY, ())
        now = ids_of(store)
        moved = {record for record, own in given.items() if now[record] != own}
        merged = {one for _, kind, one, _ in events_of(store) if kind == "merged"}
        assert {given[record] for record in moved} <= merged
        given = now
    assert groups(given) == planted(rows)


# --- what cycle.toml says -------------------------------------------------------------------------------


def said_of(folder: Path, table: str) -> list[str]:
    """The mistakes of the small cycle with the table at the end of its cycle.toml."""
    write_cycle(folder)
    with (folder / "cycle.toml").open("a") as file:
        file.write(table)
    return [f"{one.key}: {one.message}" for one in folder_mistakes(folder)]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('[identity.columns]\nregion = "name"\nmail = "email"\n', "identity.columns.mail: names 'mail', which no"),
        (
            '[identity.columns]\nregion = "name"\n',
            "identity.columns: needs at least two columns of the kinds name",
        ),
        ('[identity.columns]\nregion = "street"\n', "identity.columns.region:"),
        (
            '[identity]\nreview_above = 0.99\n[identity.columns]\nregion = "name"\n',
            "review_above must be at most link_above (0.95); got 0.99",
        ),
    ],
)
def test_a_wrong_table_is_named_with_its_key(tmp_path: Path, table: str, said: str) -> None:
    assert any(said in one for one in said_of(tmp_path / "cycle", f"\n{table}"))


def test_the_table_leaves_with_the_cycle_and_comes_back(tmp_path: Path) -> None:
    folder = write_cycle(tmp_path / "cycle")
    text = (folder / "cycle.toml").read_text().replace('region = "Region"', 'region = "Region"\nmail = "Since"')
    table = '[identity]\nlink_above = 0.9\n[identity.columns]\nregion = "name"\nmail = "email"\n'
    (folder / "cycle.toml").write_text(f"{text}\n{table}")
    (folder / "decisions" / "duplicates.csv").write_text("first,second,verdict\nc001,c002,same\n")
    before = read_folder(folder)
    written = write_folder(tmp_path / "out", head=before.head, documents=before.documents, files={})
    after = read_folder(written)
    assert after.head.identity == before.head.identity
    assert after.head.identity is not None
    assert after.head.identity.columns == {"region": "name", "mail": "email"}
    assert after.documents[1] == before.documents[1]
