"""How much was undone has a column of its own; until now it stood in the report."""

from __future__ import annotations

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def take_along(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    for job in apps.get_model("editing", "BulkJob").objects.filter(report__has_key="undone"):
        job.undone = job.report["undone"]
        job.save(update_fields=["undone"])


class Migration(migrations.Migration):
    dependencies = [("editing", "0001_bulk_jobs")]
    operations = [
        migrations.AddField("bulkjob", "undone", models.PositiveIntegerField(default=0)),
        migrations.RunPython(take_along, migrations.RunPython.noop),
    ]
