"""Reading a workbook with nothing but the standard library, so that tests can count apart from the product."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# Excel's day 1 is 1900-01-01, and it counts a 29 February 1900 that never was.
_DAY_ZERO = datetime(1899, 12, 30)


def day_of(serial: str) -> date:
    """The day that a cell's number stands for.

    >>> day_of("43101")
    datetime.date(2018, 1, 1)
    """
    return (_DAY_ZERO + timedelta(days=float(serial))).date()


def records(path: Path) -> Iterator[dict[str, str]]:
    """The records of all sheets in order: trimmed header -> the cell as the file writes it, "" where blank."""
    with zipfile.ZipFile(path) as archive:
        texts = _shared_texts(archive)
        for name in _sheets(archive):
            header: dict[str, str] = {}
            for row in _rows(archive, name, texts):
                if not header:
                    header = {column: text.strip() for column, text in row.items()}
                elif any(row.values()):
                    yield {title: row.get(column, "") for column, title in header.items()}


def _shared_texts(archive: zipfile.ZipFile) -> list[str]:
    root = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
    return ["".join(part.text or "" for part in entry.iter(f"{_MAIN}t")) for entry in root.iter(f"{_MAIN}si")]


def _sheets(archive: zipfile.ZipFile) -> list[str]:
    """The files of the sheets, in the workbook's order."""
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): (link.get("Target") or "").lstrip("/") for link in links}
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    names = [targets[sheet.get(_LINK)] for sheet in book.iter(f"{_MAIN}sheet")]
    return [name if name.startswith("xl/") else f"xl/{name}" for name in names]


def _rows(archive: zipfile.ZipFile, name: str, texts: list[str]) -> Iterator[dict[str, str]]:
    """Each row: the column's letters -> the cell."""
    with archive.open(name) as stream:
        for _, row in ElementTree.iterparse(stream):
            if row.tag != f"{_MAIN}row":
                continue
            cells = {}
            for cell in row.iter(f"{_MAIN}c"):
                value = cell.find(f"{_MAIN}v")
                text = (value.text or "") if value is not None else ""
                if cell.get("t") == "s" and text:
                    text = texts[int(text)]
                cells[(cell.get("r") or "").rstrip("0123456789")] = text.strip()
            row.clear()
            yield cells
