"""The room as Django sees it."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Step 1."""

    name = "nonagon.steps.step1_customers"
    label = "customers"
    default_auto_field = "django.db.models.BigAutoField"
