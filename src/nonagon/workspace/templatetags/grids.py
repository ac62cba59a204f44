"""What the data page's tables need of a template."""

from collections.abc import Sequence

from django import template

register = template.Library()


@register.filter
def line(lines: Sequence[int | None], place: int) -> str:
    """The line of a row of a grid; "" where the format has none."""
    found = lines[place]
    return "" if found is None else str(found)
