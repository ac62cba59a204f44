"""The room as Django sees it."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Organizations, people, roles."""

    name = "nonagon.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listens at the door."""
        from nonagon.accounts import signals  # noqa: F401, PLC0415
