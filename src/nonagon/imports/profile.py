"""What stands in the columns of a file: kinds of values, scales, dates, and what each column seems to be for."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonagon.imports.codes import Suspect, suspects
from nonagon.imports.mapping import Rules
from nonagon.imports.records import LINE, Part, cell_name
from nonagon.imports.rules import VALUES, Type, as_text, outcome
from nonagon.imports.spelling import is_short_code, means_no_value
from nonagon.imports.summaries import FEWEST_RECORDS, kind_without_name, summaries

if TYPE_CHECKING:
    import polars as pl

SAMPLE_RECORDS = 5000
MOST = 0.9
USUAL_SCALES = ((1, 5), (1, 7), (1, 10), (0, 10))
SCALES = (*USUAL_SCALES, (1, 4), (1, 3))

# Words of headers by role, in the order in which a role chooses: the first that fits a column wins it.
WORDS: dict[str, str] = {
    "respondent": r"respondent|respnum|response ?id|resp ?id|interview ?id|case ?id|submission|participant|"
    r"teilnehmer|befragte|fragebogen|bogen ?n|antwort ?id|r[ée]pondant|encuestado|deelnemer",
    "kind": r"^kind$|^type$|internal",
    "sale": r"invoice|order|receipt|transaction|basket|sale ?id|bill|ticket ?no|rechnung|beleg",
    "customer": r"customer|cust|client|member|household|account|reviewer|guest|passenger|patient|kund|konto|user",
    "verbatim": r"review ?id|comment ?id|feedback ?id|complaint ?id|^id$",
    "wave": r"^wave$|^round$|survey ?year|^quarter$",
    "date": r"date|datum|zeitpunkt|day$|when|timestamp|submitted|completed|created|since|^at$",
    "time": r"^time$|time of day|uhrzeit",
    "weight": r"^weight$|^wt$|survey weight|weighting",
    "item": r"^item$|\bquestion\b|^measure$|characteristic|metric|indicator",
    "score": r"score|rating|^answer$|points",
    "amount": r"amount|total|revenue|turnover|sales|umsatz|betrag|net ?value|paid|spend",
    "quantity": r"quantity|qty|\bunits|pieces|menge|anzahl|\bcounts?\b|st(?:ü|ue?)ck(?!preis)|\bstk\b|quantit[éà]|"
    r"\bqt[éeà]\b|\bnombre\b|cantidad|quantidade|aantal|hoeveelheid|\bstuks\b|\bantal\b|\bantall\b|m[äa]ngd|ilo[śs][ćc]|"
    r"количество|кол во|miktar|\badet\b|كمية|عدد|数量|個数|수량",
    "price": r"price|unit ?cost|preis",
    "product": r"product|sku|stock|article|artikel|line$|linie",
    "seller": r"operator|seller|competitor|company|brand|vendor|supplier",
    "language": r"^lang",
    "channel": r"channel|source",
    "subgroup": r"subgroup|sample|batch|lot$",
    "phase": r"phase|stage|period",
    "size": r"inspected|sample ?size|^n$|denominator|trips",
    "value": r"^value$|^measurement$|reading",
    "measure": r"delay|duration|minutes|seconds|wait|temperature|length|diameter|defect|error|complaint",
}
COMMENT = (
    r"\b(comments?|feedback|remarks?|suggest\w*|improve\w*|complaints?|verbatim|opinion|reason|why|other|"
    r"explain|say|text)\b"
)
# What a survey also asks in small whole numbers, and what is no score.
NO_SCORE = (
    r"\b(age|gender|sex|zip|year|month|gate|income|region|terminal|counts?|number|nights|beds|rooms|bedrooms|"
    r"bathrooms|children|persons|people|pieces|accommodates)\b"
)
# Questions by what they ask, where the scale may be another than that of the questions around them.
RECOMMENDS = r"recommend|\bnps\b|empfehl|recommand|recomend|raccomand|aanbevel|polec|أوصي|التوصية|推荐|推薦"
ON_THE_WHOLE = r"\boverall\b|\bwhole\b|\bgeneral\b|gesamt|\bglobale?\b|ensemble|en general|complessiv|algemeen"
RATES = r"satisf|\brating\b|zufrieden|tevreden|soddisf|الرضا"
# Headers of a table that describes another one.
NAMES_FIELD = r"\b(field|column|variable|attribute|feature|feld|spalte|merkmal|champ|campo|colonne|veld)"
DESCRIBES = (
    r"descri|definition|meaning|explanation|beschreibung|bedeutung|erl[äa]uterung|erkl[äa]rung|d[ée]finition|"
    r"signification|significado|omschrijving|betekenis|وصف"
)
MOST_FIELDS = 300
_NUMBER_MARKS = ((".", ""), (",", ""), (".", ","), (",", "."), (",", " "))
_SIGNS = ("$", "€", "£", "%", "EUR", "USD", "GBP", "CHF")


@dataclass(slots=True)
class Column:
    """One column of a sample. numbers, dates: the rules under which it reads as such; None where it does not."""

    name: str
    texts: "pl.Series"
    native: bool
    blank: int = 0
    distinct: int = 0
    mean_length: float = 0.0
    markers: tuple[str, ...] = ()
    numbers: dict[str, Any] | None = None
    dates: dict[str, Any] | None = None
    order_is_open: bool = False
    whole: tuple[tuple[int, int], ...] = ()
    filled: int = 0
    wholes_as_decimals: bool = False
    has_fractions: bool = False
    suspects: tuple[Suspect, ...] = ()

    @property
    def words(self) -> set[str]:
        """The header's words in small letters."""
        return set(re.findall(r"[a-zäöüß]+", _spread(self.name).lower()))

    @property
    def is_number(self) -> bool:
        """Whether nearly every filled cell is a number."""
        return self.numbers is not None and not self.is_date

    @property
    def is_date(self) -> bool:
        """Whether nearly every filled cell is a day or a moment."""
        return self.dates is not None

    @property
    def is_id(self) -> bool:
        """Whether the column looks like a key: whole numbers or short texts, hardly ever the same."""
        return (
            self.filled > 0
            and not self.is_date
            and self.distinct >= 0.95 * self.filled
            and self.mean_length <= 40
            and not self.has_fractions
        )

    @property
    def is_text(self) -> bool:
        """Whether the column holds sentences."""
        is_long = self.mean_length >= 25 and self.distinct > 0.3 * self.filled
        return is_long and not self.is_number and not self.is_date and not self.is_machine_made

    @property
    def is_machine_made(self) -> bool:
        """Whether the column holds addresses, or lists and tables of a program."""
        made = self.texts.drop_nulls().head(100).str.contains(r"^(?:https?://|\[|\{)")
        return made.len() > 0 and made.sum() > 0.5 * made.len()

    @property
    def is_comment(self) -> bool:
        """Whether the header says that customers speak here."""
        return bool(re.search(COMMENT, _spread(self.name), re.IGNORECASE))

    @property
    def is_category(self) -> bool:
        """Whether the column has few different values, each of them often."""
        return 2 <= self.distinct <= 30 and self.distinct <= max(2, self.filled // 5) and not self.is_date

    @property
    def scale(self) -> tuple[int, int]:
        """The scale that the whole numbers, taken by themselves, seem to lie on."""
        return _scale([value for value, _ in self.whole])

    @property
    def is_likert(self) -> bool:
        """Whether the column may hold answers on a scale: few small whole numbers, each used repeatedly."""
        if not self.whole or self.filled < 10 or not 3 <= len(self.whole) <= 14 or self.numbers != {}:
            return False
        is_other = re.search(rf"{WORDS['weight']}|{NO_SCORE}", _spread(self.name), re.IGNORECASE)
        # A list of codes goes on past ten; a code for "no answer" is 88 or 99, or negative.
        goes_on = any(10 < value < 66 for value, _ in self.whole)
        return not is_other and not goes_on and self.share_on((0, 10)) >= 0.5

    def share_on(self, scale: tuple[int, int]) -> float:
        """The share of the filled cells that lie on a scale."""
        return sum(count for value, count in self.whole if scale[0] <= value <= scale[1]) / max(self.filled, 1)

    def fits(self, scale: tuple[int, int]) -> bool:
        """Whether the numbers can lie on a scale of which the lower answers hardly ever occur."""
        reaches_top = any(value == scale[1] for value, _ in self.whole)
        return reaches_top and self.share_on(scale) >= 0.9 and len(self.codes_on(scale)) <= 4

    def codes_on(self, scale: tuple[int, int]) -> tuple[int, ...]:
        """The numbers outside a scale."""
        return tuple(value for value, _ in self.whole if not scale[0] <= value <= scale[1])

    def rules_for(self, type: str) -> dict[str, Any]:  # noqa: A002
        """The rules under which the column reads as `type`."""
        if type == "number":
            return dict(self.numbers or {})
        if type in ("date", "timestamp"):
            return dict(self.dates or {})
        return {"whole": True} if self.wholes_as_decimals else {}

    def describe(self) -> str:
        """What is in it, in a few words."""
        kind = "dates" if self.is_date else "numbers" if self.is_number else "texts"
        example = next(iter(self.texts.drop_nulls()), "")
        shown = re.sub(r"\s+", " ", example)[:30]
        return f"{self.distinct} different {kind}, such as {shown!r}" if self.filled else "always blank"


@dataclass(frozen=True, slots=True)
class SummedUp:
    """A row at the end that is no record: the column and the text that say so, its kind, its line.

    text: "" where it has no name, and the column, which names the records, is blank in it; least: the least
    number in that column, where it holds numbers.
    """

    column: str
    text: str
    kind: str
    line: int | None
    least: float | None = None


@dataclass(slots=True)
class Profile:
    """One file: its columns and the role of each; headers: of all its sheets."""

    file: str
    reader: str
    sheets: tuple[str, ...]
    encoding: str
    records: int
    columns: list[Column]
    headers: tuple[tuple[str, ...], ...] = ()
    roles: dict[str, Column] = field(default_factory=dict)
    summed_up: tuple[SummedUp, ...] = ()

    @property
    def describing(self) -> tuple[str, str] | None:
        """The two columns that make this a description of other files: names of fields, and what they mean."""
        if self.records > MOST_FIELDS or any(column.is_date for column in self.columns):
            return None
        about = r"readme|read me|liesmich|code ?book|codebuch|dictionary|metadata|data ?dict|legende?$"
        is_named_so = re.search(about, _spread(Path(self.file).name.split(".")[0]), re.IGNORECASE)
        meanings = [one for one in self.columns if says(DESCRIBES, one.name) and one.mean_length >= 10]
        fields = [
            one
            for one in self.columns
            if (says(NAMES_FIELD, one.name) or (is_named_so and one is self.columns[0]))
            and one.distinct == one.filled
            and not one.is_number
            and one.mean_length <= 40
        ]
        pairs = [(one.name, other.name) for one in fields for other in meanings if one.name != other.name]
        return pairs[0] if pairs else None

    @property
    def texts(self) -> list[Column]:
        """The columns that hold sentences, the longest first."""
        return sorted((one for one in self.columns if one.is_text), key=lambda one: -one.mean_length)

    def role(self, name: str) -> Column | None:
        """The column that seems to play a role."""
        return self.roles.get(name)


def profile(file: str, reader: str, parts: Sequence[Part]) -> Profile:
    """What a file's first part holds, by some thousand records."""
    part = parts[0]
    wanted = [place for place, title in enumerate(part.header) if title and part.header.count(title) == 1]
    chunk = next(iter(part.chunks(wanted)))
    frame = chunk.plain
    summed_up: tuple[SummedUp, ...] = ()
    if chunk.done >= 1:
        frame, summed_up = _without_summaries(frame, part.header, wanted)
    frame = frame.head(SAMPLE_RECORDS)
    columns = [_column(part.header[place], frame[cell_name(place)]) for place in wanted]
    encoding = part.how.split(",", maxsplit=1)[0] if reader == "csv" else ""
    found = Profile(file, reader, tuple(one.sheet for one in parts if one.sheet), encoding, frame.height, columns)
    found.headers = tuple(dict.fromkeys(one.header for one in parts))
    found.summed_up = summed_up
    found.roles = _roles(found)
    return found


def _without_summaries(
    frame: "pl.DataFrame", header: Sequence[str], wanted: Sequence[int]
) -> "tuple[pl.DataFrame, tuple[SummedUp, ...]]":
    """The records without the rows at the end that only sum them up, and those rows."""
    found = summaries([frame[cell_name(place)] for place in wanted])
    named = tuple(
        SummedUp(header[wanted[one.position]], one.text, one.kind, frame[LINE][one.row]) for one in found
    )
    if wanted and not found and FEWEST_RECORDS < frame.height <= SAMPLE_RECORDS:
        columns = [_column(header[place], frame[cell_name(place)]) for place in wanted]
        kind = kind_without_name([_numbers_of(column) for column in columns], columns[0].texts)
        if kind:
            numbers = _numbers_of(columns[0])
            least = None if numbers is None else float(numbers.min())  # type: ignore[arg-type]
            return frame.head(frame.height - 1), (SummedUp(columns[0].name, "", kind, frame[LINE][-1], least),)
    return frame.head(frame.height - len(found)), named


def _numbers_of(column: Column) -> "pl.Series | None":
    """The column's cells as numbers, null where there is none; None where it holds something else."""
    if not column.is_number:
        return None
    read = outcome(column.texts, type="number", rules=Rules.model_validate(column.numbers)).value
    # Whole numbers show no decimal mark, the mean below them does.
    with_comma = outcome(column.texts, type="number", rules=Rules(decimal=",")).value
    return read.fill_null(with_comma)


def _column(name: str, cells: "pl.Series") -> Column:
    import polars as pl

    texts = as_text(cells)
    column = Column(name, texts, native=cells.dtype != pl.String)
    seen = texts.drop_nulls().unique().to_list() if not column.native else []
    markers = sorted(text for text in seen if means_no_value(text))
    _read_without(column, cells, markers)
    if column.numbers is None and column.dates is None and any(map(is_short_code, markers)):
        # Among texts, ND may be a state; among numbers, it is none.
        _read_without(column, cells, [text for text in markers if not is_short_code(text)])
    if column.numbers is not None and column.dates is None:
        filled = column.texts.filter(_is_filled(column))
        _whole_numbers(column, filled if not column.native else cells.drop_nulls())
    return column


def _is_filled(column: Column) -> "pl.Series":
    return ~column.texts.is_in(list(column.markers)).fill_null(True)


def _read_without(column: Column, cells: "pl.Series", markers: Sequence[str]) -> None:
    """What the cells are when those in `markers` count as blank."""
    column.markers = tuple(markers)
    filled = column.texts.filter(_is_filled(column))
    column.filled, column.blank = filled.len(), cells.len() - filled.len()
    column.distinct = filled.n_unique()
    column.mean_length = float(filled.str.len_chars().mean() or 0)  # type: ignore[arg-type]
    column.numbers, column.dates = None, None
    if filled.len():
        sample = filled if not column.native else cells.drop_nulls()
        column.numbers = _as_numbers(sample)
        column.dates, column.order_is_open = _as_dates(sample)


def _as_numbers(cells: "pl.Series") -> dict[str, Any] | None:
    """The rules under which nearly all cells are numbers, the plainest first."""
    text = as_text(cells)
    signs = [sign for sign in _SIGNS if text.str.contains(sign, literal=True).any()]
    for strip in dict.fromkeys([(), tuple(signs)]):
        for decimal, thousands in _NUMBER_MARKS:
            rules = Rules.model_validate({"strip": list(strip), "decimal": decimal, "thousands": thousands})
            if _share(cells, "number", rules) >= MOST:
                said: dict[str, Any] = {"strip": list(strip)} if strip else {}
                said |= {"decimal": decimal} if decimal != "." else {}
                return said | ({"thousands": thousands} if thousands else {})
    return None


def _as_dates(cells: "pl.Series") -> tuple[dict[str, Any] | None, bool]:
    """The rules under which nearly all cells are dates, and whether the order of day and month is open."""
    plain = Rules()
    # A bare whole number of eight digits would pass for a date, and so would a year's number among ids.
    if cells.dtype.is_numeric() or _share(cells, "number", plain) >= MOST:
        text = as_text(cells)
        is_compact = text.str.contains(r"^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$").all()
        return ({}, False) if is_compact and cells.len() >= 5 else (None, False)
    if _share(cells, "timestamp", plain) >= MOST:
        return {}, False
    shares = {
        order: _share(cells, "timestamp", Rules.model_validate({"date_order": order}))
        for order in ("day-first", "month-first", "year-first")
    }
    best = max(shares, key=lambda order: shares[order])
    if shares[best] < MOST:
        return None, False
    is_open = best == "day-first" and shares["month-first"] == shares["day-first"]
    return {"date_order": best}, is_open


def _share(cells: "pl.Series", type: Type, rules: Rules) -> float:  # noqa: A002
    read = outcome(cells, type=type, rules=rules)
    return float(read.code.is_in([int(code) for code in VALUES]).mean() or 0)  # type: ignore[arg-type]


def _whole_numbers(column: Column, cells: "pl.Series") -> None:
    rules = Rules.model_validate(column.numbers or {})
    values = outcome(cells, type="number", rules=rules).value.drop_nulls()
    column.suspects = suspects(values)
    column.has_fractions = not (values == values.round(0)).all()
    if column.has_fractions or values.abs().max() > 1e15:  # type: ignore[operator]
        return
    column.wholes_as_decimals = bool(as_text(cells).str.contains(r"^[+-]?\d+\.0+$").any()) and not column.native
    counted = values.cast(int).value_counts(sort=False).sort(values.name)
    column.whole = tuple((int(value), int(count)) for value, count in counted.head(200).iter_rows())


def _scale(seen: Sequence[int]) -> tuple[int, int]:
    """The likeliest scale for the numbers seen.

    A number beyond a gap is a code. 0 and 6 around 1 to 5, and 0 or 8 and 9 around 1 to 7, are codes too: such
    scales are common, and scales from 0 to 6 or 0 to 9 are rare.
    """
    core = sorted({value for value in seen if 0 <= value <= 10})
    if not core:
        return 0, 0
    if 10 in core and len(core) >= 6:
        return (0 if 0 in core else 1), 10
    top = max((value for value in core if value - 1 in core), default=core[-1])
    high = 5 if top in (5, 6) else 7 if top in (7, 8) else top
    return (1 if 1 in core else core[0]), high


def _roles(found: Profile) -> dict[str, Column]:
    roles: dict[str, Column] = {}
    taken: set[str] = set()
    for role, pattern in WORDS.items():
        for column in found.columns:
            if column.name in taken or not re.search(pattern, _spread(column.name), re.IGNORECASE):
                continue
            if _can_be(role, column, found):
                roles[role] = column
                taken.add(column.name)
                break
    if "date" not in roles:
        dates = [column for column in found.columns if column.is_date and column.name not in taken]
        if dates:
            roles["date"] = dates[0]
    return roles


def says(pattern: str, name: str) -> bool:
    """Whether a header, its words apart, holds a pattern."""
    return bool(re.search(pattern, _spread(name), re.IGNORECASE))


def _spread(name: str) -> str:
    """A header with its words apart: InvoiceNo, invoice_no and INVOICE.NO read alike."""
    composed = unicodedata.normalize("NFC", name)
    return re.sub(r"[_.\-/]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", composed)).strip()


def _can_be(role: str, column: Column, found: Profile) -> bool:
    """Whether a column's values allow a role."""
    is_key = column.distinct >= 0.95 * found.records and column.blank == 0
    is_name = not column.is_date and not column.has_fractions and column.mean_length <= 40 and column.distinct > 2
    allowed = {
        "date": column.is_date,
        "respondent": is_name and column.blank == 0,
        "kind": set(column.texts.drop_nulls()) <= {"external", "internal"},
        "verbatim": is_key,
        "customer": is_name,
        "sale": is_name,
        "time": not column.is_number,
        "wave": column.distinct <= 60,
        "amount": column.is_number and not (column.is_id and not column.has_fractions),
        **dict.fromkeys(("weight", "score", "quantity", "price", "size", "value", "measure"), column.is_number),
    }
    return column.filled > 0 and allowed.get(role, not column.is_text and not column.is_date)
