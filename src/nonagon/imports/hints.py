"""Which rule would read the cells that were refused: tried on them, not guessed from their look."""

from collections.abc import Iterator, Sequence
from itertools import product

from nonagon.imports.mapping import Rules
from nonagon.imports.rows import Target
from nonagon.imports.rules import VALUES, outcome

_SIGNS = ("$", "€", "£", "¥", "%", "EUR", "USD", "min", "km")
ENOUGH = 0.8


def rule_for(target: Target, texts: Sequence[str]) -> str:
    """The TOML of a rule under which most of `texts` would be values; "" where none was found."""
    for rule, toml in _candidates(target, texts):
        if _share_read(target, texts, rule) >= ENOUGH:
            return toml
    return ""


def advice(target: Target, texts: Sequence[str]) -> str:
    """What to do about texts of the wrong type, as the end of a message."""
    toml = rule_for(target, texts)
    if toml:
        return f"add {toml} under values.{target.name}"
    shown = ", ".join(repr(text) for text in texts[:5])
    if len(texts) <= 5:
        return f"say what {shown} stands for, by map or missing under values.{target.name}, or map another column"
    return f"map another column to {target.name}, or say what {shown} stand for by map or missing"


def _candidates(target: Target, texts: Sequence[str]) -> Iterator[tuple[Rules, str]]:
    if target.type == "number":
        signs = [sign for sign in _SIGNS if any(sign in text for text in texts)]
        for strip, (decimal, thousands) in product(
            dict.fromkeys([(), tuple(signs)]),
            [(".", ""), (",", ""), (".", ","), (",", "."), (",", " "), (".", " ")],
        ):
            rule = Rules(strip=strip, decimal=decimal, thousands=thousands)
            written = [f"strip = [{', '.join(_quoted(sign) for sign in strip)}]"] if strip else []
            written += [f'decimal = "{decimal}"'] if decimal != "." else []
            written += [f'thousands = "{thousands}"'] if thousands else []
            yield rule, " and ".join(written)
    if target.type in ("date", "timestamp"):
        for order in ("day-first", "month-first", "year-first"):
            yield Rules(date_order=order), f'date_order = "{order}"'
        yield Rules(formats=("excel-serial",)), 'formats = ["excel-serial"]'


def _quoted(sign: str) -> str:
    return f'"{sign}"'


def _share_read(target: Target, texts: Sequence[str], rule: Rules) -> float:
    import polars as pl

    if not texts:
        return 0.0
    read = outcome(pl.Series(list(texts), dtype=pl.String), type=target.type, rules=rule, choices=target.choices)
    return float(read.code.is_in([int(code) for code in VALUES]).mean() or 0.0)  # type: ignore[arg-type]
