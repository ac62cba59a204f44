"""A chart as static SVG: Vega-Lite by vl-convert, in the theme's colours as CSS variables."""

import re
from typing import Any

from nonagon.charts.theme import COLOURS, config
from nonagon.charts.wording import MINUS, THIN

NUMBERS = {"decimal": ".", "thousands": THIN, "grouping": [3], "currency": ["", ""], "minus": MINUS}
"""How the numbers along the axes are written: as in `wording`."""

_NAMED = {colour: f"var(--{token}, {colour})" for token, colour in COLOURS.items()}


def render(spec: dict[str, Any], *, name: str) -> str:
    """The SVG text of a Vega-Lite specification.

    name: a prefix for the ids inside, unique on the page (letters, digits, hyphens).
    """
    import vl_convert  # noqa: PLC0415

    svg: str = vl_convert.vegalite_to_svg({**spec, "config": config()}, format_locale=NUMBERS)
    # What a drawing says is said by the words of the figure around it; its parts would be read as noise.
    return themed(svg.replace("<svg", '<svg aria-hidden="true"', 1), name=name)


def themed(svg: str, *, name: str) -> str:
    """An SVG drawing with the theme's colours as CSS variables, its ids made unique, scaling with the page."""
    for colour, variable in _NAMED.items():
        svg = re.sub(rf'="{colour}"', f'="{variable}"', svg, flags=re.IGNORECASE)
    return _scalable(_renamed(svg, name))


def _renamed(svg: str, name: str) -> str:
    """Ids counted from 1 behind `name`: the converter counts over its whole life, which no output may show."""
    ids = {
        old: f"{name}-{place}" for place, old in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg)), 1)
    }
    for pattern in (r'(\bid=")([^"]+)(")', r"(url\(#)([^)]+)(\))", r'(\bhref="#)([^"]+)(")'):
        svg = re.sub(pattern, lambda found: found[1] + ids.get(found[2], found[2]) + found[3], svg)
    return svg


def _scalable(svg: str) -> str:
    """Width and height become a maximum: the view box keeps the shape on a phone and on paper."""
    opening = re.search(r"<svg\b[^>]*>", svg)
    if opening is None:
        return svg
    tag = opening.group(0)
    width = re.search(r'\bwidth="([\d.]+)"', tag)
    if width is None or "viewBox" not in tag:
        return svg
    scalable = re.sub(r'\s(width|height)="[\d.]+"', "", tag)
    scalable = scalable.replace("<svg", f'<svg style="width:100%;max-width:{float(width.group(1)):.0f}px"', 1)
    return svg.replace(tag, scalable, 1)
