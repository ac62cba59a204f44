"""Rows for small random fact tables with the holes that real data have: blanks, returns, competitors, no dates."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

Rows = list[dict[str, Any]]

ITEMS = ("q1", "q2", "q3", "q4")
PEOPLE = tuple(f"c{number:02d}" for number in range(30))


def customers(seed: int) -> Rows:
    """Thirty customers; region and age are blank for some, kind is blank for most."""
    chance = Random(seed)
    return [
        {
            "customer_id": one,
            "kind": chance.choice([None, None, "external", "internal"]),
            "since": date(2020, 1, 1) + timedelta(days=chance.randrange(1500)),
            "region": chance.choice(["north", "south", "east", None]),
            "age": chance.choice(["17", "30", "44", "65", "unknown", None]),
        }
        for one in PEOPLE
    ]


def answers(seed: int, respondents: int = 60) -> Rows:
    """Each respondent answers some of four items about us, some also about a competitor, in three waves."""
    chance = Random(seed)
    rows: Rows = []
    for number in range(respondents):
        wave = chance.choice(["w1", "w2", "w3", None])
        day = date(2025, {"w1": 3, "w2": 6, "w3": 9}.get(wave or "", 11), 1) + timedelta(days=chance.randrange(20))
        who: dict[str, Any] = {
            "respondent_id": f"r{number:03d}",
            "customer_id": chance.choice([*PEOPLE, None, "stranger"]),
            "wave": wave,
            "date": chance.choice([day, day, day, None]),
            "weight": chance.choice([None, 1.0, 0.5, 2.25]),
        }
        for subject in (None, "us", "rival"):
            if subject == "us" and chance.random() < 0.5:
                continue  # most call us by leaving the subject blank; nobody rates us twice
            for item in ITEMS:
                if chance.random() < 0.7 and not any(
                    row["respondent_id"] == who["respondent_id"]
                    and row["item"] == item
                    and (row["subject"] or "us") == (subject or "us")
                    for row in rows
                ):
                    rows.append({**who, "subject": subject, "item": item, "value": float(chance.randint(1, 5))})
    return rows


def sales(seed: int, orders: int = 160) -> Rows:
    """Orders of one to three rows by us, by nobody named, by a rival; returns have negative amounts."""
    chance = Random(seed)
    rows: Rows = []
    for number in range(orders):
        who = chance.choice([*PEOPLE[:22], PEOPLE[0], PEOPLE[0], None])
        day = date(2024, 1, 1) + timedelta(days=chance.randrange(720))
        seller = chance.choice([None, "us", "us", "rival"])
        for _ in range(chance.randint(1, 3)):
            amount = chance.choice([10.0, 25.5, 40.25, 99.0, 12.75])
            rows.append(
                {
                    "sale_id": f"s{number:03d}",
                    "customer_id": who,
                    "date": day,
                    "product": chance.choice(["ticket", "pass", None]),
                    "version": "new" if day >= date(2025, 1, 1) else chance.choice(["old", None]),
                    "seller": seller,
                    "quantity": chance.choice([None, 1.0, 3.0]),
                    "amount": -amount if chance.random() < 0.15 else amount,
                }
            )
    return rows


def measurements(seed: int) -> Rows:
    """Two characteristics: delays in daily subgroups of three, defective units by week with sizes."""
    chance = Random(seed)
    rows: Rows = []
    for day in range(40):
        moment = datetime(2025, 5, 1, 6) + timedelta(days=day)
        for turn in range(3):
            rows.append(
                {
                    "characteristic": "delay",
                    "at": moment + timedelta(hours=4 * turn),
                    "subgroup": f"d{day:02d}",
                    "phase": "before" if day < 20 else "after",
                    "value": round(chance.gauss(5, 2), 2),
                }
            )
    for week in range(12):
        rows.append(
            {
                "characteristic": "defects",
                "at": datetime(2025, 5, 5) + timedelta(weeks=week),
                "value": float(chance.randint(0, 6)),
                "size": float(chance.randint(40, 60)),
            }
        )
    chance.shuffle(rows)
    return rows
