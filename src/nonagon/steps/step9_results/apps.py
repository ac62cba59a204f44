"""The room as Django sees it."""

from django.apps import AppConfig


class ResultsConfig(AppConfig):
    """Step 9."""

    name = "nonagon.steps.step9_results"
    label = "results"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Only who may sign signs the minutes of the review."""
        from nonagon.process import registry  # noqa: PLC0415
        from nonagon.steps.step9_results import services  # noqa: PLC0415

        registry.guard(9, services.only_signers_sign)
