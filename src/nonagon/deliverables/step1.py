"""Step 1 hands on: who the customers are, their classes, and which of them the organization lives on."""

from typing import Literal, Self

from pydantic import Field, model_validator

from nonagon.deliverables.evidence import Deliverable, Estimate, Number, Value

BEHAVIOURS = ("orders", "revenue", "days_since_last", "days_since_first", "revenue_share", "rfm_segment", "abc")
"""What a class rule may ask of customers beside their attributes; engine.customers computes it from our sales."""


class Condition(Value):
    """One condition of a class rule on a field of the customers table or on behaviour.

    Exactly one test is set: `one_of`, `none_of`, or a range by `at_least` and `below` (one or both).
    """

    field: str = Field(
        description="an attribute of the customers (or their columns customer_id, kind), or a behaviour "
        "computed from our own sales: orders, revenue, revenue_share, days_since_last, days_since_first, "
        "rfm_segment, abc"
    )
    one_of: tuple[str, ...] | None = Field(None, description="the field is one of these texts")
    none_of: tuple[str, ...] | None = Field(None, description="the field is none of these texts")
    at_least: Number | None = Field(None, description="the field is a number of at least this")
    below: Number | None = Field(None, description="the field is a number below this")

    @model_validator(mode="after")
    def _tests_one_thing(self) -> Self:
        ranged = self.at_least is not None or self.below is not None
        tests = (self.one_of is not None) + (self.none_of is not None) + ranged
        if tests != 1:
            raise ValueError(
                f"the condition on {self.field!r} must set exactly one of one_of, none_of, or a range by "
                f"at_least and below; it sets {tests}"
            )
        return self


class CustomerClass(Value):
    """A named set of customers. A customer may be in several classes; all conditions must hold.

    size: customers in it now; share: of all customers; revenue and revenue_share: of our own sales to
    customers whom the data name; key: people or the stated criteria make it a class of key customers.
    A class by RFM segment or ABC carries its rule as a condition on `rfm_segment` or `abc`.
    """

    id: str
    name: str
    kind: Literal["external", "internal"] = "external"
    rule: tuple[Condition, ...] = ()
    size: int = 0
    share: Estimate | None = None
    revenue: Estimate | None = None
    revenue_share: Estimate | None = None
    key: bool = False


class ValueGroup(Value):
    """One RFM segment or one ABC class: how many customers it has and what they bring."""

    kind: Literal["rfm", "abc"]
    id: str
    customers: Estimate
    customer_share: Estimate
    revenue: Estimate
    revenue_share: Estimate


class TopShare(Value):
    """Share of the revenue that the `customers` largest bring."""

    customers: int
    share: Estimate


class Concentration(Value):
    """How unevenly revenue is spread over the customers whom the sales name.

    hhi: sum of squared shares; effective_number: customers of equal size that would give the same; gini: 0
    for equal customers; lorenz_customers, lorenz_revenue: the Lorenz curve thinned to evenly spaced shares
    of customers, smallest first; unnamed: share of our revenue that no customer stands behind in the data.
    """

    customers: int
    revenue: Estimate
    hhi: Estimate
    effective_number: Estimate
    gini: Estimate
    top: tuple[TopShare, ...]
    lorenz_customers: tuple[Number, ...]
    lorenz_revenue: tuple[Number, ...]
    unnamed: Estimate


class KeyCustomers(Value):
    """The customers that are loyal and important by the stated criteria.

    criteria: each in words; why: the reason that people gave; count: customers who meet all; horizon_days:
    how far the look ahead goes, a year where the sales are long enough; recent_revenue: what they brought in
    so many last days; leaving: the share of their revenue that customers who met the criteria so many days
    ago took away by not buying since; at_risk: that share of recent_revenue.
    """

    class_id: str
    criteria: tuple[str, ...]
    why: str = ""
    count: Estimate
    share: Estimate
    revenue_share: Estimate
    largest_share: Estimate
    horizon_days: int
    recent_revenue: Estimate
    leaving: Estimate
    at_risk: Estimate


class LifeCycle(Value):
    """How many of those who bought again are still customers, by their rhythm of buying (BG/NBD).

    buyers: who ever bought; repeat_buyers: on more than one day; alive: expected number of these still
    customers; alive_share: of the repeat buyers; key_alive: the same share among the key customers;
    silent_key: key customers who are more likely gone than not.
    """

    buyers: int
    repeat_buyers: int
    alive: Estimate
    alive_share: Estimate
    key_alive: Estimate | None = None
    silent_key: Estimate | None = None


class SupplyPath(Value):
    """One supply between processes or to a class, and how the receiver's need reaches an external customer.

    internal: the receiver is a process or an internal class; serves: external needs that people named; path:
    from the receiver over further supplies to an external class, empty where there is none; traced: the
    supply goes to an external class, or both a path and a need that it serves are known.
    """

    id: str
    supplier: str
    customer: str
    what: str
    need: str = ""
    serves: tuple[str, ...] = ()
    internal: bool
    path: tuple[str, ...] = ()
    traced: bool


class Process(Value):
    """One process of ours with its owner (a role), and the external classes that its supplies reach."""

    id: str
    name: str
    owner: str = ""
    supplied_by: tuple[str, ...] = ()
    supplies: tuple[str, ...] = ()
    reaches: tuple[str, ...] = ()


class CustomersDeliverable(Deliverable):
    """Step 1's deliverable. Later steps read `classes` (with their rules) and `customers`.

    customers: how many the register holds (where there is none, whom the sales name); internal_customers:
    those of kind internal. Small numbers of buyers are no survey results and are not withheld.
    """

    step: int = 1
    classes: tuple[CustomerClass, ...] = ()
    customers: int = 0
    internal_customers: int = 0
    buyers: int = 0
    unclassified: Estimate | None = None
    value_groups: tuple[ValueGroup, ...] = ()
    concentration: Concentration | None = None
    key_customers: KeyCustomers | None = None
    life_cycle: LifeCycle | None = None
    processes: tuple[Process, ...] = ()
    supplies: tuple[SupplyPath, ...] = ()
