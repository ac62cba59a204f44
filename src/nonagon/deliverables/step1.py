"""Step 1 hands on: who the customers are, their classes, and which of them the organization lives on."""

from typing import Literal

from nonagon.deliverables.evidence import Deliverable, Estimate, Number, Value


class Condition(Value):
    """One condition of a class rule on a field of the customers table or on behaviour.

    field: an attribute of the customers, or one of the behaviours `orders`, `revenue`,
    `days_since_last`, `days_since_first`; exactly one of the tests is set.
    """

    field: str
    one_of: tuple[str, ...] | None = None
    none_of: tuple[str, ...] | None = None
    at_least: Number | None = None
    below: Number | None = None


class CustomerClass(Value):
    """A named set of customers. A customer may be in several classes; all conditions must hold."""

    id: str
    name: str
    kind: Literal["external", "internal"] = "external"
    rule: tuple[Condition, ...] = ()
    size: int = 0
    share: Estimate | None = None
    revenue: Estimate | None = None
    revenue_share: Estimate | None = None
    key: bool = False


class CustomersDeliverable(Deliverable):
    """Step 1's deliverable. Later steps read `classes` (with their rules) and `own_product_customers`."""

    step: int = 1
    classes: tuple[CustomerClass, ...] = ()
    customers: int = 0
