"""The column goes once everybody has a role."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("access", "0003_ready_made_roles")]
    operations = [migrations.RemoveField(model_name="user", name="role")]
