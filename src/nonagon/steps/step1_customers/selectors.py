"""Reads for the page of step 1: how many customers a rule takes as it is typed, and the register."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.utils.translation import gettext as _
from pydantic import ValidationError

from nonagon.basics.errors import NonagonError
from nonagon.charts.wording import number, percent
from nonagon.deliverables.mistakes import cleaned, dotted, said
from nonagon.deliverables.step1 import CustomerClass
from nonagon.engine import customers
from nonagon.engine.facts import Facts
from nonagon.engine.identity import records_of
from nonagon.facts.identities import IdentityStore, IdentityVersion
from nonagon.facts.store import FactStore
from nonagon.process import documents
from nonagon.process.measured import facts_of
from nonagon.process.models import Cycle
from nonagon.process.places import out_of
from nonagon.steps.step1_customers.decisions import ClassDecision, KeyCriteria

MOST_VALUES = 50
"""How many values of an attribute are suggested while a rule is typed."""


@dataclass(frozen=True, slots=True)
class Count:
    """Who is in a class as it stands on the page. problem: why that can't be told yet; counts are None then."""

    id: str
    customers: int | None = None
    of: int | None = None
    revenue_share: float | None = None
    problem: str = ""

    @property
    def sentence(self) -> str:
        """In words."""
        if self.customers is None or self.of is None:
            return self.problem
        text = _("%(count)s of %(of)s customers (%(share)s)") % {
            "count": number(self.customers, digits=0),
            "of": number(self.of, digits=0),
            "share": percent(self.customers / self.of if self.of else 0.0),
        }
        if self.revenue_share is None:
            return text
        return _("%(customers)s, %(share)s of the revenue") % {
            "customers": text,
            "share": percent(self.revenue_share),
        }


def counts(cycle: Cycle, classes: Sequence[Mapping[str, Any]], key: Mapping[str, Any] | None) -> list[Count]:
    """The size of each class as it was sent, the key customers last; a half-typed rule gives its problem."""
    facts = facts_of(cycle)
    found: list[Count] = []
    wanted: list[CustomerClass] = []
    for sent in classes:
        taken = _class(sent)
        if isinstance(taken, Count):
            found.append(taken)
        else:
            wanted.append(taken)
    if key is not None:
        taken = _key(key)
        found.append(taken) if isinstance(taken, Count) else wanted.append(taken)
    return [*found, *_counted(facts, wanted)]


def _class(sent: Mapping[str, Any]) -> CustomerClass | Count:
    own = str(sent.get("id", ""))
    try:
        one = ClassDecision.model_validate({"id": own, "name": own, **sent})
    except ValidationError as error:
        return Count(own, problem=_problem(ClassDecision, error))
    return CustomerClass(id=one.id, name=one.name, kind=one.kind, rule=one.conditions(), key=one.key)


def _key(sent: Mapping[str, Any]) -> CustomerClass | Count:
    own = str(sent.get("id", "key_customers"))
    try:
        one = KeyCriteria.model_validate(sent)
    except ValidationError as error:
        return Count(own, problem=_problem(KeyCriteria, error))
    return CustomerClass(id=one.id, name=one.name, rule=one.conditions(), key=True)


def _problem(model: type[Any], error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{dotted(cleaned(first['loc']))} {said(model, first)}".strip()


def _counted(facts: Facts, wanted: Sequence[CustomerClass]) -> list[Count]:
    """All of them in one look at the customers; where one cannot be told, each by itself."""
    if not wanted:
        return []
    try:
        total = customers.how_many(facts)[0]
        sizes = customers.class_sizes(facts, wanted)
    except NonagonError as error:
        if len(wanted) == 1:
            return [Count(wanted[0].id, problem=str(error))]
        return [count for one in wanted for count in _counted(facts, [one])]
    revenue = _named_revenue(facts)
    place = {str(own): at for at, own in enumerate(sizes["class_id"])}
    found = []
    for one in wanted:
        at = place.get(one.id)
        size = int(sizes["customers"][at]) if at is not None else 0
        brought = float(sizes["revenue"][at]) if at is not None else 0.0
        found.append(Count(one.id, size, total, brought / revenue if revenue else None))
    return found


def _named_revenue(facts: Facts) -> float:
    """What all customers whom our sales name brought."""
    if not facts.has("sales", "customer_id"):
        return 0.0
    everybody = CustomerClass(id="everybody", name="everybody")
    return float(customers.class_sizes(facts, [everybody])["revenue"].sum())


_rule_fields: WeakKeyDictionary[Facts, dict[str, list[str]]] = WeakKeyDictionary()
"""Read once for each version of the customers, kept while it is open."""


def rule_fields(cycle: Cycle) -> dict[str, list[str]]:
    """What rules may ask: attributes of the customers with their commonest values, and behaviours without."""
    facts = facts_of(cycle)
    if facts not in _rule_fields:
        _rule_fields[facts] = _fields(facts)
    return _rule_fields[facts]


def _fields(facts: Facts) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if facts.has("customers"):
        for name in facts.attributes("customers"):
            values = customers.counts_by(facts, name)
            ordered = sorted(zip(values["customers"], values["value"], strict=True), key=lambda one: -int(one[0]))
            found[name] = [str(value) for _count, value in ordered[:MOST_VALUES] if value is not None]
    return found


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """A part of the register. count: customers that fit the search; rows: their cells in the order of columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    count: int


def register(cycle: Cycle, *, search: str, class_id: str, start: int, length: int) -> RegisterPage:
    """Customers in the order of their ids. class_id: only members of that class; unknown classes have none."""
    facts = facts_of(cycle)
    if not facts.has("customers"):
        return RegisterPage((), (), 0)
    document, _number = documents.current(cycle, 1)
    one = None
    if class_id:
        one = next((each for each in _classes(document) if each.id == class_id), None)
        if one is None:
            return RegisterPage((), (), 0)
    columns, count = customers.register(facts, search=search, one=one, start=start, length=length)
    names = tuple(columns)
    rows = tuple(
        tuple("" if value is None else str(value) for value in row)
        for row in zip(*(columns[name] for name in names), strict=True)
    )
    return RegisterPage(names, rows, count)


@dataclass(frozen=True, slots=True)
class PairShown:
    """Two records side by side. cells: attribute, the one's value, the other's, and whether they are the same."""

    first: str
    second: str
    probability: float | None
    verdict: str
    cells: tuple[tuple[str, str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class DuplicatesPage:
    """One pair of one of the three lists. asked: whether the cycle looks for duplicates, and has looked."""

    asked: bool
    show: str
    at: int
    counts: Mapping[str, int]
    pair: PairShown | None


SHOWN = ("waiting", "joined", "decided")
"""Pairs that wait for a verdict; pairs that were joined without one; pairs that have one."""


def duplicates(cycle: Cycle, *, show: str, at: int) -> DuplicatesPage:
    """The pair at position `at` of a list, the most doubtful first; the first one where there is none there."""
    head, _number = documents.current(cycle, 0)
    document, _number = documents.current(cycle, 1)
    identity = getattr(head, "identity", None)
    held = IdentityStore(out_of(cycle) / "facts")
    version = held.active() if identity is not None else None
    show = show if show in SHOWN else SHOWN[0]
    if identity is None or version is None:
        return DuplicatesPage(False, show, 0, dict.fromkeys(SHOWN, 0), None)
    lists = _pair_lists(held, version, document, identity.link_above)
    mine = lists[show]
    at = at if 0 <= at < len(mine) else 0
    pair = _shown(cycle, *mine[at]) if mine else None
    return DuplicatesPage(True, show, at, {name: len(found) for name, found in lists.items()}, pair)


_Listed = tuple[str, str, float | None, str]


def _pair_lists(
    held: IdentityStore, version: IdentityVersion, document: Any, link_above: float
) -> dict[str, list[_Listed]]:
    decided = {frozenset((one.first, one.second)): one for one in document.duplicates}
    people, pairs = held.read(version.people), held.read(version.pairs)
    person = dict(_rows_of(people, "customer_id", "person_id"))
    lists: dict[str, list[_Listed]] = {name: [] for name in SHOWN}
    known: dict[frozenset[str], float] = {}
    for first, second, chance in _rows_of(pairs, "first", "second", "probability"):
        pair = frozenset((first, second))
        if pair in decided:
            known[pair] = chance
        elif person.get(first) == person.get(second):
            lists["joined"].append((first, second, chance, ""))
        elif chance < link_above:
            lists["waiting"].append((first, second, chance, ""))
    lists["decided"] = [
        (one.first, one.second, known.get(pair), one.verdict) for pair, one in reversed(decided.items())
    ]
    return lists


def _rows_of(table: Any, *names: str) -> Iterable[tuple[Any, ...]]:
    return zip(*(table.column(name).to_pylist() for name in names), strict=True) if table is not None else ()


def _shown(cycle: Cycle, first: str, second: str, probability: float | None, verdict: str) -> PairShown:
    facts = Facts.stored(FactStore(out_of(cycle) / "facts"), resolved=False)
    found = records_of(facts, (first, second)) if facts.has("customers") else {}
    one, other = found.get(first, {}), found.get(second, {})
    cells = tuple(
        (name, one.get(name, ""), other.get(name, ""), one.get(name, "") == other.get(name, ""))
        for name in facts.attributes("customers")
    )
    return PairShown(first, second, probability, verdict, cells)


def _classes(document: Any) -> list[CustomerClass]:
    """The classes that the document states, the key customers last."""
    found = [CustomerClass(id=one.id, name=one.name, rule=one.conditions()) for one in document.classes]
    if document.key_customers is not None:
        key = document.key_customers
        found.append(CustomerClass(id=key.id, name=key.name, rule=key.conditions(), key=True))
    return found


def class_choices(cycle: Cycle) -> list[tuple[str, str]]:
    """Id and name of each class."""
    document, _number = documents.current(cycle, 1)
    return [(one.id, one.name) for one in _classes(document)]
