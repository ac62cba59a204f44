"""The room as Django sees it."""

from django.apps import AppConfig


class NeedsConfig(AppConfig):
    """Step 3."""

    name = "nonagon.steps.step3_needs"
    label = "needs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A sealed register stays as it was sealed, whoever writes."""
        from nonagon.process import registry  # noqa: PLC0415
        from nonagon.steps.step3_needs.sealing import sealed_stays  # noqa: PLC0415

        registry.guard(3, sealed_stays)
