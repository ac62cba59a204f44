"""The books of an import: what became of every record and every cell of one file for one source."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from nonagon.imports.records import RecordsLost


@dataclass(slots=True)
class Cells:
    """What became of the cells of one target or item.

    not_found, among the missing: looked up in another file that lacks the key; wrong_type, among the refused.
    """

    values: int = 0
    limited: int = 0
    missing: int = 0
    not_answers: int = 0
    refused: int = 0
    wrong_type: int = 0
    not_found: int = 0

    @property
    def total(self) -> int:
        """All cells that were read."""
        return self.values + self.missing + self.not_answers + self.refused


@dataclass(slots=True)
class Tally:
    """One file's records for one source.

    records: all of them; with_facts, without_facts: those that gave at least one fact row, and none;
    damaged: those that could not be split into cells; set_aside: by the filters; facts: fact rows, before
    repeated keys are replaced; rejects: rows of the rejects file, by kind in `kinds`; replaced: fact rows given
    up for a later one with the same key; blank_lines: lines without any character; how: encoding and
    delimiter, or sheet.
    """

    source: str
    table: str
    file: str
    how: str = ""
    records: int = 0
    with_facts: int = 0
    without_facts: int = 0
    damaged: int = 0
    set_aside: int = 0
    facts: int = 0
    rejects: int = 0
    replaced: int = 0
    blank_lines: int = 0
    cells: dict[str, Cells] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)

    def of(self, name: str) -> Cells:
        """The cells of a target or item."""
        return self.cells.setdefault(name, Cells())

    def check(self) -> None:
        """Raises RecordsLost unless every record is accounted for."""
        if self.records != self.with_facts + self.without_facts:
            raise RecordsLost(
                f"{self.file} (source {self.source}): {self.records} records went in, and "
                f"{self.with_facts} with facts and {self.without_facts} without came out; please report this"
            )

    def as_json(self) -> dict[str, Any]:
        """For the manifest."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Tally":
        """From the manifest."""
        known = {entry.name for entry in fields(cls)} - {"cells"}
        cells = {name: Cells(**counts) for name, counts in data.get("cells", {}).items()}
        return cls(**{name: data[name] for name in known if name in data}, cells=cells)
