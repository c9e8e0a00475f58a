"""A stay keeps the id of its stage after the stage is deleted, so that undoing the deletion ties them again."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sales", "0003_lead_discard_reason")]
    operations = [
        migrations.AlterField(
            model_name="stagespan",
            name="stage",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="sales.stage",
                verbose_name="Stage",
            ),
        ),
    ]
