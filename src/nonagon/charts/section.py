"""What a step shows: one section of frozen blocks. The report and, later, the page show the same one.

A number in a block names its origin (a key of the deliverable's `origins`), so that it can be opened.
Text is plain (no markup); it is escaped where it is shown.
"""

from dataclasses import dataclass
from typing import Any, Literal

Align = Literal["text", "number"]
Column = tuple[str, Align]
"""A heading and how its cells stand."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One or more plain sentences. tone `warning` asks for attention, `quiet` is a remark on method."""

    text: str
    tone: Literal["plain", "warning", "quiet"] = "plain"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that stands out: label, formatted value, interval or caveat, origin."""

    label: str
    value: str
    detail: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """A row of numbers that stand out."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table. columns: heading and alignment; rows: formatted cells, "" for nothing to show.

    caption says what a row is; note holds what the reader must know to read it; origin opens its numbers.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with the table that says the same.

    spec: a Vega-Lite specification as a plain dict (without colours of its own: the theme gives them),
    or svg: a finished drawing; alt: what it shows, for those who do not see it.
    """

    title: str
    alt: str
    table: Table
    spec: dict[str, Any] | None = None
    svg: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside the section."""

    text: str


Block = Heading | Paragraph | Figures | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """One step's section: its number, title, what the step is for in one sentence, and its blocks."""

    step: int
    title: str
    purpose: str
    blocks: tuple[Block, ...]
