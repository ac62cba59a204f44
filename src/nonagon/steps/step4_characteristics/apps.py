"""The room as Django sees it."""

from django.apps import AppConfig


class CharacteristicsConfig(AppConfig):
    """Step 4."""

    name = "nonagon.steps.step4_characteristics"
    label = "characteristics"
    default_auto_field = "django.db.models.BigAutoField"
