import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Scopes by zone count the accounts of each kind by an index that holds both."""

    dependencies = [("parties", "0004_people_of_zones")]

    operations = [
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["zone", "kind"], name="account_by_zone"),
        ),
        migrations.AlterField(
            model_name="account",
            name="zone",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="accounts",
                to="parties.zone",
                verbose_name="Zone",
            ),
        ),
    ]
