"""Step 4 hands on: the internal quality characteristics and how much each serves what customers need."""

from typing import Literal

from nonagon.deliverables.evidence import Deliverable, Estimate, Number, Value


class Characteristic(Value):
    """One internal quality characteristic, operational: what is measured, in which unit, which way is better.

    measurement: the name in the measurements table's `characteristic` column, if it is measured there.
    weight: absolute technical importance; relative: its share of the sum, with the survey's uncertainty.
    """

    id: str
    name: str
    unit: str
    direction: Literal["higher", "lower", "target"]
    target: Number | None = None
    lower_limit: Number | None = None
    upper_limit: Number | None = None
    measurement: str | None = None
    definition: str = ""
    source: str = ""
    weight: Estimate | None = None
    relative: Estimate | None = None
    rank: int | None = None
    needs: tuple[str, ...] = ()


class CharacteristicsDeliverable(Deliverable):
    """Step 4's deliverable. Later steps read `characteristics` and the holes of the House of Quality."""

    step: int = 4
    characteristics: tuple[Characteristic, ...] = ()
    empty_rows: tuple[str, ...] = ()
    empty_columns: tuple[str, ...] = ()
