"""One look for every chart, light and dark.

Specifications and drawings use the colours named here; `render` turns each into a CSS variable of the same
name, so that the page decides what it looks like in light, dark and print.
"""

from typing import Any

COLOURS = {
    "ink": "#1d2433",
    "muted": "#5d6679",
    "grid": "#dde2ea",
    "paper": "#fdfdfc",
    "series-1": "#2b63c6",
    "series-2": "#b54f17",
    "series-3": "#2e7d4f",
    "series-4": "#8a4fb3",
    "series-5": "#8a6700",
    "series-6": "#b83268",
    "good": "#1e7a4d",
    "bad": "#b3261e",
    "band": "#c9d8f3",
}
"""Token -> the colour in light mode; the dark ones stand in the page's style sheet."""

SERIES = tuple(COLOURS[f"series-{place}"] for place in range(1, 7))

FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans Arabic', 'DejaVu Sans', sans-serif"

WIDTH, HEIGHT = 620, 260
"""Plot size in pixels: fits A4's text width and a phone by scaling."""


def config() -> dict[str, Any]:
    """The Vega-Lite configuration of every chart."""
    ink, muted, grid = COLOURS["ink"], COLOURS["muted"], COLOURS["grid"]
    return {
        "background": None,
        "font": FONT,
        "view": {"stroke": None, "continuousWidth": WIDTH, "continuousHeight": HEIGHT},
        "axis": {
            "labelColor": ink,
            "titleColor": muted,
            "titleFontWeight": "normal",
            "labelFontSize": 12,
            "titleFontSize": 12,
            "gridColor": grid,
            "domainColor": grid,
            "tickColor": grid,
            "labelLimit": 240,
        },
        "legend": {
            "labelColor": ink,
            "titleColor": muted,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "orient": "top",
            "labelLimit": 260,
        },
        "header": {"labelColor": ink, "titleColor": muted, "labelFontSize": 12},
        "title": {"color": ink, "fontSize": 13},
        "range": {"category": list(SERIES)},
        "line": {"color": SERIES[0], "strokeWidth": 2},
        "point": {"color": SERIES[0], "filled": True, "size": 42},
        "bar": {"color": SERIES[0]},
        "rule": {"color": ink},
        "text": {"color": ink, "fontSize": 12},
        "area": {"color": COLOURS["band"]},
    }
