"""Blocks of delimited text are read as record by record: the quick way and the exact one give the same cells.

The expected values are those of `csv_exact`, which reads with the csv module of the standard library and is tested
by itself in test_csv_reader.py.
"""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nonagon.imports import csv_chunks, csv_quick, csv_window
from nonagon.imports.csv_dialect import Unreadable
from nonagon.imports.csv_quick import QuickReader
from nonagon.imports.csv_reader import open_csv
from nonagon.imports.mapping import Source

Read = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], int, list[int]]


def read(path: Path, **changes: object) -> Read | str:
    """All that reading gives: rows, damaged records, blank lines, unclosed quotes."""
    source = Source.model_validate({"table": "sales", "files": "x.csv", "delimiter": ",", **changes})
    try:
        part = open_csv(path, "x.csv", source)[0]
        chunks = list(part.chunks(range(len(part.header))))
    except Unreadable as problem:
        return str(problem)
    damaged = [(one.row, one.line, one.value, one.reason) for chunk in chunks for one in chunk.damaged]
    rows = [row for chunk in chunks for row in chunk.plain.rows()]
    return rows, damaged, sum(chunk.blank_lines for chunk in chunks), part.unclosed


def read_record_by_record(path: Path, **changes: object) -> Read | str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QuickReader, "is_possible", property(lambda _: False))
        return read(path, **changes)


def both_ways(folder: Path, content: bytes, *, block: int = 64, **changes: object) -> Read | str:
    """What the quick way gives, which must be what the exact one gives. block: bytes of a block."""
    path = folder / "x.csv"
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_window, "READ", block)
        for name in ("FIRST_BLOCK", "SMALLEST_BLOCK", "LARGEST_BLOCK"):
            patch.setattr(csv_chunks, name, block)
        quick = read(path, **changes)
        assert quick == read_record_by_record(path, **changes)
    return quick


PIECES = [
    "a", "7", "word", ",", ",", ",", "\n", "\n", "\n", "\r\n", ' ', ';', "é", "名", '"', '""', '"x"', ',"y",',
    ',"two\nlines",', ',"say ""hi""",', '5" pipe', '"\n', "\r", "\0", "\n\n", ",,",
    "1,2,3\n", "4,5,6\n", "7,8\r\n",
]  # fmt: skip


@given(
    body=st.lists(st.sampled_from(PIECES), max_size=80).map("".join),
    width=st.integers(1, 4),
    block=st.sampled_from([16, 64, 1 << 16]),
    quote=st.sampled_from(['"', '"', '"', ""]),
    encoding=st.sampled_from(["utf-8", "utf-8", "utf-16", "utf-8-sig"]),
)
# What was read exactly ends where the window does, and the window where the file does.
@example(body=',"say ""hi"",,5" pipe5" pipe""\n', width=2, block=16, quote='"', encoding="utf-16")
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_stands_in_a_file_both_ways_read_it_alike(
    tmp_path: Path, body: str, width: int, block: int, quote: str, encoding: str
) -> None:
    header = ",".join("abcd"[:width])
    content = f"{header}\n{body}".encode(encoding)
    both_ways(tmp_path, content, block=block, quote=quote, encoding=encoding)


@given(
    body=st.lists(
        st.sampled_from([*(piece.encode() for piece in PIECES), b"\xe9", b"\xc3", b"\xff\n"]), max_size=60
    )
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_bytes_of_no_encoding_are_refused_alike(tmp_path: Path, body: list[bytes]) -> None:
    both_ways(tmp_path, b"a,b\n" + b"".join(body), encoding="utf-8")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_records_that_end_with_a_delimiter_are_split_at_once(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["a,b", *(f"{n},x," for n in range(50)), "51,y,z", "52,y", *(f"{n},x, " for n in range(53, 60))]
    found = both_ways(tmp_path, ending.join(lines).encode(), block=1 << 16)
    assert not isinstance(found, str)
    rows, damaged, _, _ = found
    assert [row[0] for row in rows] == [str(n) for n in (*range(50), 52, *range(53, 60))]
    assert [(line, reason) for _, line, _, reason in damaged] == [(52, "has 3 cells where the header has 2")]
    one_by_one: list[object] = []

    def counted(self: QuickReader, text: str) -> list[str]:
        one_by_one.append(text)
        return ["", ""]

    monkeypatch.setattr(QuickReader, "_record", counted)
    read(tmp_path / "x.csv")
    assert len(one_by_one) == 1  # only the one record without a delimiter at its end


def test_a_file_out_of_order_everywhere_is_still_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = "a,b\n" + "".join(f'{n},5" pipe\n' for n in range(3000)) + '9,"proper"\n'
    searched: list[int] = []
    search = csv_quick._Marks.proper_until

    def counted(self: Any, start: int) -> Any:
        searched.append(start)
        return search(self, start)

    monkeypatch.setattr(csv_quick._Marks, "proper_until", counted)
    found = both_ways(tmp_path, content.encode(), block=1 << 16)
    assert not isinstance(found, str)
    assert (len(found[0]), found[1]) == (3001, [])
    assert found[0][-1] == ("9", "proper", 3001, 3002)
    # Stretches read record by record double in length, so the file is not searched anew for each record.
    assert len(searched) < 100


def test_a_record_longer_than_a_block_is_one_record(tmp_path: Path) -> None:
    text = "x" * 500 + "\n" * 500
    found = both_ways(tmp_path, f'a,b\n1,"{text}"\n2,y\n'.encode(), block=64)
    assert not isinstance(found, str)
    assert found[0] == [("1", text, 1, 2), ("2", "y", 2, 503)]


def test_texts_that_repeat_are_kept_once(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("wave,id\n" + "".join(f"w{n % 3},i{n}\n" for n in range(1000)))
    part = open_csv(path, "x.csv", Source.model_validate({"table": "sales", "files": "x.csv"}))[0]
    (chunk,) = part.chunks([0, 1])
    assert chunk.frame.dtypes[:2] == [pl.Enum(["w0", "w1", "w2"]), pl.String]
    assert chunk.plain["c0"].to_list() == [f"w{n % 3}" for n in range(1000)]
