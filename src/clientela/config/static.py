"""How stylesheets, scripts and icons are stored for serving."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Names with a hash of the content, so that browsers keep them for ever; imports in modules too."""

    support_js_module_import_aggregation = True
