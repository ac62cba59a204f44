"""Charts as PNG pictures, for formats that take no SVG."""

import struct
from dataclasses import dataclass
from typing import Any

from nonagon.charts.render import NUMBERS
from nonagon.charts.section import Chart
from nonagon.charts.theme import FONT, config
from nonagon.reports.letters import printable
from nonagon.ui.drawings import drawing_in, spec_in

SCALE = 2.0
"""Pixels of the picture a pixel of the drawing: sharp on a projector."""

LETTERS = 17
"""The size of letters in pixels: larger than on a page, since a room reads them."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG file with its size in pixels and what it shows, in words."""

    png: bytes
    width: int
    height: int
    alt: str

    def points(self, *, width: float, height: float, letters: float = LETTERS) -> float:
        """How large letters are on paper, in points, when the picture fills a box of so many inches."""
        return letters * SCALE * 72 * min(width / self.width, height / self.height)


def picture_of(chart: Chart, language: str = "en") -> Picture:
    """The chart as a picture in that language, its letters large enough for a room."""
    if chart.spec is None:
        return drawn(drawing_in(language, chart.svg), chart.alt)
    if language == "en":
        return specified(chart.spec, chart.alt)
    return drawn(drawing_in(language, _svg(spec_in(language, chart.spec))), chart.alt)


def _svg(spec: dict[str, Any]) -> str:
    """A Vega-Lite specification as a drawing with large letters, whose words can still be said."""
    import vl_convert  # noqa: PLC0415

    found: str = vl_convert.vegalite_to_svg({**spec, "config": _large()}, format_locale=NUMBERS)
    return found


def specified(spec: dict[str, Any], alt: str) -> Picture:
    """A Vega-Lite specification as a picture."""
    import vl_convert  # noqa: PLC0415

    return _picture(
        vl_convert.vegalite_to_png({**spec, "config": _large()}, scale=SCALE, format_locale=NUMBERS), alt
    )


def _large() -> dict[str, Any]:
    """The charts' configuration with larger letters, on white: a picture's see-through areas grow dark in some
    programs.
    """
    found = config()
    for part in ("axis", "legend", "header"):
        found[part] = found[part] | {"labelFontSize": LETTERS, "titleFontSize": LETTERS, "labelLimit": 330}
    found["text"] = found["text"] | {"fontSize": LETTERS}
    return found | {"background": "#ffffff"}


def drawn(svg: str, alt: str) -> Picture:
    """A finished SVG drawing in plain colours as a picture."""
    import vl_convert  # noqa: PLC0415

    # A drawing takes the page's letters; a picture has no page.
    named = printable(svg).replace('font-family="inherit"', "").replace("<svg", f'<svg font-family="{FONT}"', 1)
    return _picture(vl_convert.svg_to_png(named, scale=SCALE), alt)


def _picture(png: bytes, alt: str) -> Picture:
    # The size stands in the header of every PNG file, at its 16th byte.
    width, height = struct.unpack(">II", png[16:24])
    return Picture(png, width, height, alt)
