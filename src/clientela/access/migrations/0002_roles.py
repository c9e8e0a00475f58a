"""Roles become rows with rules; teams have managers; records can be shared (docs/adr/0040)."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Role",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        blank=True,
                        editable=False,
                        max_length=40,
                        null=True,
                        unique=True,
                        verbose_name="Key",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="Name")),
                (
                    "description",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="Description"),
                ),
                ("is_administrator", models.BooleanField(default=False, verbose_name="Administrator")),
                (
                    "requires_mfa",
                    models.BooleanField(default=False, verbose_name="Asks for a second factor"),
                ),
                (
                    "rules",
                    models.TextField(blank=True, default="", editable=False, verbose_name="Rules"),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "updated_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="Last change"
                    ),
                ),
            ],
            options={"verbose_name": "Role", "verbose_name_plural": "Roles", "ordering": ["name"]},
        ),
        migrations.AddField(
            model_name="user",
            name="roles",
            field=models.ManyToManyField(
                blank=True, related_name="people", to="access.role", verbose_name="Roles"
            ),
        ),
        migrations.AddField(
            model_name="team",
            name="managers",
            field=models.ManyToManyField(
                blank=True,
                related_name="managed_teams",
                to=settings.AUTH_USER_MODEL,
                verbose_name="Managers",
            ),
        ),
        migrations.CreateModel(
            name="Share",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record", models.CharField(max_length=60, verbose_name="Kind of record")),
                ("record_id", models.BigIntegerField(verbose_name="Record")),
                (
                    "level",
                    models.CharField(
                        choices=[("read", "Read"), ("write", "Write")],
                        default="read",
                        max_length=5,
                        verbose_name="Level",
                    ),
                ),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="Until")),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="Shared on"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Shared by",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="access.team",
                        verbose_name="Team",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Person",
                    ),
                ),
            ],
            options={
                "verbose_name": "Share",
                "verbose_name_plural": "Shares",
                "ordering": ["-at", "-id"],
                "indexes": [models.Index(fields=["record", "record_id"], name="access_share_record")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("team__isnull", True), ("user__isnull", False))
                        | models.Q(("team__isnull", False), ("user__isnull", True)),
                        name="access_share_with_one",
                    )
                ],
            },
        ),
    ]
