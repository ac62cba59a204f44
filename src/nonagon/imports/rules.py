"""What each cell of a column is: a value, missing, not an answer, or refused for a reason.

The order of the rules: blank, markers of the missing, codes that are no answer, `map`, the type, `cap`,
`lower` and `upper`. Blanks around a text never count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING, Literal

from nonagon.imports.dates import moments, order_is_open
from nonagon.imports.mapping import Cap, Rules
from nonagon.imports.numbers import numbers

if TYPE_CHECKING:
    import polars as pl

Type = Literal["text", "number", "date", "timestamp"]


class Code(IntEnum):
    """What became of a cell."""

    VALUE = 0
    LIMITED = 1
    BLANK = 10
    MARKER = 11
    CAPPED = 12
    NOT_FOUND = 13
    NOT_AN_ANSWER = 20
    NO_NUMBER = 30
    NO_DATE = 31
    NO_ORDER = 32
    NO_CHOICE = 33
    OVER_CAP = 40
    TOO_LOW = 41
    TOO_HIGH = 42


VALUES = (Code.VALUE, Code.LIMITED)
MISSING = (Code.BLANK, Code.MARKER, Code.CAPPED, Code.NOT_FOUND)
WRONG_TYPE = (Code.NO_NUMBER, Code.NO_DATE, Code.NO_ORDER, Code.NO_CHOICE)
REFUSED = (*WRONG_TYPE, Code.OVER_CAP, Code.TOO_LOW, Code.TOO_HIGH)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One column's cells: text as it stood, value (null unless the code says value), and code.

    Texts that were judged once for many cells stay an Enum; so do values that are texts. Numbers that the file
    holds as such stay numbers; `as_text` shows them.
    """

    text: "pl.Series"
    value: "pl.Series"
    code: "pl.Series"


def outcome(cells: "pl.Series", *, type: Type, rules: Rules, choices: Sequence[str] = ()) -> Outcome:  # noqa: A002
    """What each cell is.

    cells: text or native values; type: the target's; rules: those of the mapping; choices: the only texts
    allowed, where the target has such.

    >>> import polars as pl
    >>> result = outcome(pl.Series(["5", "", "6", "x"]), type="number", rules=Rules(not_answers=("6",)))
    >>> [Code(code).name for code in result.code]
    ['VALUE', 'BLANK', 'NOT_AN_ANSWER', 'NO_NUMBER']
    """
    import polars as pl

    dtype = cells.dtype
    if isinstance(dtype, pl.Enum):
        once = outcome(dtype.categories, type=type, rules=rules, choices=choices)
        return _for_each(once, cells)
    knows_no_texts = not (choices or rules.map or rules.missing or rules.not_answers)
    if type == "number" and (dtype.is_float() or dtype.is_integer()) and knows_no_texts:
        return _native_number(cells, rules)
    rules = _for_native(rules, cells.dtype)
    raw = whole_numbers(as_text(cells)) if rules.whole else as_text(cells)
    if type == "text" and knows_no_texts:
        return Outcome(raw, raw, raw.is_null().cast(pl.UInt8) * int(Code.BLANK))  # texts alone know no other rule
    mapped = raw.replace(rules.map) if rules.map else raw
    value, code = _typed(mapped, type, rules)
    value, code = _within_limits(value, code, rules)
    if choices:
        allowed = value.is_in(list(choices))
        code = pl.select(pl.when(allowed | value.is_null()).then(code).otherwise(int(Code.NO_CHOICE))).to_series()
    code = _before_type(raw, code, rules, is_number=type == "number")
    keeps = code.is_in([int(kept) for kept in VALUES])
    kept = pl.select(pl.when(keeps).then(value)).to_series()
    return Outcome(raw, kept, code.cast(pl.UInt8))


def _native_number(cells: "pl.Series", rules: Rules) -> Outcome:
    """Numbers that the file itself holds as such, and of which no rule asks how they are written."""
    import polars as pl

    real = cells.cast(pl.Float64).fill_nan(None)
    wrong = pl.when(real.is_null()).then(int(Code.BLANK)).when(real.is_infinite()).then(int(Code.NO_NUMBER))
    code = pl.select(wrong.otherwise(int(Code.VALUE))).to_series()
    value, code = _within_limits(real, code, rules)
    keeps = code.is_in([int(kept) for kept in VALUES])
    kept = value if keeps.all() else pl.select(pl.when(keeps).then(value)).to_series()
    return Outcome(cells, kept, code.cast(pl.UInt8))


def _for_each(once: Outcome, cells: "pl.Series") -> Outcome:
    """What each cell is, of what each different text is. cells: an Enum of the texts that were judged."""
    import polars as pl

    places = cells.to_physical()
    all_are_values = once.code.len() > 0 and once.code.max() == Code.VALUE and not places.null_count()
    if all_are_values and once.value.dtype == pl.String and once.value.equals(_texts_of(cells)):
        return Outcome(cells, cells, _zeros(cells.len()))
    value = (_as_enum(once.value) if once.value.dtype == pl.String else once.value).gather(places)
    if all_are_values:
        return Outcome(cells, value, _zeros(cells.len()))
    code = once.code.gather(places)
    if places.null_count():
        code = code.fill_null(int(Code.BLANK))
    return Outcome(_as_enum(once.text).gather(places), value, code)


def _texts_of(cells: "pl.Series") -> "pl.Series":
    import polars as pl

    dtype = cells.dtype
    return dtype.categories if isinstance(dtype, pl.Enum) else cells


def _zeros(count: int) -> "pl.Series":
    import polars as pl

    return pl.repeat(int(Code.VALUE), count, dtype=pl.UInt8, eager=True)


def _as_enum(texts: "pl.Series") -> "pl.Series":
    import polars as pl

    return texts.cast(pl.Enum(texts.drop_nulls().unique(maintain_order=True)))


def _for_native(rules: Rules, dtype: "pl.DataType") -> Rules:
    """What the file types itself is not written in the user's marks and orders."""
    import polars as pl

    if dtype == pl.String:
        return rules
    plain: dict[str, object] = {"decimal": ".", "thousands": "", "strip": ()}
    if dtype.is_temporal():
        plain = {**plain, "formats": (), "date_order": None}
    return rules.model_copy(update=plain)


def as_text(cells: "pl.Series") -> "pl.Series":
    """Cells as trimmed text, null for blank; numbers in their shortest form, whole ones without a point.

    >>> import polars as pl
    >>> as_text(pl.Series([94.0, 0.5, None])).to_list(), as_text(pl.Series([" a ", "  "])).to_list()
    (['94', '0.5', None], ['a', None])
    """
    import polars as pl

    dtype = cells.dtype
    if dtype.is_float():
        real = cells.fill_nan(None)
        is_whole = (real == real.round(0)) & (real.abs() < 1e15)
        whole = pl.select(pl.when(is_whole).then(real)).to_series().cast(pl.Int64).cast(pl.String)
        return pl.select(pl.coalesce(whole, real.cast(pl.String))).to_series()
    if isinstance(dtype, pl.Datetime):
        local = cells.dt.replace_time_zone(None)
        text = local.dt.to_string("%Y-%m-%d %H:%M:%S%.f")
        return text.str.strip_suffix(" 00:00:00")
    if dtype.is_nested() or dtype in (pl.Object, pl.Binary):
        return cells.map_elements(str, return_dtype=pl.String)
    text = cells.cast(pl.String).str.strip_chars()
    is_blank = text == ""
    return pl.select(pl.when(~is_blank).then(text)).to_series() if is_blank.any() else text


def whole_numbers(text: "pl.Series") -> "pl.Series":
    """Texts with the point and the zeros after a whole number left out.

    >>> import polars as pl
    >>> whole_numbers(pl.Series(["17850.0", "1.50", "A.0"])).to_list()
    ['17850', '1.50', 'A.0']
    """
    return text.str.replace(r"^([+-]?\d+)\.0+$", "${1}")


def _typed(text: "pl.Series", type: Type, rules: Rules) -> tuple["pl.Series", "pl.Series"]:  # noqa: A002
    """The values and codes by type alone."""
    import polars as pl

    if type == "text":
        return text, pl.repeat(int(Code.VALUE), text.len(), dtype=pl.Int32, eager=True)
    if type == "number":
        value = numbers(text, rules)
        return value, pl.select(pl.when(value.is_null()).then(int(Code.NO_NUMBER)).otherwise(0)).to_series()
    value = moments(text, rules)
    bad: pl.Series | int = int(Code.NO_DATE)
    if not rules.formats and rules.date_order is None:
        is_open = order_is_open(text)
        bad = pl.select(pl.when(is_open).then(int(Code.NO_ORDER)).otherwise(int(Code.NO_DATE))).to_series()
    code = pl.select(pl.when(value.is_null()).then(bad).otherwise(0)).to_series()
    return (value.dt.date() if type == "date" else value), code


def _within_limits(value: "pl.Series", code: "pl.Series", rules: Rules) -> tuple["pl.Series", "pl.Series"]:
    import polars as pl

    if value.dtype == pl.String:
        return value, code
    if rules.cap is not None and value.dtype == pl.Float64:
        value, code = _capped(value, code, rules.cap)
    for bound, wrong in ((rules.lower, Code.TOO_LOW), (rules.upper, Code.TOO_HIGH)):
        if bound is None or isinstance(bound, date) == (value.dtype == pl.Float64):
            continue
        outside = (value < bound) if wrong is Code.TOO_LOW else (value > bound)
        is_value = code.is_in([int(kept) for kept in VALUES])
        code = pl.select(pl.when(outside.fill_null(False) & is_value).then(int(wrong)).otherwise(code)).to_series()
    return value, code


def _capped(value: "pl.Series", code: "pl.Series", cap: Cap) -> tuple["pl.Series", "pl.Series"]:
    import polars as pl

    over = (value >= cap.at).fill_null(False)
    becomes = {"refuse": Code.OVER_CAP, "missing": Code.CAPPED, "limit": Code.LIMITED}[cap.then]
    code = pl.select(pl.when(over).then(int(becomes)).otherwise(code)).to_series()
    if cap.then == "limit":
        value = value.clip(upper_bound=cap.at)
    return value, code


def _before_type(raw: "pl.Series", code: "pl.Series", rules: Rules, *, is_number: bool) -> "pl.Series":
    """Blank, missing and not-an-answer go before whatever the type says."""
    import polars as pl

    for markers, meaning in ((rules.not_answers, Code.NOT_AN_ANSWER), (rules.missing, Code.MARKER)):
        if markers:
            is_marker = _is_marker(raw, markers, rules, is_number=is_number)
            code = pl.select(pl.when(is_marker).then(int(meaning)).otherwise(code)).to_series()
    return pl.select(pl.when(raw.is_null()).then(int(Code.BLANK)).otherwise(code)).to_series()


def _is_marker(raw: "pl.Series", markers: tuple[str, ...], rules: Rules, *, is_number: bool) -> "pl.Series":
    """Whether a cell is one of the markers, as text or (99 and 99.0) as number."""
    import polars as pl

    found = raw.is_in([marker.strip() for marker in markers])
    if is_number:
        values = pl.Series(list(markers), dtype=pl.String).cast(pl.Float64, strict=False).drop_nulls()
        found |= numbers(raw, rules).is_in(values.to_list()).fill_null(False)
    return found.fill_null(False)


def reasons(name: str, type: Type, rules: Rules, choices: Sequence[str] = ()) -> dict[int, str]:  # noqa: A002
    """The sentence for each code that is no value, for the target or item called `name`."""
    kind = {"number": "a number", "date": "a day", "timestamp": "a moment", "text": "a text"}[type]
    cap = f"{rules.cap.at:g}" if rules.cap else ""
    order = f"{rules.date_order} or " if rules.date_order else ""
    shape = f"written as {' or '.join(rules.formats)}" if rules.formats else f"{order}year-month-day"
    return {
        Code.BLANK: f"{name} is blank",
        Code.MARKER: f"{name} has a marker for missing",
        Code.CAPPED: f"{name} stands at the cap {cap}, which counts as missing",
        Code.NOT_FOUND: f"{name} is looked up in another file, which lacks this key",
        Code.NOT_AN_ANSWER: f"{name} has a code that is no answer",
        Code.NO_NUMBER: f"{name} must be {kind}",
        Code.NO_DATE: f"{name} must be {kind} ({shape})",
        Code.NO_ORDER: f"{name} has a date whose day and month can't be told apart: set date_order",
        Code.NO_CHOICE: f"{name} must be {' or '.join(choices)}: set map",
        Code.OVER_CAP: f"{name} stands at or above the cap {cap}",
        Code.TOO_LOW: f"{name} is below the least possible value {rules.lower}",
        Code.TOO_HIGH: f"{name} is above the greatest possible value {rules.upper}",
    }
