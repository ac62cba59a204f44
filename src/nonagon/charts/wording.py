"""How numbers are written for people: one way everywhere."""

from nonagon.deliverables.evidence import Estimate

MINUS = "−"


def number(value: float | None, *, digits: int = 2) -> str:
    """A number with a fixed count of decimals and thin thousands; "" for None.

    >>> number(1234.5, digits=1), number(-0.5), number(None)
    ('1 234.5', '−0.50', '')
    """
    if value is None:
        return ""
    text = f"{abs(value):,.{digits}f}".replace(",", " ")
    negative = value < 0 and float(f"{abs(value):.{digits}f}") != 0
    return f"{MINUS}{text}" if negative else text


def percent(value: float | None, *, digits: int = 1) -> str:
    """A share of one, as percent; "" for None.

    >>> percent(0.1234), percent(None)
    ('12.3 %', '')
    """
    return "" if value is None else f"{number(100 * value, digits=digits)} %"


def amount(value: float | None, currency: str = "") -> str:
    """Money without cents; "" for None.

    >>> amount(1234567.8, "EUR")
    '1 234 568 EUR'
    """
    return "" if value is None else f"{number(value, digits=0)} {currency}".rstrip()


def estimate(one: Estimate | None, *, digits: int = 2) -> str:
    """An estimate with its interval in brackets; the reason where there is none.

    >>> estimate(Estimate(value=0.5, low=0.4, high=0.6, unit="share"))
    '50.0 % (40.0 to 60.0 %)'
    """
    if one is None:
        return ""
    if one.value is None:
        return one.why or "not known"
    share = one.unit == "share"
    unit = " %" if share else ""

    def show(value: float) -> str:
        return number(100 * value, digits=1) if share else number(value, digits=digits)

    if one.low is None and one.high is None:
        return f"{show(one.value)}{unit}"
    if one.low is None or one.high is None:
        bound = f"at least {show(one.low)}" if one.low is not None else f"at most {show(one.high or 0)}"
        return f"{show(one.value)}{unit} ({bound}{unit})"
    return f"{show(one.value)}{unit} ({show(one.low)} to {show(one.high)}{unit})"


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its word.

    >>> plural(1, "need"), plural(3, "need"), plural(2, "is", "are")
    ('1 need', '3 needs', '2 are')
    """
    return f"{count} {one}" if count == 1 else f"{count} {many or one + 's'}"
