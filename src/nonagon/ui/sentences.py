"""What the rooms wrote in English, said in the language of the page.

`ui/catalogue.py` holds what is known of a language. What has no translation stays English and is marked so, for
screen readers and for the direction of writing.
"""

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from nonagon.ui.catalogue import BETWEEN, LATIN_WORD, translated

_ARABIC = re.compile(r"[\u0600-\u06ff]")


def page_language() -> str:
    """The language of the page without its region, such as "ar"; "en" where none is chosen."""
    return (get_language() or "en").partition("-")[0]


def said_text(text: object) -> str:
    """A stored text in the language of the page as plain text; the English where it has no translation."""
    written = str(text or "")
    language = page_language()
    if language == "en" or not written:
        return written
    return translated(language, written) or written


def is_said(text: str, language: str) -> bool:
    """Whether a text is shown whole in that language: it has a translation, or no word to translate."""
    return not LATIN_WORD.search(text) or bool(translated(language, text))


def said(text: object) -> SafeString | str:
    """A stored text for a page; sentences without a translation are marked as English."""
    written = str(text or "")
    language = page_language()
    if language == "en" or not written:
        return written
    whole = translated(language, written)
    if whole:
        return whole
    parts = BETWEEN.split(written)
    shown = [escape(found) if (found := translated(language, one)) else _in_english(one) for one in parts]
    return mark_safe(" ".join(shown))


def _in_english(text: str) -> str:
    if _ARABIC.search(text) or not LATIN_WORD.search(text):
        return escape(text)
    return f'<span lang="en" dir="ltr">{escape(text)}</span>'
