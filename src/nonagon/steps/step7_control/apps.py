"""The room as Django sees it."""

from django.apps import AppConfig


class ControlConfig(AppConfig):
    """Step 7."""

    name = "nonagon.steps.step7_control"
    label = "control"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tells the import of what people type in here, and the process what knows control items by their ids."""
        from nonagon.process import registry  # noqa: PLC0415
        from nonagon.steps.step7_control import services  # noqa: PLC0415

        registry.before_import(services.typed_rows)
        registry.follow_ids(services.follow_item)
