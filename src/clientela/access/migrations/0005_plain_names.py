"""Names of people, roles and teams show as they are written; no column changes."""

from django.db import migrations, models

import clientela.access.models


class Migration(migrations.Migration):
    dependencies = [("access", "0004_roles_replace_the_column")]

    operations = [
        migrations.AlterField(
            model_name="role",
            name="name",
            field=models.CharField(
                max_length=120, validators=[clientela.access.models.plain_name], verbose_name="Name"
            ),
        ),
        migrations.AlterField(
            model_name="team",
            name="name",
            field=models.CharField(
                max_length=120, validators=[clientela.access.models.plain_name], verbose_name="Name"
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="name",
            field=models.CharField(
                max_length=150, validators=[clientela.access.models.plain_name], verbose_name="Name"
            ),
        ),
    ]
