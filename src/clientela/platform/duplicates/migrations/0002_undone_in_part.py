from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("duplicates", "0001_initial")]

    operations = [
        migrations.AddField("merge", "partly_undone_at", models.DateTimeField(null=True)),
        migrations.AddField("absorbed", "is_back", models.BooleanField(default=False)),
    ]
