"""Sales by version, class and month."""

from nonagon.basics.errors import ArgumentError
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.record import Record
from nonagon.deliverables.step8 import PeriodSales, VersionSales
from nonagon.engine import sales
from nonagon.engine.facts import Columns, Facts


def versions(record: Record, earlier: Earlier) -> tuple[VersionSales, ...]:
    """Each version's sales over all customers, then by class."""
    facts = record.facts
    if not facts.has("sales"):
        record.lack("Sales cannot be followed.", "a source for the table sales")
        return ()
    record.origin("sales", ("sales",), "nonagon.engine.sales", rows="our own sales", variant="sums of amounts")
    if not facts.has("sales", "version"):
        record.lack("Sales cannot be told apart by version.", "the column version in the table sales")
        found = sales.totals(facts, by=("seller",))
        return tuple(_row(found, place, version="all") for place in range(len(found["revenue"])))
    found = sales.totals(facts, by=("version",))
    rows = [_row(found, place, version=str(one)) for place, one in enumerate(found["version"])]
    rows.sort(key=lambda row: (row.first, row.version))
    return (*rows, *_by_class(record, earlier))


def _by_class(record: Record, earlier: Earlier) -> list[VersionSales]:
    """Each version's sales to the customers of each class; a customer in several classes counts in each."""
    classes = earlier.step1.classes if earlier.step1 else ()
    if not classes or not record.facts.has("sales", "customer_id"):
        return []
    try:
        found = sales.totals(record.facts, by=("class_id", "version"), classes=classes)
    except ArgumentError as error:
        record.lack("Sales cannot be told apart by class.", str(error))
        return []
    names = {one.id: one.name for one in classes}
    return [
        _row(found, place, version=str(found["version"][place]), class_id=str(one), class_name=names[str(one)])
        for place, one in enumerate(found["class_id"])
    ]


def months(facts: Facts) -> tuple[PeriodSales, ...]:
    """Our sales by month and version, in order of time."""
    if not facts.has("sales"):
        return ()
    told = facts.has("sales", "version")
    found = sales.by_period(facts, unit="month", by=("version",) if told else ())
    rows = [
        PeriodSales(
            month=found["period"][place],
            version=_version(found, place) if told else "all",
            orders=int(found["orders"][place]),
            revenue=float(found["revenue"][place]),
        )
        for place in range(len(found["revenue"]))
    ]
    return tuple(sorted(rows, key=lambda row: (row.month, row.version)))


def _row(
    found: Columns, place: int, *, version: str, class_id: str | None = None, class_name: str = ""
) -> VersionSales:
    first, last = found["first"][place], found["last"][place]
    revenue = float(found["revenue"][place])
    return VersionSales(
        version=version or "not named",
        class_id=class_id,
        class_name=class_name,
        first=first,
        last=last,
        orders=int(found["orders"][place]),
        customers=int(found["customers"][place]),
        revenue=revenue,
        per_day=revenue / ((last - first).days + 1),
    )


def _version(found: Columns, place: int) -> str:
    return str(found["version"][place]) or "not named"
