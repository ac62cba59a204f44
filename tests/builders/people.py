"""Made customers of whom every second one stands in the register twice, with errors: the duplicates are known."""

from random import Random

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
