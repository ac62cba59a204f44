"""Files as other people's tools write them: every delimiter, encoding and line end, and a workbook.

Nothing here depends on the clock, so the same world gives the same bytes.
"""

import csv
import gzip
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

Cell = str | int | float | date
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_EXCEL_DAY_ZERO = date(1899, 12, 30)


@dataclass(frozen=True)
class Dialect:
    """How one tool writes text tables."""

    delimiter: str = ","
    encoding: str = "utf-8"
    newline: str = "\n"


@dataclass
class Folder:
    """Where the exports go; keeps what was written for the closing report."""

    path: Path
    written: list[tuple[str, int, int]] = field(default_factory=list)

    def text(self, name: str, header: Sequence[str], rows: Iterable[Sequence[str]], dialect: Dialect) -> None:
        """A text table; a name that ends in .gz is compressed, without a time in it."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=dialect.delimiter, lineterminator=dialect.newline)
        writer.writerow(header)
        count = 0
        for row in rows:
            writer.writerow(row)
            count += 1
        content = buffer.getvalue().encode(dialect.encoding)
        if name.endswith(".gz"):
            content = gzip.compress(content, 6, mtime=0)
        self._keep(name, content, count)

    def workbook(self, name: str, sheets: Mapping[str, tuple[Sequence[str], Sequence[Sequence[Cell]]]]) -> None:
        """An Excel workbook: sheet name -> (header, rows)."""
        self._keep(name, workbook(sheets), sum(len(rows) for _, rows in sheets.values()))

    def _keep(self, name: str, content: bytes, rows: int) -> None:
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self.written.append((name, rows, len(content)))


def workbook(sheets: Mapping[str, tuple[Sequence[str], Sequence[Sequence[Cell]]]]) -> bytes:
    """The bytes of a small Office Open XML workbook with text, numbers and dates."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    numbers = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
            for n in numbers
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        + "".join(
            f'<sheet name="{escape(title)}" sheetId="{n}" r:id="rId{n}"/>'
            for n, title in zip(numbers, sheets, strict=True)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in numbers
        )
        + f'<Relationship Id="rId{len(sheets) + 1}" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        # Style 1 is a date (number format 14).
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><fonts count="1"><font/></fonts>'
        '<fills count="1"><fill/></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="2"><xf/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }
    for number, (header, rows) in zip(numbers, sheets.values(), strict=True):
        parts[f"xl/worksheets/sheet{number}.xml"] = _sheet(main, [header, *rows])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, xml in parts.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + xml)
    return buffer.getvalue()


def _sheet(namespace: str, rows: Sequence[Sequence[Cell]]) -> str:
    lines = (
        f'<row r="{r}">' + "".join(_cell(f"{_letter(c)}{r}", value) for c, value in enumerate(row)) + "</row>"
        for r, row in enumerate(rows, start=1)
    )
    return f'<worksheet xmlns="{namespace}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(place: str, value: Cell) -> str:
    if isinstance(value, date):
        return f'<c r="{place}" s="1"><v>{(value - _EXCEL_DAY_ZERO).days}</v></c>'
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def _letter(column: int) -> str:
    return chr(ord("A") + column)
