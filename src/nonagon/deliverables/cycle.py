"""What the nine analyses know of the cycle besides facts and decisions."""

import datetime
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from nonagon.deliverables.evidence import Number, Value
from nonagon.deliverables.references import Defines, NeedId

ItemKind = Literal[
    "satisfaction",
    "importance",
    "expectation",
    "overall",
    "recommend",
    "kano_functional",
    "kano_dysfunctional",
    "other",
]


class Item(Value):
    """One question of a questionnaire.

    id: the name in the answers' `item` column; kind: what it measures (`overall`: overall satisfaction;
    `recommend`: 0-10 likelihood to recommend); need: the need that it asks about, if one;
    scale_min, scale_max: the lowest and highest answer, higher being better; actionable: whether the
    organization can act on it.
    """

    id: Annotated[str, Defines("item", in_data=True)]
    text: str
    kind: ItemKind = "satisfaction"
    need: NeedId | None = None
    scale_min: Number = 1
    scale_max: Number = 5


class Wave(Value):
    """One round of asking, in order of time. date: its middle or its start, if known."""

    id: Annotated[str, Defines("wave", in_data=True)]
    date: datetime.date | None = None


class Settings(Value):
    """What holds for all nine steps.

    group_minimum: no breakdown of survey results below this many answers; confidence: of every interval;
    seed: of every simulation; draws: of every bootstrap.
    """

    group_minimum: int = Field(10, ge=1)
    confidence: Number = Field(0.95, gt=0, lt=1)
    seed: int = Field(20260101, ge=0)
    draws: int = Field(2000, ge=200)


class Period(Value):
    """The days that the cycle looks at, both included."""

    start: date
    end: date


class Cycle(Value):
    """One turn of the nine steps for one product or service.

    subject: what the answers' `subject` column calls us; every other subject is a competitor.
    waves: in order of time; where empty, the answers' own waves in the order of their first date.
    """

    name: str
    organization: str
    scope: str = ""
    currency: str = ""
    language: str = "en"
    period: Period | None = None
    subject: str = "us"
    settings: Settings = Settings()
    items: tuple[Item, ...] = ()
    waves: tuple[Wave, ...] = ()

    def items_of(self, kind: ItemKind) -> tuple[Item, ...]:
        """The items of one kind, in the order of the register."""
        return tuple(item for item in self.items if item.kind == kind)

    def item_of_need(self, need: str, kind: ItemKind = "satisfaction") -> Item | None:
        """The first item of `kind` that asks about `need`."""
        return next((item for item in self.items if item.kind == kind and item.need == need), None)
