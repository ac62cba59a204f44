"""The room as Django sees it."""

from django.apps import AppConfig


class AftersalesConfig(AppConfig):
    """Step 8."""

    name = "nonagon.steps.step8_aftersales"
    label = "aftersales"
    default_auto_field = "django.db.models.BigAutoField"
