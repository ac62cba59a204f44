"""Tickets and contracts that we sold, and what a market report says that others sold."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from world.chance import even, groups_of
from world.exports import Dialect, Folder
from world.people import Individuals, People
from world.truth import Truth

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Tickets:
    """Tickets sold to individuals, one element each."""

    who: Ints
    month: Ints
    day: Ints
    quantity: Ints
    amount: Floats


@dataclass(frozen=True)
class Invoice:
    """One invoice to a contract account."""

    account: str
    day: date
    amount: float


def make_tickets(truth: Truth, people: People) -> Tickets:
    """Draw all tickets, in the order of their day."""
    draw, one = truth.stream("tickets"), people.individuals
    chance = _chances(truth, one, draw)
    alike = groups_of(one.line, one.kind)
    bought = np.column_stack([even(draw, alike) for _ in truth.months]) < chance
    who, month = np.nonzero(bought)
    price = _prices(truth, one)[who]
    single = one.kind[who] == "single tickets"
    # One row of an occasional rider is what was bought in a month; the sum varies from person to person.
    amount = np.where(single, price * np.exp(0.3 * draw.standard_normal(who.size) - 0.045), price)
    quantity = np.where(single, 1 + draw.poisson(3.0, who.size), 1)
    last = np.array([(later - earlier).days for earlier, later in _month_bounds(truth)])
    day = np.floor(draw.random(who.size) * last[month]).astype(np.int64)
    order = np.lexsort((who, day, month))
    return Tickets(
        who[order], month[order], day[order], quantity[order], np.round(amount, 2)[order].astype(np.float64)
    )


def _prices(truth: Truth, one: Individuals) -> Floats:
    table = truth["sales"]["prices"]
    return np.array([table[k][int(n == "intercity")] for k, n in zip(one.kind, one.network, strict=True)])


def _month_bounds(truth: Truth) -> list[tuple[date, date]]:
    months = truth.months
    return list(zip(months, [*months[1:], truth["period"]["end"] + timedelta(days=1)], strict=True))


def _chances(truth: Truth, one: Individuals, draw: np.random.Generator) -> Floats:
    """Chance of each individual (rows) to buy in each month (columns).

    The effect of the programme on revenue is planted as a whole: what retention does not bring, buying brings.
    """
    settings, months = truth["sales"], truth.months
    number = np.arange(len(months))
    base = np.array([settings["chance"][kind] for kind in one.kind])[:, None]
    base = base * np.exp(0.12 * draw.standard_normal(one.ids.size) - 0.02)[:, None]
    season = np.array([settings["season_city"], settings["season_intercity"]])
    pattern = season[(one.network == "intercity").astype(int)][:, [month.month - 1 for month in months]]
    shocks = np.exp(settings["shock"] * draw.standard_normal((len(truth.lines), len(months))))
    shock = shocks[[truth.lines.index(line) for line in one.line]]
    usual = base * pattern * shock * (1 + settings["growth"] * number)
    present = (one.joined[:, None] <= number) & (number < one.left[:, None])
    without = (one.joined[:, None] <= number) & (number < one.left_without[:, None])
    programme = truth["improvements"]["punctuality"]
    treated = np.isin(one.line, programme["lines"])[:, None] & (number >= truth.month(programme["start"]))
    value = usual * _prices(truth, one)[:, None]
    factor = (1 + programme["sales"]) * (value * without)[treated].sum() / (value * present)[treated].sum()
    chance: Floats = np.minimum(usual * np.where(treated, factor, 1.0) * present, 1.0)
    return chance


def make_invoices(truth: Truth, people: People) -> list[Invoice]:
    """Draw the invoices to contract accounts; schools pay nothing in July and August."""
    draw, settings = truth.stream("contracts"), truth["contracts"]
    share = np.arange(1, len(people.accounts) + 1) ** -settings["power"]
    yearly = settings["yearly"] * share / share.sum()
    invoices = []
    for month in truth.months:
        for account, money in zip(people.accounts, yearly, strict=True):
            parts = 1 + int(draw.integers(0, 3))
            free = account.sort == "school" and month.month in (7, 8)
            yearly_parts = 10 if account.sort == "school" else 12
            amounts = money / yearly_parts / parts * np.exp(0.08 * draw.standard_normal(parts))
            days = sorted(draw.integers(0, 28, parts))
            if not free:
                invoices += [
                    Invoice(account.id, month + timedelta(days=int(d)), round(float(a), 2))
                    for d, a in zip(days, amounts, strict=True)
                ]
    return sorted(invoices, key=lambda invoice: (invoice.day, invoice.account))


def write_tickets(truth: Truth, people: People, tickets: Tickets, folder: Folder) -> None:
    """One file a year, each from another till: other names, signs and orders of the date."""
    one, months = people.individuals, truth.months
    programme, settings = truth["improvements"]["punctuality"], truth["sales"]
    started = truth.month(programme["start"])
    treated = np.isin(one.line, programme["lines"])[tickets.who] & (tickets.month >= started)
    version = np.where(treated, settings["version_after"], settings["version_before"])
    starts = np.array(months, dtype="datetime64[D]")
    days = (starts[tickets.month] + tickets.day.astype("timedelta64[D]")).astype(object)
    years = np.array([month.year for month in months])[tickets.month]
    ids, lines = one.ids[tickets.who].tolist(), one.line[tickets.who].tolist()
    for year in sorted(set(years.tolist())):
        here = np.flatnonzero(years == year)
        rows = [
            [
                f"T{year % 100}-{serial:06d}",
                ids[i],
                days[i],
                lines[i],
                str(version[i]),
                str(tickets.quantity[i]),
                float(tickets.amount[i]),
            ]
            for serial, i in enumerate(here.tolist(), start=1)
        ]
        _write_year(truth, year, rows, folder)


def _write_year(truth: Truth, year: int, rows: list[list[object]], folder: Folder) -> None:
    name = f"sales/tickets_{year}.csv"
    draw = truth.stream(name)
    if year == 2024:
        header = ["Beleg", "Kunde", "Datum", "Linie", "Fahrplan", "Anzahl", "Betrag", "Zustand"]
        dialect = Dialect(";", "cp1252", "\r\n")
        texts = [[*_left(row, "%d.%m.%Y"), f"{row[6]:.2f}".replace(".", ","), "gültig"] for row in rows]
    elif year == 2025:
        header = ["Ticket", "Customer", "Date", "Line", "Timetable", "Qty", "Amount", "State"]
        dialect = Dialect(",", "utf-8", "\n")
        texts = [[*_left(row, "%Y-%m-%d"), f"{row[6]:.2f}", "paid"] for row in rows]
    else:
        header = ["ticket_no", "customer_no", "sold_on", "line", "timetable", "quantity", "amount", "Status"]
        dialect = Dialect(",", "utf-8-sig", "\n")
        texts = [[*_left(row, "%Y-%m-%d"), f"EUR {row[6]:.2f}", "paid"] for row in rows]
    for place in sorted(draw.choice(len(texts), truth.bad(name, "void"), replace=False)):
        texts.append([texts[place][0] + "V", *texts[place][1:-1], "void"])
    for serial in range(truth.bad(name, "not_a_number")):
        texts.insert(500 * (serial + 1), [f"T{year % 100}-9{serial:05d}", *texts[serial][1:6], "n/a", texts[0][7]])
    for serial in range(truth.bad(name, "impossible_date")):
        row = texts[serial]
        texts.insert(700 * (serial + 1), [f"T{year % 100}-8{serial:05d}", row[1], "2025-13-05", *row[3:]])
    folder.text(name, header, texts, dialect)


def _left(row: list[object], day_format: str) -> list[str]:
    return [str(row[0]), str(row[1]), f"{row[2]:{day_format}}", str(row[3]), str(row[4]), str(row[5])]


def write_contracts(invoices: list[Invoice], folder: Folder) -> None:
    """The bookkeeping's list: decimal comma, dots between thousands."""
    rows = [
        [f"RE-{serial:05d}", item.account, f"{item.day:%d.%m.%Y}", "Contract", _with_dots(item.amount)]
        for serial, item in enumerate(invoices, start=1)
    ]
    header = ["Rechnung", "Konto", "Rechnungsdatum", "Leistung", "Betrag (EUR)"]
    folder.text("sales/contracts.csv", header, rows, Dialect(";", "cp1252", "\r\n"))


def _with_dots(amount: float) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


@dataclass(frozen=True)
class Sold:
    """What one operator sold in one market in one quarter. first, last: days of the quarter."""

    first: date
    last: date
    operator: str
    market: str
    amount: float


def market_figures(truth: Truth, people: People, tickets: Tickets) -> list[Sold]:
    """Our own sales, and the competitors' as the planted shares want them."""
    network = people.individuals.network[tickets.who]
    bounds = _month_bounds(truth)
    figures = []
    for quarter in range(truth["market"]["quarters"]):
        first, last = bounds[3 * quarter][0], bounds[3 * quarter + 2][1] - timedelta(days=1)
        within = tickets.month // 3 == quarter
        for market in ("city", "intercity"):
            ours = round(float(tickets.amount[within & (network == market)].sum()), 2)
            share = truth["market"][market][quarter]
            figures.append(Sold(first, last, truth["company"], market, ours))
            for rival, part in truth["market"]["rest"][market].items():
                theirs = round(ours * (1 - share) / share * part, 2)
                figures.append(Sold(first, last, rival, market, theirs))
    return figures


def write_market(truth: Truth, people: People, tickets: Tickets, folder: Folder) -> None:
    """An association's workbook: what each operator sold in each market, a quarter a row, a sheet a period."""
    sheets: dict[str, list[list[str | float | date]]] = {"2024": [], "2025-26": []}
    for one in market_figures(truth, people, tickets):
        sheet = sheets["2024" if one.last.year == 2024 else "2025-26"]
        sheet.append([one.last, one.operator, f"{one.market} market", one.amount])
    old = ["Quarter end", "Operator", "Market", "Revenue (EUR)"]
    new = ["Quarter", "Company", "Market", "Revenue EUR"]
    folder.workbook(
        "market/market_report.xlsx", {"2024": (old, sheets["2024"]), "2025-26": (new, sheets["2025-26"])}
    )


MARKET_COLUMNS = ("period", "segment", "seller", "amount", "source")


def market_rows(truth: Truth, people: People, tickets: Tickets) -> list[list[str]]:
    """The same figures by segment, in the columns of decisions/market.csv."""
    return [
        [
            str(one.first),
            one.market,
            "us" if one.operator == truth["company"] else one.operator,
            f"{one.amount:.2f}",
            "market report of the transport association",
        ]
        for one in market_figures(truth, people, tickets)
    ]
