"""Made customers of whom every second one stands in the register twice, with errors: the duplicates are known."""

from pathlib import Path
from random import Random

from builders.folder import write_cycle

GIVEN = ("Ada", "Ben", "Cleo", "Dina", "Emil", "Fay", "Gus", "Hana", "Ivo", "Jana")
FAMILY = ("Abel", "Brandt", "Cole", "Dorn", "Eriksen", "Frost", "Garcia", "Holm", "Ivers", "Jansen", "Keller")
TOWNS = ("Nordby", "Suderby", "Osterby", "Vesterby")

Row = dict[str, str | None]


def people(count: int = 120, seed: int = 5) -> list[Row]:
    """Records p000a, p000b, p001a, ...: every second person has a second one, with an error and a blank."""
    dice = Random(seed)
    rows: list[Row] = []
    for at in range(count):
        given, family = dice.choice(GIVEN), dice.choice(FAMILY)
        row: Row = {
            "customer_id": f"p{at:03d}a",
            "name": f"{given} {family}",
            "born": f"19{dice.randrange(40, 99)}-0{dice.randrange(1, 10)}-{dice.randrange(10, 29)}",
            "mail": f"{given}.{family}{at}@example.com",
            "tel": f"+49 30 {dice.randrange(10**6, 10**7)}",
            "zip": f"{dice.randrange(10, 99)}{dice.randrange(100, 999)}",
            "town": dice.choice(TOWNS),
        }
        rows.append(row)
        if at % 2 == 0:
            again = dict(row, customer_id=f"p{at:03d}b", name=f"{given[:-1]} {family.upper()}")
            again[dice.choice(("mail", "tel", "born", "zip"))] = None
            rows.append(again)
    return rows


def vague(rows: list[Row]) -> list[Row]:
    """Of every tenth person the second record says no more than name, town and one thing else: 12 of the 60."""
    for row in rows:
        key = str(row["customer_id"])
        if key.endswith("0b"):
            kept = ("born", "zip", "tel")[int(key[2]) % 3]
            row.update({one: None for one in ("born", "mail", "tel", "zip") if one != kept})
    return rows


COLUMNS = ("name", "born", "mail", "tel", "zip", "town")
IDENTITY = """
[identity]
link_above = 0.999999
review_above = 0.1

[identity.columns]
name = "name"
born = "birth_date"
mail = "email"
tel = "phone"
zip = "postcode"
town = "place"
"""


def doubtful_cycle(folder: Path) -> Path:
    """The small cycle with made people instead of its register: some stand in it twice, some of those in doubt."""
    write_cycle(folder)
    lines = ["Customer,Since,Region," + ",".join(COLUMNS)]
    for row in vague(people()):
        lines.append(f"{row['customer_id']},2020-01-01,north," + ",".join(row[one] or "" for one in COLUMNS))
    (folder / "data" / "customers.csv").write_text("\n".join(lines) + "\n")
    text = (folder / "cycle.toml").read_text()
    attributes = "".join(f'{one} = "{one}"\n' for one in COLUMNS)
    text = text.replace('region = "Region"\n', f'region = "Region"\n{attributes}', 1)
    (folder / "cycle.toml").write_text(text + IDENTITY)
    return folder
