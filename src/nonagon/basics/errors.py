"""The one tree of errors.

A message says the thing, the rule, the value received and what to do next. `EXIT_CODES` is the one
table from an error to what the command line answers.
"""

from dataclasses import dataclass
from pathlib import Path


class NonagonError(Exception):
    """Every error that Nonagon raises on purpose."""


class ArgumentError(NonagonError, ValueError):
    """A function got a value outside its stated range."""


class NotEnoughData(NonagonError):
    """The data are too few, or vary too little, for the statistic to exist."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong with what the user wrote, and where.

    file: the file as the user knows it; line: counted from 1, or None where the whole file is meant;
    key: the dotted key or the column; message: the thing, the rule, the value received, what to do next.
    """

    file: Path | str
    line: int | None
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line is not None else f"{self.file}"
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class InputError(NonagonError):
    """Files or decisions are wrong; carries every mistake at once.

    >>> error = InputError([Mistake("cycle.toml", 3, "currency", "is missing")])
    >>> print(error)
    cycle.toml:3: currency: is missing
    """

    def __init__(self, mistakes: "list[Mistake] | tuple[Mistake, ...]") -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


class MissingLibrary(NonagonError):
    """A library outside the Python environment is missing; the message names what to install."""


class EngineError(NonagonError):
    """The engine that should compute cannot be reached, or broke off; the message says what to do."""


class Cancelled(NonagonError):
    """The user stopped the work; nothing half-written was left behind."""


EXIT_CODES: dict[type[NonagonError], int] = {
    InputError: 2,
    ArgumentError: 2,
    NotEnoughData: 2,
    MissingLibrary: 2,
    EngineError: 2,
    Cancelled: 130,
}
