"""The room as Django sees it."""

from django.apps import AppConfig


class OpportunitiesConfig(AppConfig):
    """Step 5."""

    name = "nonagon.steps.step5_opportunities"
    label = "opportunities"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Approved versions of the charter stay as they were approved."""
        from nonagon.process import registry  # noqa: PLC0415
        from nonagon.steps.step5_opportunities.services import approvals_stay  # noqa: PLC0415

        registry.guard(5, approvals_stay)
