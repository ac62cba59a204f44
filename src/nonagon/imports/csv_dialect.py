"""How a delimited text file is written, and what is raised where it can't be read."""

import csv
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Splits nothing: the delimiter of a file with one column.
NO_DELIMITER = "\x1f"
# A quoted text longer than this is a quote that somebody forgot to close.
LONGEST_CELL = 1 << 24


class Unreadable(Exception):
    """The file as a whole can't be read; line where known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        self.line = line
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written: encoding, delimiter, quote ("" for none), escape ("" for none), header's line."""

    encoding: str
    delimiter: str
    quote: str = '"'
    escape: str = ""
    header_row: int = 1

    def options(self, *, strict: bool) -> dict[str, Any]:
        """The csv module's arguments."""
        return {
            "delimiter": self.delimiter,
            "quotechar": self.quote or None,
            "quoting": csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            "escapechar": self.escape or None,
            "doublequote": True,
            "strict": strict,
        }

    def describe(self) -> str:
        """In words, for the report of the import."""
        names = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar", NO_DELIMITER: "one column"}
        return f"{self.encoding.removesuffix('-sig')}, {names.get(self.delimiter, self.delimiter)}"


class reading:  # noqa: N801  (reads as a sentence: with reading(path))
    """Turns what the file system and gzip raise into Unreadable."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, EOFError | zlib.error) or type(error).__name__ == "BadGzipFile":
            raise Unreadable(f"is a damaged gzip file ({error}); fetch it again") from error
        if isinstance(error, OSError):
            raise Unreadable(f"can't be read: {error.strerror or error}") from error
        if isinstance(error, UnicodeError):
            raise Unreadable(f"is not written in the stated encoding ({error}); leave encoding out") from error
