"""How numbers are written for people: one way everywhere."""

import math
from collections.abc import Callable, Iterable

from nonagon.deliverables.evidence import Estimate

MINUS = "\u2212"
THIN = "\u202f"
"""A narrow space at which no line breaks: between thousands and before the percent sign."""


def number(value: float | None, *, digits: int = 2) -> str:
    """A number with a fixed count of decimals and thin thousands; "" for None.

    >>> number(1234.5, digits=1).replace(THIN, "_"), number(-0.5), number(-0.001), number(None)
    ('1_234.5', '−0.50', '0.00', '')
    """
    return "" if value is None else _written(value, digits, "")


def signed(value: float | None, *, digits: int = 2) -> str:
    """A difference: `number` with a plus sign above 0.

    >>> signed(0.5), signed(-0.5), signed(0.001), signed(None)
    ('+0.50', '−0.50', '0.00', '')
    """
    return "" if value is None else _written(value, digits, "+")


def short(value: float | None, *, digits: int = 6, sign: bool = False) -> str:
    """A number with so many significant digits at most and no zeros after them; "" for None. sign: as `signed`.

    For what people stated, such as targets and limits, and for measurements of any size.

    >>> short(4.50), short(0.012349, digits=3), short(1250000).replace(THIN, "_"), short(3, sign=True)
    ('4.5', '0.0123', '1_250_000', '+3')
    """
    if value is None:
        return ""
    before = math.floor(math.log10(abs(value))) + 1 if value else 1
    text = _written(value, max(0, digits - before), "+" if sign else "")
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: float | None, *, digits: int = 1) -> str:
    """A share of one, as percent; "" for None.

    >>> percent(0.1234).replace(THIN, "_"), percent(None)
    ('12.3_%', '')
    """
    return "" if value is None else f"{number(100 * value, digits=digits)}{THIN}%"


def chance(value: float | None) -> str:
    """A chance in whole percent; "" for None. What was drawn is never sure: near the ends it says over or under.

    >>> [chance(one).replace(THIN, "_") for one in (0.994, 0.996, 1.0, 0.004, None)]
    ['99_%', 'over 99_%', 'over 99_%', 'under 1_%', '']
    """
    if value is None:
        return ""
    if value > 0.995:
        return f"over {percent(0.99, digits=0)}"
    return f"under {percent(0.01, digits=0)}" if value < 0.005 else percent(value, digits=0)


def measured(value: float | None, unit: str = "", *, digits: int = 3) -> str:
    """A measured value or a target as a person writes it: significant digits, its unit, shares in percent.

    >>> [measured(*one).replace(THIN, "_") for one in ((0.013,), (0.0304, "share"), (4, "min"), (None, "min"))]
    ['0.013', '3.04_%', '4 min', '']
    """
    if value is None:
        return ""
    if unit == "share":
        return f"{short(100 * value, digits=digits)}{THIN}%"
    return f"{short(value, digits=digits)} {unit}".rstrip()


def amount(value: float | None, currency: str = "") -> str:
    """Money without cents; "" for None.

    >>> amount(1234567.8, "EUR").replace(THIN, "_")
    '1_234_568 EUR'
    """
    return "" if value is None else f"{number(value, digits=0)} {currency}".rstrip()


def estimate(one: Estimate | None, *, digits: int = 2, sign: bool = False, unit: str = "") -> str:
    """An estimate with its interval in brackets; the reason where there is none.

    sign: of an effect, as `signed`; unit: said after the value, such as a currency; shares are in percent.

    >>> estimate(Estimate(value=0.5, low=0.4, high=0.6, unit="share")).replace(THIN, "_")
    '50.0_% (40.0 to 60.0_%)'
    >>> estimate(Estimate(value=0.042, low=-0.01, high=0.094, unit="share"), sign=True).replace(THIN, "_")
    '+4.2_% (−1.0 to +9.4_%)'
    >>> estimate(Estimate(value=5, low=4, high=6), digits=0, unit="EUR")
    '5 EUR (4 to 6)'
    """
    if one is None:
        return ""
    if one.value is None:
        return one.why or "not known"
    share = one.unit == "share"
    symbol = f"{THIN}%" if share else ""
    write = signed if sign else number

    def show(value: float) -> str:
        return write(100 * value, digits=1) if share else write(value, digits=digits)

    return f"{show(one.value)}{symbol} {unit}".rstrip() + _bounds(one, show, symbol)


def change(one: Estimate, *, digits: int = 2) -> str:
    """A difference with its sign, its unit and its interval; shares differ by percentage points.

    >>> change(Estimate(value=-0.5, low=-0.8, high=-0.2, unit="points"))
    '−0.50 points (−0.80 to −0.20)'
    >>> change(Estimate(value=0.05, low=0.01, high=0.09, unit="share"))
    '+5.0 percentage points (+1.0 to +9.0)'
    """
    if one.value is None:
        return one.why or "not known"
    share = one.unit == "share"
    unit = "percentage points" if share else one.unit

    def show(value: float) -> str:
        return signed(100 * value, digits=1) if share else signed(value, digits=digits)

    return f"{show(one.value)} {unit}".rstrip() + _bounds(one, show, "")


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its word.

    >>> plural(1, "need"), plural(3, "need"), plural(2, "is", "are"), plural(4461, "row").replace(THIN, "_")
    ('1 need', '3 needs', '2 are', '4_461 rows')
    """
    return f"{number(count, digits=0)} {one if count == 1 else many or one + 's'}"


def listed(names: Iterable[str], *, before: str = "", none: str = "", most: int | None = None) -> str:
    """Names one after another, with the words before them; `none` where there is none. most: name no more.

    >>> listed(["a", "b"], before="without an owner"), listed([], before="without an owner", none="2 rows")
    ('without an owner: a, b', '2 rows')
    >>> listed("abcd", most=2)
    'a, b and 2 more'
    """
    found = list(names)
    if not found:
        return none
    shown = found[:most]
    rest = f" and {len(found) - len(shown)} more" if len(shown) < len(found) else ""
    return f"{before}: {', '.join(shown)}{rest}" if before else f"{', '.join(shown)}{rest}"


def _written(value: float, digits: int, plus: str) -> str:
    text = f"{abs(value):,.{digits}f}"
    # What rounds to nothing has no sign.
    sign = "" if float(text.replace(",", "")) == 0 else MINUS if value < 0 else plus
    return f"{sign}{text.replace(',', THIN)}"


def _bounds(one: Estimate, show: Callable[[float], str], unit: str) -> str:
    """The interval in brackets; "" where there is none."""
    if one.low is not None and one.high is not None:
        return f" ({show(one.low)} to {show(one.high)}{unit})"
    if one.low is not None:
        return f" (at least {show(one.low)}{unit})"
    return "" if one.high is None else f" (at most {show(one.high)}{unit})"
