"""Hand-overs for a day to come, and to whom mails about them went."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("handover", "0001_initial"),
    ]

    operations = [
        migrations.AddField("handover", "due_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("handover", "wish", models.JSONField(default=dict)),
        migrations.AddField("handover", "told", models.JSONField(default=list)),
        migrations.AddField("handover", "base", models.CharField(blank=True, default="", max_length=200)),
        migrations.AddField(
            "handover",
            "cancelled_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            "handover",
            "status",
            models.CharField(
                choices=[
                    ("planned", "Planned"),
                    ("cancelled", "Cancelled"),
                    ("waiting", "Waiting"),
                    ("running", "Running"),
                    ("done", "Done"),
                    ("failed", "Stopped"),
                    ("undoing", "Being undone"),
                ],
                default="waiting",
                max_length=10,
            ),
        ),
    ]
