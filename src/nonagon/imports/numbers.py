"""Reading numbers as people write them: decimal comma, thousands, signs of money; never guessing.

A text that does not follow the stated marks is no number: `1,234` is refused where no thousands mark is
stated, since it could be either of two numbers.
"""

import re
from typing import TYPE_CHECKING

from nonagon.imports.mapping import Rules

if TYPE_CHECKING:
    import polars as pl

# What stands for the blank and the apostrophe where numbers are set well.
_LIKE = {" ": ["\u00a0", "\u202f", "\u2009"], "'": ["\u2019"]}


def numbers(text: "pl.Series", rules: Rules) -> "pl.Series":
    """The finite numbers that trimmed texts stand for; null for what is none.

    >>> import polars as pl
    >>> numbers(pl.Series(["1.234,5", "-7", "1,2,3"]), Rules(decimal=",", thousands=".")).to_list()
    [1234.5, -7.0, None]
    """
    import polars as pl

    clean = _without_signs(text, rules.strip)
    is_plain = rules.decimal == "." and not rules.thousands
    plain = clean if is_plain else _with_point(clean, rules)
    number = plain.cast(pl.Float64, strict=False)
    return pl.select(pl.when(number.is_finite()).then(number)).to_series()


def _without_signs(text: "pl.Series", signs: tuple[str, ...]) -> "pl.Series":
    """Without the signs to be stripped, and with a minus sign as the hyphen that programs read."""
    for sign in signs:
        text = text.str.replace_all(sign, "", literal=True)
    if signs:
        text = text.str.strip_chars()
    return text.str.replace("\u2212", "-", literal=True)


def _with_point(text: "pl.Series", rules: Rules) -> "pl.Series":
    """The numbers written with a point and without thousands; null where the marks stand wrongly."""
    import polars as pl

    for written in _LIKE.get(rules.thousands, []):
        text = text.str.replace_all(written, rules.thousands, literal=True)
    decimal, thousands = re.escape(rules.decimal), re.escape(rules.thousands)
    right = text.str.contains(rf"^[+-]?(?:\d+(?:{decimal}\d*)?|{decimal}\d+)(?:[eE][+-]?\d+)?$")
    bare = text
    if rules.thousands:
        # Groups of two are how lakh and crore are written; the last group always has three digits.
        right |= text.str.contains(
            rf"^[+-]?\d{{1,3}}(?:{thousands}\d{{2,3}})*{thousands}\d{{3}}(?:{decimal}\d*)?$"
        )
        bare = bare.str.replace_all(rules.thousands, "", literal=True)
    if rules.decimal != ".":
        bare = bare.str.replace(rules.decimal, ".", literal=True)
    return pl.select(pl.when(right).then(bare)).to_series()
