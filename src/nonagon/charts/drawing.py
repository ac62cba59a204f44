"""What every Altair chart here starts from."""

import re
from collections.abc import Sequence
from typing import Any

import altair as alt

from nonagon.charts.theme import HEIGHT, WIDTH

Row = dict[str, Any]

SYMBOL, LETTER = 36, 7
"""Pixels that a name in a legend takes beside its letters, and for each of them, at the legend's 12 pixels."""


def data(rows: Sequence[Row]) -> alt.Data:
    """Rows as inline data; dates as ISO text."""
    return alt.Data(values=[{key: _plain(value) for key, value in row.items()} for row in rows])


def spec(chart: Any, *, width: int | None = None, height: int | None = None) -> dict[str, Any]:
    """The chart's specification at the common size, without Altair's own configuration."""
    # Checking every row of inline data against Vega-Lite's schema takes longer than drawing; tests do it.
    found: dict[str, Any] = _on_one_line(chart.to_dict(validate=False))
    found.pop("config", None)
    if "width" not in found and "hconcat" not in found and "vconcat" not in found:
        found |= {"width": width or WIDTH, "height": height or HEIGHT}
    return found


def legend(names: Sequence[str]) -> alt.Legend | None:
    """The names above a plot, in as many columns as fit its width; none where there is but one.

    A legend wider than the plot would widen the drawing, which is then shown smaller, letters and all. Its symbols
    have their full colour also where a band is drawn in a lighter one.
    """
    if len(set(names)) < 2:
        return None
    columns = max(1, WIDTH // (SYMBOL + LETTER * max(len(name) for name in names)))
    return alt.Legend(columns=columns, symbolOpacity=1)


def _on_one_line(part: Any) -> Any:
    """Titles without line ends: they become part of Vega's expressions, which break at one."""
    if isinstance(part, list):
        return [_on_one_line(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {key: _titled(key, value) for key, value in part.items()}


def _titled(key: str, value: Any) -> Any:
    if key == "title" and isinstance(value, str):
        return _visible(value)
    # Rows of data are no part of an expression.
    return value if key == "values" else _on_one_line(value)


def _visible(text: str) -> str:
    """Without line ends and control characters, which a drawing cannot show and its XML may not hold."""
    return re.sub(r"[\x00-\x1f\x7f\ufffe\uffff]", " ", text)


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, str):
        return _visible(value)
    return value.item() if hasattr(value, "item") else value
