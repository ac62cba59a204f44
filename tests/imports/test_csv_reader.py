"""The exact reader of delimited text: proper files come back to the cell, mangled ones are accounted for."""

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nonagon.imports import csv_chunks, csv_dialect, csv_window
from nonagon.imports.csv_dialect import Unreadable
from nonagon.imports.csv_reader import open_csv
from nonagon.imports.mapping import Source
from nonagon.imports.records import Chunk, Damaged, Part


def source(**changes: object) -> Source:
    return Source.model_validate({"table": "sales", "files": "x.csv", **changes})


def opened(folder: Path, content: str | bytes, **changes: object) -> Part:
    path = folder / "x.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_csv(path, "x.csv", source(**changes))[0]


def rows_of(part: Part) -> tuple[list[tuple[object, ...]], list[Damaged], int]:
    chunks = list(part.chunks(range(len(part.header))))
    return (
        [row for chunk in chunks for row in chunk.frame.rows()],
        [record for chunk in chunks for record in chunk.damaged],
        sum(chunk.blank_lines for chunk in chunks),
    )


def texts_of(part: Part) -> list[tuple[object, ...]]:
    return [row[:-2] for row in rows_of(part)[0]]


def test_lines_are_those_that_an_editor_shows(tmp_path: Path) -> None:
    part = opened(tmp_path, 'a,b\r\n1,"x\r\ny"\r\n\r\n2,z\n3,"q""r"\r4,\n')
    rows, damaged, blank = rows_of(part)
    assert rows == [("1", "x\r\ny", 1, 2), ("2", "z", 2, 5), ("3", 'q"r', 3, 6), ("4", "", 4, 7)]
    assert (damaged, blank) == ([], 1)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1", "has 1 cell where the header has 2"),
        ("1,2,3", "has 3 cells where the header has 2"),
        ('1,"he said "hi" to me"', "a quote inside a quoted text must be doubled"),
        ("1,a\0b", "holds a NUL character"),
    ],
)
def test_a_damaged_record_is_refused_and_the_others_are_read(tmp_path: Path, line: str, reason: str) -> None:
    rows, damaged, _ = rows_of(opened(tmp_path, f"a,b\n0,before\n{line}\n2,after\n"))
    assert rows == [("0", "before", 1, 2), ("2", "after", 3, 4)]
    assert [(record.row, record.line) for record in damaged] == [(2, 3)]
    assert reason in damaged[0].reason


def test_blank_cells_beyond_the_header_carry_nothing(tmp_path: Path) -> None:
    assert texts_of(opened(tmp_path, "a;b\n1;2;\n3;4; ;\n")) == [("1", "2"), ("3", "4")]


def test_an_unclosed_quote_is_named_where_it_opens_and_every_swallowed_line_is_listed(tmp_path: Path) -> None:
    part = opened(tmp_path, 'a,b,c\n1,x,y\n2,"two\nlines","open\n3,x,y\n4,x,y\n')
    rows, damaged, _ = rows_of(part)
    assert rows == [("1", "x", "y", 1, 2)]
    assert part.unclosed == [4]
    assert [(record.line, record.value) for record in damaged] == [
        (3, '2,"two'),
        (4, 'lines","open'),
        (5, "3,x,y"),
        (6, "4,x,y"),
    ]
    assert damaged[1].reason == "the quote that opens in line 4 is never closed"


def test_a_stray_quote_swallows_no_more_than_its_own_record(tmp_path: Path) -> None:
    part = opened(tmp_path, 'a,b\n1,"open\n2,"closed"\n3,x\n')
    rows, damaged, _ = rows_of(part)
    assert rows == [("3", "x", 3, 4)]
    assert [record.line for record in damaged] == [2, 3]
    assert part.unclosed == []


def test_quotes_may_be_ordinary_characters(tmp_path: Path) -> None:
    assert texts_of(opened(tmp_path, 'a,b\n1,5" pipe\n2,"x\n', quote="")) == [("1", '5" pipe'), ("2", '"x')]


def test_quotes_may_be_escaped(tmp_path: Path) -> None:
    assert texts_of(opened(tmp_path, 'a,b\n1,"say \\"hi\\""\n', escape="\\")) == [("1", 'say "hi"')]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    lines = [["id", "text, and; more", "n"], ["1", "a, b; c", "2,5"], ["2", "d", "3,5"]]
    content = "\n".join(
        delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in line) for line in lines
    )
    assert texts_of(opened(tmp_path, content)) == [tuple(line) for line in lines[1:]]


def test_a_first_line_may_state_the_delimiter(tmp_path: Path) -> None:
    part = opened(tmp_path, "sep=;\r\na;b\r\n1,5;2\r\n")
    assert (part.header, part.header_line) == (("a", "b"), 2)
    assert rows_of(part)[0] == [("1,5", "2", 1, 3)]


def test_a_header_may_end_with_a_delimiter_that_the_records_lack(tmp_path: Path) -> None:
    rows, damaged, _ = rows_of(opened(tmp_path, "a,b,,\n1,2\n3,4,\n5,6,7\n"))
    assert rows == [("1", "2", 1, 2), ("3", "4", 2, 3)]
    assert [record.line for record in damaged] == [4]


def test_one_column_needs_no_delimiter(tmp_path: Path) -> None:
    assert texts_of(opened(tmp_path, "comment\ngood, mostly\nlate; again\n")) == [
        ("good, mostly",),
        ("late; again",),
    ]


def test_any_delimiter_can_be_stated(tmp_path: Path) -> None:
    assert texts_of(opened(tmp_path, "a~b\n1~2,3\n", delimiter="~")) == [("1", "2,3")]


UMLAUTS = "id;Straße\n1;Müller\n2;Gänse\n3;Größe und Länge\n4;für Öl\n"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("utf-32-le", "utf-32-le"),
        ("utf-32-be", "utf-32-be"),
        ("cp1252", None),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, encoding: str, found: str | None) -> None:
    part = opened(tmp_path, UMLAUTS.encode(encoding))
    assert part.header == ("id", "Straße")
    assert [row[1] for row in texts_of(part)] == ["Müller", "Gänse", "Größe und Länge", "für Öl"]
    if found:
        assert part.how == f"{found}, semicolon"


@pytest.mark.parametrize("text", ["Müller;Gänse", "it\u2019s fine;5 €", "naïve café;señor", "£5;10°", "„ja“;–"])
def test_western_text_is_told_from_the_codes_of_old_machines(tmp_path: Path, text: str) -> None:
    part = opened(tmp_path, f"a;b\n{text}\n".encode("cp1252"))
    assert texts_of(part) == [tuple(text.split(";"))]


def test_one_broken_character_does_not_turn_a_utf8_file_into_another(tmp_path: Path) -> None:
    content = UMLAUTS.encode() + b"5;Stra\xdfe\n6;\xc3\xa4\n"
    rows, damaged, _ = rows_of(opened(tmp_path, content))
    assert [row[1] for row in rows] == ["Müller", "Gänse", "Größe und Länge", "für Öl", "ä"]
    assert [(record.line, record.value) for record in damaged] == [(6, "5;Stra\ufffde")]
    assert "bytes that are not utf-8" in damaged[0].reason


def test_a_wrong_stated_encoding_refuses_the_records_that_it_cannot_read(tmp_path: Path) -> None:
    rows, damaged, _ = rows_of(opened(tmp_path, "a,b\n1,x\n2,é\n".encode("cp1252"), encoding="utf-8"))
    assert rows == [("1", "x", 1, 2)]
    assert [record.line for record in damaged] == [3]


def test_gzip_is_known_by_its_bytes(tmp_path: Path) -> None:
    assert texts_of(opened(tmp_path, gzip.compress(b"a,b\n1,2\n"))) == [("1", "2")]


def test_a_gzip_file_that_is_cut_short_is_unreadable(tmp_path: Path) -> None:
    text = "\n".join(f"{n},{n * n}" for n in range(20000))
    content = gzip.compress(f"a,b\n{text}\n".encode())
    with pytest.raises(Unreadable, match="damaged gzip"):
        rows_of(opened(tmp_path, content[: len(content) // 2]))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("a,b\n", "a header and no records"),
        ("a,b\r\n\r\n\n", "a header and no records"),
        ("\n\n", "has no header"),
        (",,\n1,2,3\n", "has no header"),
        ('a,"b\n1,2\n', "a quote opens in it"),
        (b"PK\x03\x04rest", "is no text"),
    ],
)
def test_a_file_without_records_is_unreadable(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        opened(tmp_path, content)


def test_the_header_may_stand_lower_or_nowhere(tmp_path: Path) -> None:
    part = opened(tmp_path, 'Report "of" May\n\na,b\n1,2\n', header_row=3)
    assert (part.header, part.header_line) == (("a", "b"), 3)
    assert rows_of(part)[0] == [("1", "2", 1, 4)]
    part = opened(tmp_path, "1,2\n3,4\n", header_row=0)
    assert part.header == ("#1", "#2")
    assert rows_of(part)[0] == [("1", "2", 1, 1), ("3", "4", 2, 2)]


def test_headers_are_trimmed(tmp_path: Path) -> None:
    assert opened(tmp_path, "\ufeff Min  Delay ,\u200bRoute\n1,2\n".encode()).header == ("Min Delay", "Route")


def test_chunks_go_on_counting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_window, "READ", 4096)
    monkeypatch.setattr(csv_chunks, "FIRST_BLOCK", 4096)
    monkeypatch.setattr(csv_chunks, "LARGEST_BLOCK", 4096)
    lines = [f'{n},"x\ny"' if n % 7 == 0 else (f"{n}" if n % 11 == 0 else f"{n},z") for n in range(1, 5001)]
    part = opened(tmp_path, "a,b\n" + "\n".join(lines) + "\n")
    chunks: list[Chunk] = list(part.chunks([0]))
    assert len(chunks) > 4
    assert chunks[-1].done == 1.0
    assert sum(chunk.records for chunk in chunks) == 5000
    rows = [row for chunk in chunks for row in chunk.frame.rows()]
    # The nth record has number n, and stands n lines below the header plus one for each broken line before.
    assert all(row[1] == int(row[0]) and row[2] == 1 + row[1] + (row[1] - 1) // 7 for row in rows)


def test_a_cell_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_dialect, "LONGEST_CELL", 1000)
    part = opened(tmp_path, 'a,b\n1,"' + "x\n" * 800 + "2,y\n3,z\n")
    rows, damaged, _ = rows_of(part)
    assert rows[-1][:2] == ("3", "z")
    assert "longer than 1,000 characters" in damaged[0].reason


# --- properties

plain = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0\x1f"), max_size=8)
cell = st.one_of(
    plain, st.sampled_from(["", '"', "a,b", "x\ny", "x\r\ny", "\r", ' "q" ', "1;2", "\t", "ü€", "名"])
)


@given(
    rows=st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1)
    ),
    delimiter=st.sampled_from([",", ";", "\t", "|", "~"]),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    quote_all=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32-be"]),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_proper_file_comes_back_to_the_cell(
    tmp_path: Path, rows: list[list[str]], delimiter: str, ending: str, quote_all: bool, encoding: str
) -> None:
    def written(text: str) -> str:
        needs_quotes = quote_all or not text or any(mark in text for mark in (delimiter, '"', "\r", "\n"))
        return '"' + text.replace('"', '""') + '"' if needs_quotes else text

    lines = [[f"h{place}" for place in range(len(rows[0]))], *rows]
    content = ending.join(delimiter.join(written(text) for text in line) for line in lines)
    part = opened(tmp_path, content.encode(encoding), delimiter=delimiter, encoding=encoding)
    found, damaged, _ = rows_of(part)
    assert damaged == []
    assert [list(row[:-2]) for row in found] == rows


piece = st.sampled_from(
    ["a", "7", '"', '"', ",", ",", "\n", "\n", "\r\n", "\r", "\0", ";", " ", "é", '""', '"\n', "\t"]
)


@given(body=st.lists(piece, max_size=60).map("".join), width=st.integers(1, 3))
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_line_of_a_mangled_file_is_a_records_or_blank_or_damaged(
    tmp_path: Path, body: str, width: int
) -> None:
    header = ",".join("abc"[:width])
    content = f"{header}\n{body}"
    try:
        part = opened(tmp_path, content, delimiter=",", encoding="utf-8")
        found, damaged, blank = rows_of(part)
    except Unreadable:
        assert not body.strip("\r\n")
        return
    numbers = sorted([row[-2] for row in found] + [record.row for record in damaged])
    assert numbers == list(range(1, len(numbers) + 1))
    physical = len(list(io.StringIO(content, newline="")))
    # A good record takes as many lines as its cells have line ends, and one. Damaged records that hold a NUL or
    # are ragged were split, so theirs are counted in their raw text; the others are listed line by line.
    spans = sum(1 + sum(_line_ends(str(text)) for text in row[:-2]) for row in found)
    spans += sum(1 + _line_ends(record.value) for record in damaged)
    assert 1 + blank + spans == physical


def _line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


@given(content=st.binary(min_size=1, max_size=300))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_bytes_make_it_fail(tmp_path: Path, content: bytes) -> None:
    try:
        found, damaged, _ = rows_of(opened(tmp_path, content))
    except Unreadable:
        return
    numbers = sorted([row[-2] for row in found] + [record.row for record in damaged])
    assert numbers == list(range(1, len(numbers) + 1))
