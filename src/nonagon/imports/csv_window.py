"""The bytes of a delimited text file as UTF-8, a window at a time, with the number of the line that comes next."""

import codecs
import re
from pathlib import Path
from typing import Any, BinaryIO

from nonagon.imports.encodings import HANDLER, open_bytes, open_text

_LINE_END = re.compile(rb"\r\n|\n|\r")
READ = 1 << 16


class Window:
    """What of a file lies in memory. `data[at:]` is not read yet; `line` is the physical line at `at`, from 1.

    A file in another encoding is written anew as UTF-8. Bytes that are not of the encoding stay no UTF-8, so that
    whoever reads the window finds them; `readline` gives them as `BROKEN`.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        self._size = max(1, path.stat().st_size)
        self._is_utf8 = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")
        self._stream: Any = open_bytes(path) if self._is_utf8 else open_text(path, encoding)
        self.data, self.at, self.line, self.ended = b"", 0, 1, False
        self.turned = 0  # how often `data` was replaced: offsets into it hold until then
        self.fill(READ)
        if codecs.lookup(encoding).name == "utf-8-sig" and self.data.startswith(codecs.BOM_UTF8):
            self.at = len(codecs.BOM_UTF8)

    def __enter__(self) -> "Window":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    @property
    def is_empty(self) -> bool:
        """Whether all is read."""
        return self.ended and self.at >= len(self.data)

    @property
    def done(self) -> float:
        """The share of the file that has come into the window."""
        stream: BinaryIO = self._stream if self._is_utf8 else self._stream.buffer
        below = getattr(stream, "fileobj", None) or stream
        return min(1.0, below.tell() / self._size)

    def fill(self, size: int) -> None:
        """Sees to it that `size` bytes, or all that are left, lie from `at` on."""
        missing = size - (len(self.data) - self.at)
        if self.ended or missing <= 0:
            return
        pieces = [self.data[self.at :]]
        while missing > 0:
            piece = self._read(missing)
            if not piece:
                self.ended = True
                break
            pieces.append(piece)
            missing -= len(piece)
        self.data, self.at = b"".join(pieces), 0
        self.turned += 1

    def _read(self, size: int) -> bytes:
        if self._is_utf8:
            return bytes(self._stream.read(size))
        text: str = self._stream.read(size)
        # BROKEN is a lone surrogate: written so, it is no UTF-8.
        return text.encode("utf-8", "surrogatepass")

    def skip_to(self, offset: int, lines: int) -> None:
        """Goes on to an offset in `data`, `lines` lines further."""
        self.at, self.line = offset, self.line + lines

    def readline(self) -> str:
        """The next physical line with its end; "" at the end of the file."""
        searched = self.at
        while True:
            found = _LINE_END.search(self.data, searched)
            # A carriage return at the end of the window may have its line feed in what follows.
            is_whole = found is not None and (found.end() < len(self.data) or self.ended or found[0] != b"\r")
            if is_whole or self.ended:
                break
            searched = max(len(self.data) - self.at - 1, 0)
            self.fill(len(self.data) - self.at + READ)
        end = found.end() if found else len(self.data)
        if end == self.at:
            return ""
        raw = self.data[self.at : end]
        self.skip_to(end, 1)
        return self._decoded(raw)

    def _decoded(self, raw: bytes) -> str:
        if self._is_utf8:
            return raw.decode("utf-8", HANDLER)
        return raw.decode("utf-8", "surrogatepass")


def broken_at(data: bytes, start: int, *, ended: bool) -> int | None:
    """The offset of the first byte from `start` on that is no UTF-8; None where there is none.

    ended: nothing follows `data`, so that a character cut short at its end is broken too.

    >>> broken_at(b"caf\\xc3\\xa9 caf\\xe9 ", 0, ended=True), broken_at(b"caf\\xc3", 0, ended=False)
    (9, None)
    """
    try:
        codecs.utf_8_decode(memoryview(data)[start:], "strict", ended)
    except UnicodeDecodeError as error:
        return start + error.start
    return None
