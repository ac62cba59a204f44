"""The five fact tables: what was measured. One row a fact, in the order it arrived.

Beside the columns here a table may hold attributes that the mapping names (text, `attribute_<name>`),
and every row says where it came from: `source` (the name in cycle.toml), `file` and `row` (the record's
number in that file, counted from 1 without the header).
"""

from dataclasses import dataclass
from typing import Literal

Type = Literal["text", "number", "date", "timestamp"]
ATTRIBUTE_PREFIX = "attribute_"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, whether a row can do without it, and what it means."""

    name: str
    type: Type
    required: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Schema:
    """One fact table."""

    name: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that no row can do without."""
        return tuple(column.name for column in self.columns if column.required)

    def column(self, name: str) -> Column | None:
        """The column of that name."""
        return next((column for column in self.columns if column.name == name), None)


ORIGIN_COLUMNS = (
    Column("source", "text", True, "name of the source in cycle.toml"),
    Column("file", "text", True, "file that the row came from"),
    Column("row", "number", True, "number of the record in the file, from 1, the header not counted"),
)

CUSTOMERS = Schema(
    "customers",
    "one row a customer, external or internal",
    (
        Column("customer_id", "text", True, "key of the customer; pseudonymous where possible"),
        Column("kind", "text", False, "external or internal; external where absent"),
        Column("since", "date", False, "first day as a customer"),
    ),
)

ANSWERS = Schema(
    "answers",
    "one row an answer: one respondent to one item",
    (
        Column("respondent_id", "text", True, "one questionnaire filled in, unique over all waves"),
        Column("customer_id", "text", False, "the customer, where known"),
        Column("wave", "text", False, "the round of asking"),
        Column("date", "date", False, "day of the answer"),
        Column("item", "text", True, "the question, an id of items.csv"),
        Column("subject", "text", False, "who is rated: us, or a competitor; us where absent"),
        Column("value", "number", True, "the answer on the item's scale"),
        Column("weight", "number", False, "survey weight; 1 where absent"),
    ),
)

VERBATIMS = Schema(
    "verbatims",
    "one row a thing that a customer said",
    (
        Column("verbatim_id", "text", True, "key of the verbatim"),
        Column("respondent_id", "text", False, "the questionnaire that it came with"),
        Column("customer_id", "text", False, "the customer, where known"),
        Column("wave", "text", False, "the round of asking"),
        Column("date", "date", False, "day it was said"),
        Column("channel", "text", False, "survey, review, complaint, interview, ticket"),
        Column("subject", "text", False, "who is spoken of: us, or a competitor; us where absent"),
        Column("language", "text", False, "language code, where known"),
        Column("text", "text", True, "what was said"),
    ),
)

SALES = Schema(
    "sales",
    "one row a sale; a return has a negative amount",
    (
        Column("sale_id", "text", True, "key of the sale (an invoice may have several rows)"),
        Column("customer_id", "text", False, "the customer, where known"),
        Column("date", "date", True, "day of the sale"),
        Column("product", "text", False, "what was sold"),
        Column("version", "text", False, "version of the product or service, such as before and after"),
        Column("seller", "text", False, "who sold it: us, or a competitor; us where absent"),
        Column("quantity", "number", False, "how many; 1 where absent"),
        Column("amount", "number", True, "money, in the cycle's currency"),
    ),
)

MEASUREMENTS = Schema(
    "measurements",
    "one row a measurement of a process",
    (
        Column("characteristic", "text", True, "what was measured"),
        Column("at", "timestamp", True, "when"),
        Column("subgroup", "text", False, "rational subgroup; a chart of means needs it"),
        Column("phase", "text", False, "before, pilot, after, where the data say it themselves"),
        Column("value", "number", True, "the measurement, or the count of defectives or defects"),
        Column("size", "number", False, "units inspected, for counts"),
    ),
)

SCHEMAS: dict[str, Schema] = {
    schema.name: schema for schema in (CUSTOMERS, ANSWERS, VERBATIMS, SALES, MEASUREMENTS)
}
