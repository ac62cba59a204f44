"""What people decide in step 1: classes, who counts as a key customer, and who supplies whom inside."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from nonagon.deliverables.decisions import DecisionDocument, Fault, Known, repeated, unknown
from nonagon.deliverables.evidence import Number, Value
from nonagon.deliverables.references import Defines, NeedId, Refers
from nonagon.deliverables.step1 import Condition

Segment = Annotated[
    Literal["champions", "loyal", "new or promising", "needs attention", "at risk", "sleeping"],
    BeforeValidator(lambda text: text.strip().lower() if isinstance(text, str) else text),
]
"""The segments of `methods.value.rfm`, in any case."""


class ClassDecision(Value):
    """A class of customers: everybody for whom all conditions hold. The class is live: it moves with the data."""

    id: Annotated[str, Defines("class")] = Field(description="short name that other documents use")
    name: str = Field(description="name for people")
    kind: Literal["external", "internal"] = Field("external", description="external or internal customers")
    rule: tuple[Condition, ...] = Field((), description="conditions that must all hold; none: everybody")
    from_rfm: Segment | None = Field(
        None,
        description="customers of this RFM segment: champions, loyal, new or promising, needs attention, "
        "at risk, sleeping",
    )
    abc: Literal["A", "B", "C"] | None = Field(
        None, description="customers of this ABC class: A brings the first 80 % of revenue, B the next 15 %"
    )
    key: bool = Field(False, description="people hold this class to be key customers, whatever the sales say")
    note: str = Field("", description="why the class is drawn this way")

    def conditions(self) -> tuple[Condition, ...]:
        """The whole rule, with RFM segment and ABC class as conditions."""
        more = []
        if self.from_rfm is not None:
            more.append(Condition(field="rfm_segment", one_of=(self.from_rfm,)))
        if self.abc is not None:
            more.append(Condition(field="abc", one_of=(self.abc,)))
        return (*self.rule, *more)


class Loyal(Value):
    """When a customer counts as loyal; every criterion that is set must hold."""

    orders_at_least: int | None = Field(None, ge=1, description="orders so far")
    active_within_days: int | None = Field(None, ge=1, description="days since the last order, at most")
    customer_for_days: int | None = Field(None, ge=1, description="days since the first order, at least")


class Important(Value):
    """When a customer counts as important to survival; every criterion that is set must hold."""

    revenue_at_least: Number | None = Field(None, gt=0, description="revenue so far, in the cycle's currency")
    revenue_share_at_least: Number | None = Field(
        None, gt=0, lt=1, description="share of the revenue that customers brought, a fraction of one"
    )
    abc: tuple[Literal["A", "B", "C"], ...] = Field((), description="ABC classes that count as important")


class KeyCriteria(Value):
    """Key customers are loyal and important: at least one criterion of each kind."""

    id: Annotated[str, Defines("class")] = Field(
        "key_customers", description="id of the class that the criteria define"
    )
    name: str = Field("Key customers", description="name of that class")
    loyal: Loyal = Field(Loyal(), description="criteria of loyalty")
    important: Important = Field(Important(), description="criteria of importance")
    why: str = Field("", description="why these criteria, in a sentence")

    @model_validator(mode="after")
    def _both_kinds(self) -> Self:
        if not self.loyal.model_dump(exclude_defaults=True):
            raise ValueError(
                "loyal must state at least one criterion: orders_at_least, active_within_days or "
                "customer_for_days; got none"
            )
        if not self.important.model_dump(exclude_defaults=True):
            raise ValueError(
                "important must state at least one criterion: revenue_at_least, revenue_share_at_least or "
                "abc; got none"
            )
        return self

    def conditions(self) -> tuple[Condition, ...]:
        """The criteria as a class rule."""
        loyal, important = self.loyal, self.important
        found = []
        if loyal.orders_at_least is not None:
            found.append(Condition(field="orders", at_least=loyal.orders_at_least))
        if loyal.active_within_days is not None:
            # Whole days: "at most 90" is "below 91".
            found.append(Condition(field="days_since_last", below=loyal.active_within_days + 1))
        if loyal.customer_for_days is not None:
            found.append(Condition(field="days_since_first", at_least=loyal.customer_for_days))
        if important.revenue_at_least is not None:
            found.append(Condition(field="revenue", at_least=important.revenue_at_least))
        if important.revenue_share_at_least is not None:
            found.append(Condition(field="revenue_share", at_least=important.revenue_share_at_least))
        if important.abc:
            found.append(Condition(field="abc", one_of=important.abc))
        return tuple(found)


class ProcessDecision(Value):
    """One process of the organization; it is the internal customer of whoever supplies it."""

    id: Annotated[str, Defines("process")] = Field(description="short name that other documents use")
    name: str = Field(description="name for people")
    owner: str = Field("", description="the role that answers for it, no person's name")


class Supplier(Value):
    """Somebody outside who supplies a process."""

    id: Annotated[str, Defines("supplier")] = Field(description="short name that supplies use")
    name: str = Field(description="name for people")


class Supply(Value):
    """One line of the SIPOC map: who supplies whom with what, and what the receiver needs of it."""

    id: str = Field(description="short name")
    supplier: Annotated[str, Refers(("process", "supplier"), checked=False)] = Field(
        description="id of a process, or of an outside supplier"
    )
    customer: Annotated[str, Refers(("process", "class"), checked=False)] = Field(
        description="id of a process (an internal customer), or of a class"
    )
    what: str = Field(description="what is handed over")
    need: str = Field("", description="what the receiver needs of it, in words")
    serves: tuple[NeedId, ...] = Field(
        (), description="ids of the external customers' needs that this serves in the end (step 3's needs)"
    )


class PairVerdict(Value):
    """What a person decided of two records: one customer, or two. It goes before every probability."""

    first: str = Field(description="customer_id of the one record")
    second: str = Field(description="customer_id of the other record")
    verdict: Literal["same", "different"] = Field(description="one customer (same), or two (different)")
    note: str = Field("", description="what it was seen from")


class Step1Decisions(DecisionDocument):
    """decisions/step1.toml."""

    lists: ClassVar[dict[str, str]] = {
        "processes": "processes.csv",
        "supplies": "supplies.csv",
        "duplicates": "duplicates.csv",
    }

    classes: tuple[ClassDecision, ...] = Field((), description="classes of customers")
    key_customers: KeyCriteria | None = Field(None, description="who counts as a key customer")
    suppliers: tuple[Supplier, ...] = Field((), description="who supplies us from outside")
    processes: tuple[ProcessDecision, ...] = Field((), description="our processes")
    supplies: tuple[Supply, ...] = Field((), description="who supplies whom (SIPOC)")
    duplicates: tuple[PairVerdict, ...] = Field(
        (), description="pairs of records that people decided to be one customer, or two"
    )

    def faults(self, known: Known) -> Iterator[Fault]:
        """Repeated ids, fields that no customer has, supplies of unknown ends or to oneself, unknown needs."""
        yield from repeated(("classes",), [one.id for one in self.classes], "class")
        yield from repeated(("processes",), [one.id for one in self.processes], "process")
        yield from repeated(("suppliers",), [one.id for one in self.suppliers], "supplier")
        yield from repeated(("supplies",), [one.id for one in self.supplies], "supply")
        yield from _verdict_faults(self.duplicates)
        for position, asked in enumerate(self.classes):
            for at, condition in enumerate(asked.rule):
                yield from _field_faults(("classes", position, "rule", at, "field"), condition.field, known)
        classes = {one.id for one in self.classes}
        if self.key_customers is not None and self.key_customers.id in classes:
            message = f"the class {self.key_customers.id!r} stands among the classes too; give one another id"
            yield Fault(("key_customers", "id"), message)
        processes = {one.id for one in self.processes}
        suppliers = processes | {one.id for one in self.suppliers}
        receivers = processes | {kind_id for kind, kind_id in self.defines() if kind == "class"}
        for position, one in enumerate(self.supplies):
            yield from self._supply_faults(position, one, suppliers, receivers)
        yield from self.unknown_references(known)

    def _supply_faults(
        self, position: int, one: Supply, suppliers: set[str], receivers: set[str]
    ) -> Iterator[Fault]:
        place = ("supplies", position)
        if one.supplier not in suppliers:
            message = (
                f"names the unknown supplier {one.supplier!r}; add it to processes or suppliers "
                f"(known: {', '.join(sorted(suppliers)) or 'none'})"
            )
            yield Fault((*place, "supplier"), message)
        if one.customer not in receivers:
            message = (
                f"names the unknown receiver {one.customer!r}; it must be a process or a class "
                f"(known: {', '.join(sorted(receivers)) or 'none'})"
            )
            yield Fault((*place, "customer"), message)
        if one.supplier == one.customer:
            yield Fault(
                (*place, "customer"), f"the process {one.supplier!r} supplies itself; name another receiver"
            )


def _verdict_faults(verdicts: tuple[PairVerdict, ...]) -> Iterator[Fault]:
    """A pair of one record with itself, and a pair that stands twice."""
    seen: set[frozenset[str]] = set()
    for position, one in enumerate(verdicts):
        if one.first == one.second:
            message = f"the pair names the record {one.first!r} twice; name two records"
            yield Fault(("duplicates", position, "second"), message)
        pair = frozenset((one.first, one.second))
        if pair in seen:
            message = (
                f"the pair of {one.first!r} and {one.second!r} is decided twice; keep one of the two verdicts"
            )
            yield Fault(("duplicates", position, "first"), message)
        seen.add(pair)


def _field_faults(path: tuple[str | int, ...], field: str, known: Known) -> Iterator[Fault]:
    """A fault when no customer can have the field; nothing is said while no source fills the customers table."""
    mine = known.of("attribute")
    if not mine or field in mine:
        return
    tables = ("answers", "verbatims", "sales", "measurements")
    elsewhere = [table for table in tables if field in known.of(f"{table} attribute")]
    if elsewhere:
        yield Fault(
            path,
            f"asks for {field!r}, which stands on the {' and the '.join(elsewhere)} table, not on the customers; "
            "a rule sees customers' attributes and what they bought: add it to the attributes of the customers' "
            f"source (known: {', '.join(sorted(mine))})",
        )
        return
    yield from unknown(path, "attribute", field, known)
