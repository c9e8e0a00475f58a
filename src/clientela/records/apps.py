from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RecordsConfig(AppConfig):
    """The record engine; it has no models of its own."""

    name = "clientela.records"
    label = "records"

    def ready(self) -> None:
        """Read every app's `records.py`, then close the registry's relations."""
        from clientela.kit import lookups  # noqa: F401  (registers itself)

        autodiscover_modules("records")
