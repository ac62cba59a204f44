"""The need tree as a nested list, for readers without a script and until the script draws it."""

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def need_list(needs: list[dict[str, Any]]) -> SafeString:
    """Every need right under the one that it is part of; one whose parents lead nowhere stands at the top."""
    parents = {one["id"]: one["parent"] for one in needs}
    below: dict[str | None, list[dict[str, Any]]] = {}
    for one in needs:
        below.setdefault(one["parent"] if _reaches_the_top(one["id"], parents) else None, []).append(one)
    return _level(below, None)


def _reaches_the_top(need: str, parents: dict[str, str | None]) -> bool:
    """Whether the parents above a need are all known and close into no circle."""
    seen = {need}
    above = parents[need]
    while above is not None:
        if above in seen or above not in parents:
            return False
        seen.add(above)
        above = parents[above]
    return True


def _level(below: dict[str | None, list[dict[str, Any]]], parent: str | None) -> SafeString:
    if not below.get(parent):
        return mark_safe("")
    rows = ((one["name"], _level(below, one["id"])) for one in below[parent])
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}{}</li>", rows))
