"""Which encoding a text file has, found from its bytes, and how its broken characters are marked.

A file is UTF-8 when it says so (byte order mark) or when all of it reads as UTF-8; UTF-16 and UTF-32
without a mark show by their zero bytes; only what is left is guessed.
"""

import codecs
import gzip
import io
import re
from pathlib import Path
from typing import BinaryIO, TextIO, cast

SAMPLE = 1 << 16
# A character that no proper text holds: it marks where the bytes were not of the encoding.
BROKEN = "\udcff"
HANDLER = "nonagon-mark-broken"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_COMMON = ["cp1252", "latin_1", "cp1250", "cp1251", "cp1253", "cp1254", "cp1256", "mac_roman", "gb18030",
           "shift_jis", "euc_kr", "big5", "cp437", "cp850"]  # fmt: skip


# Euro, quotes, dots, dashes, hard blank, pound, section, marks, degree: what cp1252 has between 80 and BF.
_WESTERN_SIGNS = frozenset(
    b"\x80\x82\x84\x85\x8a\x91\x92\x93\x94\x95\x96\x97\x9a\xa0\xa3\xa7\xa9\xab\xae\xb0\xb2\xb4\xb7\xbb"
)


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return BROKEN, max(error.end, error.start + 1)


codecs.register_error(HANDLER, _mark)


def open_bytes(path: Path) -> BinaryIO:
    """The file's bytes, unpacked where they are gzip (whatever the file's ending says)."""
    with path.open("rb") as start:
        packed = start.read(2) == b"\x1f\x8b"
    return cast("BinaryIO", gzip.open(path, "rb")) if packed else path.open("rb")


def open_text(path: Path, encoding: str) -> TextIO:
    """The file's text with its line ends as they are; what is not of the encoding becomes `BROKEN`."""
    return io.TextIOWrapper(open_bytes(path), encoding=encoding, errors=HANDLER, newline="")


def encoding_of(path: Path, *, whole: bool = True) -> str:
    """The encoding that the file most probably has, by all of its bytes or only by its start."""
    with open_bytes(path) as stream:
        start = stream.read(SAMPLE)
        marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
        return marked or _by_zero_bytes(start) or _utf8_or_guess(start, stream if whole else io.BytesIO())


def _by_zero_bytes(start: bytes) -> str | None:
    """UTF-16 and UTF-32 of mostly Latin text have zero bytes at every second, or at three of four places."""
    start = start[:4096]
    if len(start) < 8 or b"\0" not in start:
        return None
    quarter = len(start) // 4
    zeros = [start[place::4].count(0) for place in range(4)]
    many = [count > 0.7 * quarter for count in zeros]
    few = [count < 0.3 * quarter for count in zeros]
    patterns = {
        "utf-32-le": (False, True, True, True),
        "utf-32-be": (True, True, True, False),
        "utf-16-le": (False, True, False, True),
        "utf-16-be": (True, False, True, False),
    }
    for name, pattern in patterns.items():
        if all((many if wanted else few)[place] for place, wanted in enumerate(pattern)):
            return name
    return None


def _utf8_or_guess(start: bytes, stream: BinaryIO) -> str:
    """UTF-8 where nearly all beyond ASCII reads as such; a file with a few broken characters stays UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors=HANDLER)
    block, beyond, broken, sample = start, 0, 0, b""
    while True:
        text = decoder.decode(block)
        if not text.isascii():
            wrong = text.count(BROKEN)
            broken += wrong
            beyond += len(re.findall(r"[^\x00-\x7f]", text)) - wrong
            if wrong and len(sample) < SAMPLE:
                sample += b"\n".join(line for line in block.splitlines() if not line.isascii())
        if not block:
            break
        block = stream.read(1 << 20)
    if broken == 0 or beyond > 4 * broken:
        return "utf-8"
    return _guess(sample[: 4 * SAMPLE])


def _guess(sample: bytes) -> str:
    """Western text, by far the most common, is known by single letters beyond ASCII among those of ASCII."""
    high = [place for place, byte in enumerate(sample) if byte >= 0x80]
    places = set(high)
    alone = [place for place in high if place - 1 not in places and place + 1 not in places]
    western = [place for place in alone if sample[place] >= 0xC0 or sample[place] in _WESTERN_SIGNS]
    if high and len(western) >= 0.8 * len(high):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_COMMON).best()
    return best.encoding if best is not None else "cp1252"
