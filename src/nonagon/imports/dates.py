"""Reading days and moments: what is written year first is known; what is not takes a stated order.

Moments are kept as the clock on the wall showed them: a time zone after the time is read over. A year of two
digits lies in 1969 to 2068, as POSIX has it.
"""

from typing import TYPE_CHECKING

from nonagon.imports.mapping import Rules

if TYPE_CHECKING:
    import polars as pl

EXCEL_SERIAL = "excel-serial"
_EXCEL_LAST_DAY = 2_958_465  # 9999-12-31

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = (
    r"(?:(?:[T ]| ?, ?)\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?$"
)
_NUMERIC = r"^(?P<a>\d{1,4})[-/. ](?P<b>\d{1,2})[-/. ](?P<c>\d{1,4})" + _TIME
_PLAIN = (
    (r"^[1-9]\d{3}-\d{2}-\d{2}$", "%Y-%m-%d"),
    (r"^[1-9]\d{3}-\d{2}-\d{2} (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$", "%Y-%m-%d %H:%M:%S"),
)
_COMPACT = r"^(?P<a>[12]\d{3})(?P<b>\d{2})(?P<c>\d{2})" + _TIME
_DAY_NAMED = r"^(?P<a>\d{1,2})[-/. ]+(?P<b>[A-Za-z]{3,9})[-/., ]+(?P<c>\d{4}|\d{2})" + _TIME
_NAMED_DAY = r"^(?P<b>[A-Za-z]{3,9})\.? +(?P<a>\d{1,2})(?:,|,? +) *(?P<c>\d{4})" + _TIME
_ONLY_TIME = r"^(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?$"  # noqa: E501


def moments(text: "pl.Series", rules: Rules) -> "pl.Series":
    """The moments that trimmed texts stand for, as datetimes without a zone; null for what is none.

    >>> import polars as pl
    >>> moments(pl.Series(["3/2/2018", "2018-02-03 14:05", "31/2/2018"]), Rules(date_order="day-first")).to_list()
    [datetime.datetime(2018, 2, 3, 0, 0), datetime.datetime(2018, 2, 3, 14, 5), None]
    """
    distinct = text.unique(maintain_order=True)
    if distinct.len() * 2 > text.len():
        return _moments(text, rules)
    import polars as pl

    table = pl.DataFrame({"text": distinct, "moment": _moments(distinct, rules)})
    joined = (
        text.alias("text").to_frame().join(table, on="text", how="left", nulls_equal=True, maintain_order="left")
    )
    return joined["moment"]


def order_is_open(text: "pl.Series") -> "pl.Series":
    """Whether a text has the shape of a date in which day and month could be either."""
    return text.str.contains(r"^\d{1,2}[-/. ]\d{1,2}[-/. ](?:\d{4}|\d{2})(?:\D|$)")


def _moments(text: "pl.Series", rules: Rules) -> "pl.Series":
    import polars as pl

    if rules.formats:
        return pl.select(pl.coalesce(*(_by_format(text, form) for form in rules.formats))).to_series()
    # By far the most common, and read many times as fast as what people write.
    for pattern, form in _PLAIN:
        if text.str.contains(pattern).all():
            return text.str.to_datetime(form, strict=False, time_unit="us")
    found = _numeric(text, rules)
    if found.null_count() > text.null_count():
        found = pl.select(pl.coalesce(found, _named(text, _DAY_NAMED), _named(text, _NAMED_DAY))).to_series()
    return found


def _by_format(text: "pl.Series", form: str) -> "pl.Series":
    import polars as pl

    if form == EXCEL_SERIAL:
        days = text.cast(pl.Float64, strict=False)
        inside = days.is_between(1, _EXCEL_LAST_DAY)
        milliseconds = (pl.select(pl.when(inside).then(days)).to_series() * 86_400_000).round(0).cast(pl.Int64)
        # Excel's day 1 is 1900-01-01, and it counts a 29 February 1900 that never was.
        start = pl.datetime(1899, 12, 30, time_unit="us")
        return pl.select(start + milliseconds.cast(pl.Duration("ms"))).to_series()
    has_time = any(mark in form for mark in ("%H", "%I", "%T", "%X", "%c", "%s"))
    if has_time:
        return text.str.to_datetime(form, strict=False, time_unit="us", time_zone=None, exact=True)
    return text.str.to_date(form, strict=False, exact=True).cast(pl.Datetime("us"))


def _numeric(text: "pl.Series", rules: Rules) -> "pl.Series":
    import polars as pl

    order = rules.date_order
    parts = _groups(text, _NUMERIC)
    a, b, c = pl.col("a"), pl.col("b"), pl.col("c")
    year_stands_first = a.str.len_bytes() == 4
    if order == "day-first":
        year, month, day = c, b, a
    elif order == "month-first":
        year, month, day = c, a, b
    elif order == "year-first":
        year, month, day = a, b, c
    else:
        year = month = day = pl.lit(None, dtype=pl.String)
    parts = parts.with_columns(
        year=pl.when(year_stands_first).then(a).otherwise(year),
        month=pl.when(year_stands_first).then(b).otherwise(month),
        day=pl.when(year_stands_first).then(c).otherwise(day),
    )
    found = _assembled(parts)
    if found.null_count() == text.null_count():
        return found
    compact = _groups(text, _COMPACT).rename({"a": "year", "b": "month", "c": "day"})
    return pl.select(pl.coalesce(found, _assembled(compact))).to_series()


def _named(text: "pl.Series", pattern: str) -> "pl.Series":
    """Dates whose month is an English name or its first three letters."""
    import polars as pl

    numbers = {name: str(place) for place, name in enumerate(_MONTHS, start=1)}
    name = pl.col("b").str.to_lowercase()
    is_name = pl.any_horizontal(*(pl.lit(full).str.starts_with(name) for full in _FULL_MONTHS), name == "sept")
    month = pl.when(is_name).then(name.str.slice(0, 3).replace_strict(numbers, default=None))
    return _assembled(_groups(text, pattern).with_columns(year="c", month=month, day="a"))


_FULL_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


def _groups(text: "pl.Series", pattern: str) -> "pl.DataFrame":
    return text.str.extract_groups(pattern).struct.unnest()


def _assembled(parts: "pl.DataFrame") -> "pl.Series":
    """The moment of text columns year, month, day and those of the time."""
    import polars as pl

    year, month, day = pl.col("year"), pl.col("month"), pl.col("day")
    short = year.str.len_bytes() == 2
    number = year.cast(pl.Int32, strict=False)
    full = (
        pl.when(short)
        .then(pl.when(number < 69).then(number + 2000).otherwise(number + 1900))
        .when((year.str.len_bytes() == 4) & (number >= 1000))
        .then(number)
    )
    proper = (month.str.len_bytes() <= 2) & (day.str.len_bytes() <= 2)
    written = pl.when(proper).then(
        pl.concat_str(full.cast(pl.String), month.str.zfill(2), day.str.zfill(2), separator="-")
    )
    return parts.select(
        written.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us")) + _time_of_day()
    ).to_series()


def _time_of_day() -> "pl.Expr":
    """The time since midnight; nothing for no time, null for an impossible one."""
    import polars as pl

    hour, minute = pl.col("hour").cast(pl.Int64), pl.col("minute").cast(pl.Int64)
    second = pl.col("second").cast(pl.Int64).fill_null(0)
    micro = pl.col("fraction").str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int64).fill_null(0)
    half = pl.col("half").str.slice(0, 1).str.to_lowercase()
    by_half = (
        pl.when(half.is_null())
        .then(hour)
        .when(hour.is_between(1, 12))
        .then(hour % 12 + pl.when(half == "p").then(12).otherwise(0))
    )
    proper = by_half.is_between(0, 23) & minute.is_between(0, 59) & second.is_between(0, 59)
    time = pl.duration(hours=by_half, minutes=minute, seconds=second, microseconds=micro, time_unit="us")
    return pl.when(hour.is_null()).then(pl.duration(microseconds=0, time_unit="us")).when(proper).then(time)


def times_of_day(text: "pl.Series") -> "pl.Series":
    """The time since midnight that a text such as `14:05` or `2:05 pm` stands for; null for what is none."""
    import polars as pl

    parts = _groups(text, _ONLY_TIME)
    return parts.select(pl.when(pl.col("hour").is_not_null()).then(_time_of_day())).to_series()
