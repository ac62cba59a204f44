"""The room as Django sees it."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """What all pages share."""

    name = "nonagon.ui"
    label = "ui"
