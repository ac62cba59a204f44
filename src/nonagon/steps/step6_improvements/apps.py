"""The room as Django sees it."""

from django.apps import AppConfig


class ImprovementsConfig(AppConfig):
    """Step 6."""

    name = "nonagon.steps.step6_improvements"
    label = "improvements"
    default_auto_field = "django.db.models.BigAutoField"
