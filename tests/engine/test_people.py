"""The one look-up from records to people, on both engines."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from builders.facts import facts_of
from nonagon.engine.backend import DUCKDB, Engine
from nonagon.engine.customers import register
from nonagon.engine.facts import Facts, FactTable

# Spark's own connections to its process are closed by the collector of garbage, which tells of them.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

CUSTOMERS = [{"customer_id": one, "town": f"of {one}"} for one in ("a", "b", "c", "d", "e")]
SALES = [
    {"sale_id": f"s{at}", "customer_id": who, "date": "2025-01-01", "amount": float(2**at)}
    for at, who in enumerate(("a", "b", "c", "d", "e", "gone", None))
]
# a and b are one person under a's name; c and d one person whose id, z, no record bears any more.
PEOPLE = {"a": "a", "b": "a", "c": "z", "d": "z", "e": "e"}


def resolved(folder: Path, engine: Engine) -> Facts:
    sales: list[dict[str, Any]] = [dict(one, date=date(2025, 1, 1)) for one in SALES]
    raw = facts_of(folder, customers=CUSTOMERS, sales=sales)
    place = folder / "people.parquet"
    rows = {
        "customer_id": list(PEOPLE),
        "person_id": list(PEOPLE.values()),
        "changes": [one != "e" for one in PEOPLE],
    }
    pq.write_table(pa.table(rows), place)
    known = FactTable((str(place),), "identities@test", 4)
    return Facts(raw._tables, engine=engine, identities=known, repeated=2)


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def facts(request: pytest.FixtureRequest, tmp_path: Path) -> Facts:
    engine = DUCKDB if request.param == "duckdb" else request.getfixturevalue("local_spark")
    return resolved(tmp_path, engine)


def test_each_table_names_people(facts: Facts) -> None:
    people = facts.collect(facts.table("customers").select("customer_id", "attribute_town"), order=["customer_id"])
    assert list(people["customer_id"]) == ["a", "e", "z"]
    # The record that gave the id its name, or else the first by key.
    assert list(people["attribute_town"]) == ["of a", "of e", "of c"]
    sales = facts.table("sales")
    named = sales.filter(sales.customer_id.notnull())
    sums = facts.collect(named.group_by("customer_id").aggregate(total=named.amount.sum()), order=["customer_id"])
    # Amounts are powers of two, so each sum says whose it is: a and b 1 + 2, e 16, the unknown 32, c and d 4 + 8.
    assert dict(zip(sums["customer_id"], sums["total"], strict=True)) == {"a": 3, "e": 16, "gone": 32, "z": 12}
    assert facts.collect(sales.aggregate(rows=sales.count()))["rows"][0] == len(SALES)


def test_people_are_counted_and_listed_once(facts: Facts) -> None:
    assert facts.rows("customers") == 3
    rows, count = register(facts)
    assert count == 3
    assert list(rows["customer_id"]) == ["a", "e", "z"]
