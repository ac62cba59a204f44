"""What a cycle says of how duplicate customers are found: `[identity]` in cycle.toml."""

from typing import Self

from pydantic import Field, model_validator

from nonagon.deliverables.evidence import Number, Value
from nonagon.engine.identity import TELLING, Kind


class Identity(Value):
    """How records of the customers table are recognized as one customer.

    Without it every record is a customer of its own.
    """

    columns: dict[str, Kind] = Field(
        description="attributes of the customers, each with its kind: name (whole), given_name, family_name, "
        "email, phone, postcode, birth_date, place, text"
    )
    link_above: Number = Field(
        0.95, gt=0, lt=1, description="pairs of at least this probability are one customer without being asked"
    )
    review_above: Number = Field(
        0.5, gt=0, lt=1, description="pairs of at least this probability wait for a person's verdict"
    )

    @property
    def telling(self) -> tuple[str, ...]:
        """The columns that tell people apart."""
        return tuple(name for name, kind in self.columns.items() if kind in TELLING)

    @model_validator(mode="after")
    def _limits_in_order(self) -> Self:
        if self.review_above > self.link_above:
            raise ValueError(
                f"review_above must be at most link_above ({self.link_above:g}); got {self.review_above:g}"
            )
        return self
