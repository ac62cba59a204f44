"""Words of step 7 in templates."""

from django import template

from nonagon.steps.step7_control.selectors import CAUSES

register = template.Library()


@register.filter
def cause_word(kind: str) -> str:
    """What was found behind a signal, in words."""
    return str(CAUSES.get(kind, kind))
