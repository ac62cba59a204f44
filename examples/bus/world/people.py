"""The customers: who they are, which line they ride, how content they are by nature, and when they leave."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from world.chance import centred, choose, even, groups_of
from world.exports import Dialect, Folder
from world.truth import Truth

Texts = NDArray[np.str_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

AGES = ("under 25", "25-44", "45-64", "65 and over")
# Ages of each ticket type, in the order of AGES.
_AGE_CHANCES = {
    "monthly pass": (0.08, 0.50, 0.42, 0.00),
    "student pass": (0.90, 0.10, 0.00, 0.00),
    "senior pass": (0.00, 0.00, 0.05, 0.95),
    "single tickets": (0.16, 0.34, 0.32, 0.18),
}
_REGIONS = ("Port Selma", "Côte-Nord", "São Bento", "Westmere", "Hill End", "Grünau", "Airport")


@dataclass(frozen=True)
class Individuals:
    """Single customers, one element each. joined and left are months: present while joined <= month < left."""

    ids: Texts
    kind: Texts
    line: Texts
    age: Texts
    region: Texts
    since: NDArray[np.datetime64]
    disposition: Floats
    joined: Ints
    left: Ints
    left_without: Ints
    """The month of leaving, had there been no programme."""
    network: Texts

    def present(self, month: int) -> Flags:
        """Who is a customer in a month."""
        here: Flags = np.logical_and(self.joined <= month, self.left > month)
        return here

    def has(self, field: str, value: str) -> Flags:
        """Whose attribute has a value; the names are those of TRUTH.toml's offsets."""
        column = {"ticket type": self.kind, "age band": self.age, "network": self.network}[field]
        return column == value


@dataclass(frozen=True)
class Account:
    """A contract account: a school, a company or an authority."""

    id: str
    sort: str
    region: str
    since: date


@dataclass(frozen=True)
class People:
    """Everybody in the register."""

    individuals: Individuals
    accounts: list[Account]
    internal: list[tuple[str, str, date]]


def make_people(truth: Truth) -> People:
    """Draw everybody."""
    draw = truth.stream("people")
    return People(_individuals(truth, draw), _accounts(truth, draw), _internal(truth, draw))


def _individuals(truth: Truth, draw: np.random.Generator) -> Individuals:
    settings = truth["customers"]
    count = settings["individuals"]
    kinds = list(settings["types"])
    everybody = np.zeros(count, dtype=np.int64)
    line = np.array(truth.lines)[choose(np.array(truth["lines"]["share"]), even(draw, everybody))]
    kind = np.array(kinds)[choose(np.array(list(settings["types"].values())), even(draw, groups_of(line)))]
    alike = groups_of(line, kind)
    spread = even(draw, alike)
    age = np.empty(count, dtype="U12")
    for name in kinds:
        age[kind == name] = np.array(AGES)[choose(np.array(_AGE_CHANCES[name]), spread[kind == name])]
    region = np.array(_REGIONS)[draw.choice(len(_REGIONS), count, p=[0.24, 0.12, 0.14, 0.18, 0.16, 0.10, 0.06])]
    disposition = centred(draw, groups_of(line), 1)[:, 0]
    later, months = settings["joined_later"], len(truth.months)
    spread = even(draw, alike)
    joined = np.where(spread < later, 1 + (spread / later * (months - 1)).astype(np.int64), 0)
    since = _first_days(truth, draw, joined)
    chance = np.column_stack([even(draw, alike) for _ in truth.months])
    return Individuals(
        ids=np.array([f"C{number:06d}" for number in range(1, count + 1)]),
        kind=kind,
        line=line,
        age=age,
        region=region,
        since=since,
        disposition=disposition,
        joined=joined,
        left=_months_of_leaving(truth, line, disposition, joined, chance, with_programme=True),
        left_without=_months_of_leaving(truth, line, disposition, joined, chance, with_programme=False),
        network=np.where(np.char.startswith(line, "C"), "city", "intercity"),
    )


def _first_days(truth: Truth, draw: np.random.Generator, joined: Ints) -> NDArray[np.datetime64]:
    """The day within the month of joining, or one of the nine years before the period."""
    months = np.array(truth.months, dtype="datetime64[D]")
    within = months[joined] + draw.integers(0, 28, joined.size).astype("timedelta64[D]")
    before = months[0] - draw.integers(1, 9 * 365, joined.size).astype("timedelta64[D]")
    days: NDArray[np.datetime64] = np.where(joined > 0, within, before)
    return days


def _months_of_leaving(
    truth: Truth, line: Texts, disposition: Floats, joined: Ints, chance: Floats, *, with_programme: bool
) -> Ints:
    """The first month of absence; the number of months where the customer stays to the end."""
    rules, programme = truth["leaving"], truth["improvements"]["punctuality"]
    risen, started = truth.month(rules["fares_rose"]), truth.month(programme["start"])
    # The mean of exp(-u z) over a standard normal z is exp(u^2 / 2): the unhappy leave sooner, others later.
    unhappy = np.exp(-rules["unhappy"] * disposition - rules["unhappy"] ** 2 / 2)
    treated = np.isin(line, programme["lines"])
    left = np.full(joined.size, chance.shape[1], dtype=np.int64)
    for month in range(1, chance.shape[1]):
        risk = rules["monthly_after"] * unhappy if month >= risen else np.full(joined.size, rules["monthly"])
        if with_programme and month >= started:
            risk = np.where(treated, risk * rules["with_programme"], risk)
        leaves = (chance[:, month] < risk) & (joined < month) & (month < left)
        left[leaves] = month
    return left


def _accounts(truth: Truth, draw: np.random.Generator) -> list[Account]:
    settings = truth["customers"]
    sorts = ["company"] * settings["companies"] + ["school"] * settings["schools"]
    sorts += ["authority"] * settings["authorities"]
    order = draw.permutation(len(sorts))
    return [
        Account(
            id=f"K{rank:04d}",
            sort=sorts[position],
            region=_REGIONS[int(draw.integers(len(_REGIONS)))],
            since=date(2015, 1, 1) + timedelta(days=int(draw.integers(0, 3200))),
        )
        for rank, position in enumerate(order, start=1)
    ]


def _internal(truth: Truth, draw: np.random.Generator) -> list[tuple[str, str, date]]:
    departments = [name for name, count in truth["customers"]["internal"].items() for _ in range(count)]
    return [
        (f"N{number:04d}", department, date(2012, 1, 1) + timedelta(days=int(draw.integers(0, 4300))))
        for number, department in enumerate(departments, start=1)
    ]


def write_register(truth: Truth, people: People, folder: Folder) -> None:
    """The customer register as the ticket office's system exports it: semicolons, latin-1, CRLF, day first."""
    name = "crm/customers.csv"
    draw = truth.stream("register")
    header = ["Customer no.", "Kind", "Ticket type", "Network", "Home line", "Region", "Age band", "Department"]
    header += ["Customer since", "State"]
    rows = list(_register_rows(people, len(truth.months)))
    rows += _bad_records(truth, name, draw, rows)
    # The records that replace an earlier one must come after it, so only the rest is shuffled.
    repeats = truth.bad(name, "repeated_key")
    order = draw.permutation(len(rows))
    shuffled = [rows[position] for position in order]
    again = draw.choice(people.individuals.ids.size, repeats, replace=False)
    shuffled += [[*rows[position][:-2], rows[position][-2], "address changed"] for position in sorted(again)]
    folder.text(name, header, shuffled, Dialect(";", "latin-1", "\r\n"))


def _register_rows(people: People, months: int) -> list[list[str]]:
    one = people.individuals
    rows = [
        [
            str(one.ids[i]),
            "external",
            str(one.kind[i]),
            str(one.network[i]),
            str(one.line[i]),
            str(one.region[i]),
            str(one.age[i]),
            "",
            _day_first(one.since[i].astype(date)),
            "active" if one.left[i] == months else "closed",
        ]
        for i in range(one.ids.size)
    ]
    for account in people.accounts:
        rows.append([account.id, "external", f"contract: {account.sort}", "", "", account.region, "", ""])
        rows[-1] += [_day_first(account.since), "active"]
    for key, department, since in people.internal:
        rows.append([key, "internal", "", "", "", "", "", department, _day_first(since), "active"])
    return rows


def _bad_records(truth: Truth, name: str, draw: np.random.Generator, rows: list[list[str]]) -> list[list[str]]:
    """New records, none of which any other file refers to, each with one planted fault."""
    bad: list[list[str]] = []
    like = iter(draw.choice(truth["customers"]["individuals"], 100, replace=False))
    bad += [["", *rows[next(like)][1:]] for _ in range(truth.bad(name, "no_key"))]
    for number in range(truth.bad(name, "impossible_date")):
        bad.append([f"C9001{number:02d}", *rows[next(like)][1:-2], "31.02.2021", "active"])
    for number in range(truth.bad(name, "too_many_fields")):
        bad.append([f"C9002{number:02d}", *rows[next(like)][1:], "see note", "old no. 77"])
    return bad


def _day_first(day: date) -> str:
    return f"{day.day:02d}.{day.month:02d}.{day.year}"
