"""Every query of the engine by a name, over small tables with the holes and oddities that real data have.

As a program, `python queries.py FOLDER ENGINE FILE` opens the tables that `write` left in FOLDER and pickles into
FILE what each query gives: a process of its own for a cluster, since a process computes on one Spark.
"""

import pickle
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from builders import random_rows
from builders.facts import facts_of
from nonagon.deliverables.step1 import Condition, CustomerClass
from nonagon.engine import answers, coding, customers, identity, low_scores, measurements, sales, spans, verbatims
from nonagon.engine.backend import DUCKDB, Engine
from nonagon.engine.facts import Facts, FactTable
from nonagon.steps.step3_needs.coding.blocks import PlainRule, Rulebook
from nonagon.steps.step3_needs.coding.suggest import Knowledge
from nonagon.steps.step3_needs.coding.whole import codes_of, suggestions_of

NUMBERS_AS_PEOPLE_WRITE_THEM = (
    "17", " 30 ", "-4", "+5", "44.5", ".5", "7.", "1e1", "2E+1", "1E-2", "0x10", "12d", "3f", "1_000", "1,5",
    "inf", "-Infinity", "NaN", "", " ", "unknown", "٣", "65",
)  # fmt: skip
"""What the text attribute `size` holds: numbers, and what only one engine or the other would take for a number."""


def classes(field: str, **test: Any) -> CustomerClass:
    """A class with one condition."""
    name = f"{field}-{'-'.join(test)}"
    return CustomerClass(id=name, name=name, rule=(Condition(field=field, **test),))


NORTH = CustomerClass(id="north", name="North", rule=(Condition(field="region", one_of=("north",)),))
NOT_SOUTH = CustomerClass(id="not-south", name="Not south", rule=(Condition(field="region", none_of=("south",)),))
GROWN = CustomerClass(id="grown", name="Grown", rule=(Condition(field="age", at_least=18, below=60),))
SIZED = CustomerClass(id="sized", name="Sized", rule=(Condition(field="size", at_least=5),))
SMALL = CustomerClass(id="small", name="Small", rule=(Condition(field="size", below=5),))
LOYAL = CustomerClass(id="loyal", name="Loyal", rule=(Condition(field="orders", at_least=4),))
LATE = CustomerClass(id="late", name="Late", rule=(Condition(field="days_since_last", below=120),))
LARGE = CustomerClass(id="large", name="Large", rule=(Condition(field="abc", one_of=("A", "B")),))
BEST = CustomerClass(id="best", name="Best", rule=(Condition(field="rfm_segment", none_of=("sleeping",)),))
SHARE = CustomerClass(id="share", name="Share", rule=(Condition(field="revenue_share", at_least=0.03),))
EVERYBODY = CustomerClass(id="everybody", name="Everybody")
ALL = (NORTH, NOT_SOUTH, GROWN, SIZED, SMALL, LOYAL, LATE, LARGE, BEST, SHARE, EVERYBODY)
TWO = (NORTH, LOYAL)
ITEMS = random_rows.ITEMS
BEGIN, MIDDLE, END = date(2024, 3, 1), date(2025, 2, 1), date(2025, 9, 30)
UNITS = ("day", "week", "month", "quarter", "year")

QUERIES: dict[str, Callable[[Facts], Any]] = {
    "answers.answers": lambda facts: facts.collect(
        answers.answers(facts).select(
            "respondent_id", "item", "subject", "wave", "date", "weight", "value", "row"
        ),
        order=["row"],
    ),
    "answers.waves": answers.waves,
    "answers.moments": answers.moments,
    "answers.moments, by all": lambda facts: answers.moments(facts, by=answers.GROUPS, classes=ALL),
    "answers.moments, narrowed": lambda facts: answers.moments(
        facts, items=ITEMS[:2], subjects=("us", "rival"), waves=("w1", ""), by=("subject", "item"), classes=TWO
    ),
    "answers.class_cells": lambda facts: answers.class_cells(facts, ALL),
    "answers.subject_pairs": lambda facts: answers.subject_pairs(facts, "rival", items=ITEMS[:3]),
    "answers.subjects": answers.subjects,
    "answers.item_ranges": answers.item_ranges,
    "answers.first_day": answers.first_day,
    "answers.value_counts": lambda facts: answers.value_counts(facts, by=("wave", "item"), classes=TWO),
    "answers.pair_counts": lambda facts: answers.pair_counts(facts, *ITEMS[:2], by=("wave",)),
    "answers.pair_counts, by class": lambda facts: answers.pair_counts(
        facts, *ITEMS[:2], by=("class_id",), classes=TWO
    ),
    "answers.paired_counts": lambda facts: answers.paired_counts(facts, [ITEMS[:2], ITEMS[2:]]),
    "answers.cross_products": lambda facts: answers.cross_products(facts, ITEMS[:3], waves=("w1", "w2")),
    "answers.cross_products, of a class": lambda facts: answers.cross_products(facts, ITEMS, classes=(GROWN,)),
    "answers.cross_products, not asked": lambda facts: answers.cross_products(facts, (*ITEMS, "never asked")),
    "answers.pairwise_products": lambda facts: answers.pairwise_products(facts, (*ITEMS, "never asked")),
    "answers.by_day": lambda facts: answers.by_day(facts, "q1", since=date(2025, 4, 1)),
    "answers.before_and_after": lambda facts: answers.before_and_after(facts, "q1", date(2025, 6, 1)),
    "answers.before_and_after, between": lambda facts: answers.before_and_after(
        facts, "q1", date(2025, 6, 1), since=date(2025, 3, 5), end=date(2025, 9, 10), classes=(EVERYBODY,)
    ),
    "customers.everybodys_sales": lambda facts: facts.collect(customers.everybodys_sales(facts), order=["row"]),
    "customers.own_sales": lambda facts: facts.collect(customers.own_sales(facts), order=["row"]),
    "customers.last_day": customers.last_day,
    "customers.behaviour": lambda facts: facts.collect(
        customers.behaviour(facts, as_of=MIDDLE), order=["customer_id"]
    ),
    "customers.revenues": customers.revenues,
    "customers.valued": lambda facts: facts.collect(customers.valued(facts, as_of=END), order=["customer_id"]),
    "customers.everybody": lambda facts: facts.collect(customers.everybody(facts), order=["customer_id"]),
    "customers.membership": lambda facts: facts.collect(
        customers.membership(facts, ALL), order=["class_id", "customer_id"]
    ),
    "customers.of_classes": lambda facts: facts.collect(
        customers.of_classes(facts, facts.table("answers"), TWO, apart=False), order=["row"]
    ),
    "customers.of_classes, apart": lambda facts: facts.collect(
        customers.of_classes(facts, facts.table("answers"), ALL, apart=True), order=["row", "class_id"]
    ),
    "customers.flags": lambda facts: facts.collect(customers.flags(facts, ALL), order=["customer_id"]),
    "customers.described": lambda facts: facts.collect(customers.described(facts, ALL), order=["customer_id"]),
    "customers.class_sizes": lambda facts: customers.class_sizes(facts, ALL, as_of=MIDDLE),
    "customers.class_sizes, without behaviour": lambda facts: customers.class_sizes(facts, (NORTH, GROWN)),
    "customers.value_groups": lambda facts: customers.value_groups(facts, "rfm_segment"),
    "customers.value_groups, abc": lambda facts: customers.value_groups(facts, "abc"),
    "customers.unclassified": lambda facts: customers.unclassified(facts, TWO),
    "customers.in_both": lambda facts: customers.in_both(facts, (NORTH,), (GROWN, LOYAL)),
    "customers.how_many": customers.how_many,
    "customers.rhythms": customers.rhythms,
    "customers.rhythms, of a class": lambda facts: customers.rhythms(facts, NORTH),
    "customers.kept": lambda facts: customers.kept(facts, EVERYBODY, split=MIDDLE, start=BEGIN, end=END),
    "customers.kept, nobody": lambda facts: customers.kept(
        facts, classes("region", one_of=("nowhere",)), split=MIDDLE, start=BEGIN, end=END
    ),
    "customers.revenue_of": lambda facts: customers.revenue_of(facts, LOYAL, start=BEGIN, end=END),
    "customers.counts_by": lambda facts: customers.counts_by(facts, "region"),
    "customers.counts_by, day": lambda facts: customers.counts_by(facts, "since"),
    "customers.register": customers.register,
    "customers.register, searched": lambda facts: customers.register(
        facts, search="NOR", one=EVERYBODY, start=2, length=3
    ),
    "identity.records_of": lambda facts: identity.records_of(facts, ("c03", "c01", "nobody")),
    "low_scores.low_scores": lambda facts: low_scores.low_scores(facts, highest={"q1": 2, "q3": 1}, most=5),
    "measurements.characteristics": measurements.characteristics,
    "measurements.points": lambda facts: list(measurements.points(facts, ("delay", "typed"))),
    "measurements.points, of counts": lambda facts: list(measurements.points(facts, ("defects",))),
    "measurements.subgroups": lambda facts: measurements.subgroups(facts, "delay"),
    "measurements.naming": lambda facts: measurements.naming(facts, but="typed in"),
    "sales.totals": lambda facts: sales.totals(facts, by=("product", "version"), start=BEGIN, end=END),
    "sales.totals, by class": lambda facts: sales.totals(facts, by=("class_id",), classes=ALL),
    "sales.span": sales.span,
    "sales.own_revenue": sales.own_revenue,
    "sales.frequencies": lambda facts: sales.frequencies(facts, start=BEGIN, end=END),
    "verbatims.texts": verbatims.texts,
    "verbatims.page": lambda facts: verbatims.page(facts, start=1, most=2),
    "verbatims.page, chosen": lambda facts: verbatims.page(
        facts, only=("v1", "v4", "v3"), without=("v4",), containing="LATE"
    ),
    "verbatims.texts_of": lambda facts: verbatims.texts_of(facts, ("v1", "v9")),
    "verbatims.first_day": verbatims.first_day,
    "coding.coded": lambda facts: facts.collect(
        coded(facts).table.select(
            "verbatim_id", "need", "once", "by_hand", "negated", "lot", "speaker", "channel", "respondent_id"
        ),
        order=["verbatim_id", "need"],
    ),
    "coding.counts": lambda facts: coding.counts(coded(facts)),
    "coding.by_need": lambda facts: list(
        coding.by_need(coded(facts), {"all": ("late", "name", "all"), "late": ("late",)}).items()
    ),
    "coding.naming": lambda facts: [coding.naming(coded(facts), needs) for needs in (None, ("name",), ())],
    "coding.interviews": lambda facts: coding.incidence(
        coded(facts), coding.interviews(coded(facts), ("INTERVIEW",))
    ),
    "coding.speakers": lambda facts: facts.collect(
        coding.speakers(coded(facts)).select("unit", "need"), order=["unit", "need"]
    ),
    "coding.incidence": lambda facts: coding.incidence(coded(facts), coding.speakers(coded(facts))),
    **{
        f"coding.incidence_by_class, {apart}": lambda facts, apart=apart: list(
            coding.incidence_by_class(coded(facts), coding.speakers(coded(facts)), ALL, apart=apart).values()
        )
        for apart in (True, False)
    },
    "coding.drawn": lambda facts: facts.collect(
        coding.drawn(coded(facts), 3, 6).distinct(), order=["verbatim_id"]
    ),
    "coding.with_need": lambda facts: facts.collect(
        coding.with_need(coded(facts), ("late",)).distinct(), order=["verbatim_id"]
    ),
    "coding.ids": lambda facts: coding.ids(coded(facts), ("late", "name"), start=1, most=2),
    "coding.ids_like": lambda facts: coding.ids_like(coded(facts), "V", most=2),
    "coding.surest": lambda facts: facts.collect(coding.surest(facts, *stored(facts)), order=["verbatim_id"]),
    "coding.suggested": lambda facts: list(coding.suggested(facts, *stored(facts), ("v6", "v8", "v9")).items()),
    "verbatims.page, the surest first": lambda facts: verbatims.page(
        facts, first=coding.surest(facts, *stored(facts)), most=4
    ),
    "coding.needs_of": lambda facts: list(coding.needs_of(coded(facts), ("v1", "v4", "v10", "v9")).items()),
    "verbatims.stretches": lambda facts: verbatims.stretches(facts, most=2),
    "verbatims.blocks": lambda facts: list(verbatims.blocks(facts, verbatims.stretches(facts, most=2))),
    **{f"spans.span, {table}": lambda facts, table=table: spans.span(facts, table) for table in spans.DATES},
    **{
        f"answers.by_period, {unit}": lambda facts, unit=unit: answers.by_period(
            facts, "q2", unit=unit, by=("class_id",), classes=(NORTH, EVERYBODY)
        )
        for unit in UNITS
    },
    "measurements.by_period": lambda facts: measurements.by_period(facts, "delay"),
    "sales.by_period": lambda facts: sales.by_period(facts, by=("class_id",), classes=TWO, start=BEGIN, end=END),
    "sales.by_seller": sales.by_seller,
    **{
        f"sales.active_customers, {unit}": lambda facts, unit=unit: sales.active_customers(
            facts, unit=unit, classes=(NORTH, EVERYBODY)
        )
        for unit in UNITS
    },
    "sales.active_customers": sales.active_customers,
}
"""By `module.function`, and after a comma what is particular about the arguments."""


def coded(facts: Facts) -> coding.Coded:
    """The verbatims coded by two rules, one of them read by a person, one withdrawn."""
    rules = (
        PlainRule("late", ("late", "متأخر"), "", (), "", "keep"),
        PlainRule("name", ("name",), "", (), "", "drop"),
    )
    store, version = codes_of(facts, Rulebook(rules, {"en": ("no",)}, 3))
    by_hand = {"v6": ("late", "name"), "v3": ()}
    return coding.coded(facts, version.label, store.files(version), by_hand=by_hand, withdrawn=("v7",))


def stored(facts: Facts) -> tuple[str, Sequence[Path]]:
    """What is suggested by the words of the names of two needs, as nothing is coded by rules."""
    known = Knowledge.of([("late", "Too late"), ("name", "A name")], Rulebook((), {}, 3))
    store, version = suggestions_of(facts, known)
    return version.label, store.files(version)


def rows() -> dict[str, list[dict[str, Any]]]:
    """The five tables; customers have the attributes region, age and size, all with blanks."""
    sizes = NUMBERS_AS_PEOPLE_WRITE_THEM
    people = [
        {**who, "size": sizes[at] if at < len(sizes) else None} for at, who in enumerate(random_rows.customers(3))
    ]
    # Two rows at one moment: which is the latest of them must not depend on the engine.
    moment = datetime(2025, 5, 1, 6)
    twice = [
        {"characteristic": "typed", "at": moment, "value": value, "phase": phase, "source": "typed in"}
        for value, phase in ((1.0, "after"), (2.0, "before"))
    ]
    twice += [{**one, "characteristic": "tied", "source": "test"} for one in twice]
    said = [
        {"verbatim_id": "v3", "text": "late again", "customer_id": "c01", "date": "2025-03-01", "language": "en"},
        {"verbatim_id": "v1", "text": "متأخر, LATE", "customer_id": "c02", "date": "2025-02-01", "subject": "us"},
        {"verbatim_id": "v2", "text": "their seats are better", "customer_id": "c01", "subject": "rival"},
        {"verbatim_id": "v4", "text": "no name, late", "date": "2025-01-15"},
        {"verbatim_id": "v5", "text": "Straße, too late", "customer_id": "c03", "respondent_id": "r001"},
        *(
            {"verbatim_id": f"v{at}", "text": "my name", "respondent_id": f"r{at:03}", "channel": "Interview"}
            for at in (6, 7, 8, 10)
        ),
    ]
    return {
        "customers": people,
        "answers": random_rows.answers(5),
        "verbatims": said,
        "sales": random_rows.sales(8),
        "measurements": [*random_rows.measurements(2), *twice],
    }


def write(folder: Path, *, engine: Engine = DUCKDB) -> Facts:
    """The tables as files in `folder`, opened on an engine."""
    return facts_of(folder, engine=engine, **rows())


def reopened(folder: Path, *, engine: Engine) -> Facts:
    """The tables that `write` left in `folder`."""
    tables = {}
    for name, own in rows().items():
        attributes = ("age", "region", "size") if name == "customers" else ()
        tables[name] = FactTable((str(folder / f"{name}.parquet"),), f"{name}@test", len(own), attributes)
    return Facts(tables, engine=engine)


if __name__ == "__main__":
    place, word, file = sys.argv[1:]
    opened = reopened(Path(place), engine=Engine(word))
    Path(file).write_bytes(pickle.dumps({name: query(opened) for name, query in QUERIES.items()}))
