"""Makes the raw exports of Crescent Bus Lines in data/: the same bytes each time, from TRUTH.toml.

    python examples/bus/make.py [FOLDER]   the exports, into data/ or FOLDER
    python examples/bus/make.py decisions  lists in decisions/ that come out of the same world (committed)

Stops with an error when the world that comes out is not the one that TRUTH.toml describes.
"""

import shutil
import sys
from pathlib import Path

import numpy as np
from world.cases import CASE_COLUMNS, make_cases
from world.exports import Dialect, Folder
from world.people import People, make_people, write_register
from world.processes import make_delays, write_processes
from world.pulse import write_pulse
from world.sales import (
    MARKET_COLUMNS,
    Invoice,
    Tickets,
    make_invoices,
    make_tickets,
    market_rows,
    write_contracts,
    write_market,
    write_tickets,
)
from world.survey import make_waves, write_waves
from world.truth import HERE, Truth, read_truth
from world.voices import write_comments, write_interviews


def main(target: Path) -> None:
    """Make everything, check it against the truth, say what was written."""
    truth = read_truth()
    if target.exists():
        shutil.rmtree(target)
    folder = Folder(target)
    people = make_people(truth)
    write_register(truth, people, folder)
    waves = make_waves(truth, people)
    write_waves(truth, people, waves, folder)
    heard, mentions = write_interviews(truth, people, folder)
    write_comments(truth, people, waves, folder)
    tickets, invoices = make_tickets(truth, people), make_invoices(truth, people)
    write_tickets(truth, people, tickets, folder)
    write_contracts(invoices, folder)
    write_market(truth, people, tickets, folder)
    delays = make_delays(truth)
    write_processes(truth, delays, folder)
    write_pulse(truth, people, delays, folder)
    check(truth, people, tickets, invoices, heard, mentions)
    for name, rows, size in folder.written:
        print(f"{rows:>8,} rows {size:>12,} bytes  {name}")
    print(f"{truth['company']}: {len(folder.written)} files in {target}")


def check(
    truth: Truth, people: People, tickets: Tickets, invoices: list[Invoice], heard: int, mentions: int
) -> None:
    """What follows from the planted numbers by chance stands in TRUTH.toml too, and must agree."""
    one = people.individuals
    last = one.present(truth.month(truth["survey"]["starts"][-1]))
    first = one.present(truth.month(truth["survey"]["starts"][0]))
    drift = float(one.disposition[last].mean() - one.disposition[first].mean())
    by_customer = np.bincount(tickets.who, weights=tickets.amount)
    accounts: dict[str, float] = {}
    for invoice in invoices:
        accounts[invoice.account] = accounts.get(invoice.account, 0.0) + invoice.amount
    amounts = np.sort(np.concatenate([by_customer, list(accounts.values())]))[::-1]
    found = {
        "leaving.disposition_last_wave": (
            drift,
            truth["leaving"]["disposition_last_wave"],
            truth["leaving"]["tolerance"],
        ),
        "contracts.top10_share": (
            float(amounts[:10].sum() / amounts.sum()),
            truth["contracts"]["top10_share"],
            truth["contracts"]["tolerance"],
        ),
        "interviews.heard": (heard, truth["interviews"]["heard"], 0),
        "interviews.mentions": (mentions, truth["interviews"]["mentions"], 0),
    }
    wrong = [
        f"{key} is {value:.4g} in the world that was made, and {said:.4g} in TRUTH.toml"
        for key, (value, said, tolerance) in found.items()
        if abs(value - said) > tolerance
    ]
    if wrong:
        sys.exit("\n".join(wrong))


def write_decisions(folder: Folder) -> None:
    """The long lists in decisions/ that no person could make up: cases, and the market report's figures."""
    truth = read_truth()
    people = make_people(truth)
    folder.text("cases.csv", CASE_COLUMNS, make_cases(truth), Dialect())
    folder.text("market.csv", MARKET_COLUMNS, market_rows(truth, people, make_tickets(truth, people)), Dialect())


if __name__ == "__main__":
    if sys.argv[1:2] == ["decisions"]:
        write_decisions(Folder(Path(sys.argv[2]) if len(sys.argv) > 2 else HERE / "decisions"))
    else:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "data")
