"""The room as Django sees it."""

from django.apps import AppConfig


class MarketConfig(AppConfig):
    """Step 2."""

    name = "nonagon.steps.step2_market"
    label = "market"
    default_auto_field = "django.db.models.BigAutoField"
