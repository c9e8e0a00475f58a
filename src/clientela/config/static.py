"""How stylesheets, scripts and icons are stored for serving."""

from __future__ import annotations

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Names with a hash of the content, so that browsers keep them for ever; imports in modules too."""

    support_js_module_import_aggregation = True

    def file_hash(self, name: str, content: Any = None) -> str | None:
        """Eight digits tell one version from the next, and stand on a page some sixty times."""
        found: str | None = super().file_hash(name, content)
        return found and found[:8]
