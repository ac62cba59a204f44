"""What is planted: TRUTH.toml, and one stream of random numbers for each part of the world."""

import tomllib
import zlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Truth:
    """TRUTH.toml as nested dictionaries, with the few derived things that every part asks for."""

    all: dict[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.all[key]

    def stream(self, part: str) -> np.random.Generator:
        """Random numbers of one part: a change in one part leaves the others as they were."""
        return np.random.default_rng([self.all["seed"], zlib.crc32(part.encode())])

    @property
    def lines(self) -> list[str]:
        """All lines: the city's, then the intercity ones."""
        return [*self["lines"]["city"], *self["lines"]["intercity"]]

    @property
    def needs(self) -> list[str]:
        """The twelve needs that the questionnaire asks about, in its order."""
        return list(self["survey"]["needs"])

    @property
    def months(self) -> list[date]:
        """First days of the months of the period."""
        start, end = self["period"]["start"], self["period"]["end"]
        count = 12 * (end.year - start.year) + end.month - start.month + 1
        return [
            date(start.year + (start.month - 1 + i) // 12, (start.month - 1 + i) % 12 + 1, 1) for i in range(count)
        ]

    def month(self, day: date) -> int:
        """Number of the month that holds `day`, 0 for the first of the period."""
        start = self["period"]["start"]
        return int(12 * (day.year - start.year) + day.month - start.month)

    def bad(self, file: str, fault: str) -> int:
        """How many bad records or cells of one sort are planted in a file."""
        return sum(row["count"] for row in self["bad_rows"] if (row["file"], row["fault"]) == (file, fault))


def read_truth() -> Truth:
    """TRUTH.toml of this folder."""
    return Truth(tomllib.loads((HERE / "TRUTH.toml").read_text(encoding="utf-8")))


def read_words() -> dict[str, Any]:
    """words.toml of this folder."""
    return tomllib.loads((HERE / "words.toml").read_text(encoding="utf-8"))
