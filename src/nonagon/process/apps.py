"""The room as Django sees it."""

from django.apps import AppConfig


class ProcessConfig(AppConfig):
    """Cycles, decisions, gates, jobs."""

    name = "nonagon.process"
    label = "process"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listens to what the accounts tell."""
        from nonagon.process import audit, vault  # noqa: F401, PLC0415
