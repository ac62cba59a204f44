"""Template tags of the shared look: icons, words for scripts, the blocks of a section."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from nonagon.charts.render import NUMBERS
from nonagon.charts.theme import COLOURS, config
from nonagon.ui import sentences
from nonagon.ui.drawings import drawing_in, spec_in, times_in
from nonagon.ui.words import words

register = template.Library()

STATE_ICONS = {
    "not_started": "circle-dashed",
    "in_work": "circle-half-2",
    "ready": "circle-check",
    "signed": "rubber-stamp",
    "waived": "flag",
}
INDENT = "\u2003"
DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?")
FINDING_WORDS = {
    "shown": _("Shown"),
    "not_shown": _("Nothing shown"),
    "note": _("Note"),
    "warning": _("Look at this"),
}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """One of the icons of assets/icons.txt; without a label it is hidden from screen readers."""
    address = static("build/icons.svg")
    told = format_html(' role="img" aria-label="{}"', label) if label else mark_safe(' aria-hidden="true"')
    return format_html('<svg class="icon icon-{}"{}><use href="{}#{}"></use></svg>', name, told, address, name)


@register.simple_tag
def icon_address(name: str) -> str:
    """Where an icon is found, for a `use` element of one's own."""
    return f"{static('build/icons.svg')}#{name}"


@register.filter
def state_icon(state: str) -> str:
    """The icon of a step's state."""
    return STATE_ICONS.get(state, "circle")


@register.filter
def current(nav: Sequence[Any]) -> Any:
    """The entry of the navigation that one is at; None on pages of no step."""
    return next((one for one in nav or () if one.current), None)


@register.filter
def finding_word(kind: str) -> str:
    """What stands before a finding."""
    return str(FINDING_WORDS.get(kind, ""))


@register.filter
def said(text: Any) -> SafeString | str:
    """What a room wrote, in the language of the page; what has no translation is marked as English."""
    return sentences.said(text)


@register.filter
def said_text(text: Any) -> str:
    """What a room wrote, in the language of the page, for an attribute."""
    return sentences.said_text(text)


@register.filter
def said_drawing(svg: str) -> SafeString:
    """A finished drawing with its words in the language of the page."""
    return mark_safe(drawing_in(sentences.page_language(), svg))


@register.filter
def said_spec(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A chart's specification with its titles and legends in the language of the page."""
    return spec_in(sentences.page_language(), spec)


@register.simple_tag
def script_words() -> SafeString:
    """The sentences that scripts say, as a data block in the language of the page."""
    return json_script(words(), "words")


@register.simple_tag
def chart_look() -> SafeString:
    """What drawing a chart in the page takes: configuration, colours by token, how numbers and times are."""
    return json_script(_look(sentences.page_language()), "chart-look")


@cache
def _look(language: str) -> dict[str, Any]:
    return {"config": config(), "colours": COLOURS, "numbers": NUMBERS, "times": times_in(language)}


@register.filter
def as_data(value: Any) -> SafeString:
    """A value as a data block that no browser runs."""
    return json_script(value)


@register.filter
def cells(table: Mapping[str, Any]) -> Iterator[list[tuple[str, str, bool]]]:
    """The rows of a stored table: text, how it stands (text, number, date), and whether the cell names its row."""
    columns: Sequence[Sequence[str]] = table["columns"]
    for row in table["rows"]:
        yield [
            (text, _stands(text, columns[place][1] if place < len(columns) else "text"), place == 0)
            for place, text in enumerate(row)
        ]


@register.filter
def indent(text: Any) -> str:
    """The wide spaces that a name in a tree begins with; outside the name, since its direction is its own."""
    return INDENT * (len(str(text)) - len(str(text).lstrip(INDENT)))


@register.filter
def unindented(text: Any) -> str:
    """The name without them."""
    return str(text).lstrip(INDENT)


def _stands(text: Any, align: str) -> str:
    """A day among texts is a class of its own: it is never broken over two lines."""
    return "date" if align == "text" and DAY.fullmatch(str(text)) else align


@register.filter
def headings(blocks: Sequence[Mapping[str, Any]] | None) -> list[tuple[int, str]]:
    """The headings among the blocks of a section: the place that `blocks.html` marks, from one, and the text."""
    return [(place, one["text"]) for place, one in enumerate(blocks or (), 1) if one["kind"] == "heading"]


@register.filter
def get(mapping: Mapping[str, Any] | None, key: str) -> Any:
    """The value of a key that is not known when the template is written; None where it is missing."""
    return mapping.get(key) if mapping and key else None


@register.filter
def jsoned(value: Any) -> str:
    """A value as JSON for a data attribute; the template escapes it."""
    return json.dumps(value, ensure_ascii=False)


@register.simple_tag
def page_numbers(page: Any) -> list[int | str]:
    """The page numbers to show of a paginated list, "…" for those left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))


@register.filter
def with_input_classes(field: Any) -> SafeString:
    """A bound form field's input in the page's look, tied to its help and its mistakes."""
    widget = field.field.widget
    kind = getattr(widget, "input_type", "")
    name = type(widget).__name__
    attributes: dict[str, str] = {}
    if kind == "checkbox" and name == "CheckboxInput":
        attributes["class"] = "form-check-input"
    elif kind == "select" or ("Select" in name and kind not in {"radio", "checkbox"}):
        attributes["class"] = "form-select"
    elif kind not in {"radio", "checkbox", "hidden"}:
        attributes["class"] = "form-control"
    described = [f"{field.auto_id}_help"] if field.help_text else []
    if field.errors:
        described.append(f"{field.auto_id}_error")
        attributes["aria-invalid"] = "true"
    if described:
        attributes["aria-describedby"] = " ".join(described)
    given = str(widget.attrs.get("class", ""))
    if given and "class" in attributes:
        attributes["class"] = f"{given} {attributes['class']}"
    return field.as_widget(attrs=attributes)  # type: ignore[no-any-return]


@register.filter
def is_checkbox(field: Any) -> bool:
    """Whether a form field is one box to tick."""
    return type(field.field.widget).__name__ == "CheckboxInput"


@register.filter
def is_group(field: Any) -> bool:
    """Whether a form field is a group of boxes or buttons, which takes a legend in place of a label."""
    return bool(getattr(field.field.widget, "use_fieldset", False))
