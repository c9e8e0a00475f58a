from django.db import migrations, models

BATCH = 1000


def fill(apps, _editor):
    """From the files there are, and the deletions of those that are gone; the newest of a file counts."""
    attachment, change = apps.get_model("attachments", "Attachment"), apps.get_model("audit", "Change")
    place = apps.get_model("attachments", "LastPlace")
    gone = change.objects.filter(record="attachment", verb="delete").order_by("id")
    found = {}
    for file_id, before in gone.values_list("record_id", "before").iterator(chunk_size=BATCH):
        if before.get("record_id"):
            found[file_id] = (before.get("record", ""), before["record_id"])
    for file_id, *where in attachment.objects.values_list("id", "record", "record_id"):
        if where[1]:
            found[file_id] = tuple(where)
    rows = (place(file_id=file_id, record=where[0], record_id=where[1]) for file_id, where in found.items())
    place.objects.bulk_create(rows, batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("attachments", "0001_initial"), ("audit", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="LastPlace",
            fields=[
                ("file_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("record", models.CharField(max_length=60)),
                ("record_id", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "Last place of a file",
                "verbose_name_plural": "Last places of files",
                "indexes": [models.Index(fields=["record", "record_id", "-file_id"], name="place_by_record")],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
