"""Numbers that look like a cap or a code among measured values: 999, 9999, -99, far from all others."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_HIGH = tuple(float(digit * length) for length in range(2, 7) for digit in ("9", "8", "7"))
_LOW = tuple(-float("9" * length) for length in range(1, 7))
MOST_BELOW = 0.95
FAR = 2.0
OFTEN = 3


@dataclass(frozen=True, slots=True)
class Suspect:
    """One such number: how often it stands, and what nearly all others (the 95 % quantile) and all do not exceed.

    highest: the greatest of the other values for a high code, the least for a negative one.
    """

    value: float
    count: int
    mostly: float
    highest: float


def suspects(values: "pl.Series") -> tuple[Suspect, ...]:
    """The numbers in `values` that look like caps or codes.

    A high one consists of nines, eights or sevens, is at least twice as much as 95 % of the others, and either all
    others are less than half of it, or it stands there much oftener than any number around it. A negative one
    consists of nines and is the only negative number.

    >>> import polars as pl
    >>> [one.value for one in suspects(pl.Series([3.0, 7.5, 12.0] * 20 + [460.0, 999.0, 999.0, 999.0, 1200.0]))]
    [999.0]
    >>> suspects(pl.Series([float(number) for number in range(1, 1200)]))
    ()
    """
    counted = {float(value): int(count) for value, count in values.value_counts().iter_rows()}
    found = []
    for code in (*_HIGH, *_LOW):
        others = values.filter(values != code)
        if code not in counted or others.len() < 10:
            continue
        mostly = float(others.quantile(MOST_BELOW, "lower") or 0.0)
        if code > 0 and mostly * FAR <= code and _stands_out(code, counted):
            found.append(Suspect(code, counted[code], mostly, max(value for value in counted if value != code)))
        elif code < 0 and all(value >= 0 or value == code for value in counted):
            found.append(Suspect(code, counted[code], mostly, min(value for value in counted if value != code)))
    return tuple(found)


def _stands_out(code: float, counted: dict[float, int]) -> bool:
    """Whether there is a gap below it and nothing above, or a spike at it."""
    if all(value * FAR < code for value in counted if value != code):
        return True
    around = [count for value, count in counted.items() if value != code and code / FAR <= value <= code * FAR]
    return counted[code] >= OFTEN * max(around, default=1)
