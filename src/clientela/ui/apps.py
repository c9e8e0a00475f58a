"""Application configuration of the interface."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Templates, static files and words every page shares."""

    name = "clientela.ui"
    label = "ui"
