"""The ring of nine: a nonagon whose sides are the steps, each in the colour and pattern of its state."""

import math
from collections.abc import Mapping
from html import escape

from nonagon.charts.theme import COLOURS

RADIUS, CENTRE = 120.0, 160.0
SIDES = 9
_STROKE = {"ready": "good", "in_work": "series-5", "not_started": "muted"}
_DASH = {"ready": "", "in_work": ' stroke-dasharray="14 4"', "not_started": ' stroke-dasharray="3 5"'}
STATE_WORDS = {"ready": "ready", "in_work": "in work", "not_started": "not started"}


def ring(states: Mapping[int, tuple[str, str]], weakest: tuple[int, ...], *, middle: str) -> str:
    """The SVG. states: step -> (state, title); weakest: the steps with the smallest share of criteria met.

    middle: the few words inside. State is told by colour, by dash and by the title of each side.
    """
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 320" role="img"'
        f' aria-label="{escape(_words(states))}"'
        ' style="width:100%;max-width:340px" font-family="inherit">'
    ]
    for step in range(1, SIDES + 1):
        side = _side(step, *states.get(step, ("not_started", "")), step in weakest)
        # What was not run has no section to lead to.
        parts.append(f'<a href="#step-{step}">{side}</a>' if step in states else f"<g>{side}</g>")
    lines = middle.split("\n")
    for place, line in enumerate(lines):
        y = CENTRE + 6 + (place - (len(lines) - 1) / 2) * 22
        size = 26 if place == 0 else 13
        weight = ' font-weight="600"' if place == 0 else ""
        parts.append(
            f'<text x="{CENTRE}" y="{y:.1f}" text-anchor="middle" font-size="{size}"{weight} '
            f'fill="{COLOURS["ink"]}">{escape(line)}</text>'
        )
    return "".join([*parts, "</svg>"])


def _side(step: int, state: str, title: str, weak: bool) -> str:
    start, end = _corner(step - 1), _corner(step)
    along = 0.045
    x1, y1 = start[0] + along * (end[0] - start[0]), start[1] + along * (end[1] - start[1])
    x2, y2 = end[0] - along * (end[0] - start[0]), end[1] - along * (end[1] - start[1])
    colour = COLOURS[_STROKE[state]]
    angle = math.radians(-90 + (step - 0.5) * 360 / SIDES)
    x, y = CENTRE + 137 * math.cos(angle), CENTRE + 137 * math.sin(angle)
    mark = ""
    if weak:
        mark = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="14" fill="none" stroke="{COLOURS["bad"]}" stroke-width="2"/>'
    named = f"Step {step}, {title}" if title else f"Step {step}"
    words = f"{named}: {STATE_WORDS[state]}{', the weakest' if weak else ''}"
    return (
        f"<title>{escape(words)}</title>"
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        f' stroke="{colour}" stroke-width="11"{_DASH[state]}/>{mark}'
        f'<text x="{x:.1f}" y="{y + 5:.1f}" text-anchor="middle" font-size="15"'
        f' fill="{COLOURS["ink"]}">{step}</text>'
    )


def _corner(place: int) -> tuple[float, float]:
    """Corners clockwise from the top, so that step 1 begins at twelve o'clock."""
    angle = math.radians(-90 + place * 360 / SIDES)
    return CENTRE + RADIUS * math.cos(angle), CENTRE + RADIUS * math.sin(angle)


def _words(states: Mapping[int, tuple[str, str]]) -> str:
    return "; ".join(f"step {step} {STATE_WORDS[state]}" for step, (state, _) in sorted(states.items()))
