"""What every Altair chart here starts from."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from nonagon.charts.theme import HEIGHT, WIDTH

Row = dict[str, Any]


def data(rows: Sequence[Row]) -> alt.Data:
    """Rows as inline data; dates as ISO text."""
    return alt.Data(values=[{key: _plain(value) for key, value in row.items()} for row in rows])


def spec(chart: Any, *, width: int | None = None, height: int | None = None) -> dict[str, Any]:
    """The chart's specification at the common size, without Altair's own configuration."""
    # Checking every row of inline data against Vega-Lite's schema takes longer than drawing; tests do it.
    found: dict[str, Any] = chart.to_dict(validate=False)
    found.pop("config", None)
    if "width" not in found and "hconcat" not in found and "vconcat" not in found:
        found |= {"width": width or WIDTH, "height": height or HEIGHT}
    return found


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
