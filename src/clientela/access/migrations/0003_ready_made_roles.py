"""Everybody keeps the rights of the role that stood in a column, as one of the ready-made roles."""

from django.conf import settings
from django.db import migrations
from django.utils import translation
from django.utils.translation import gettext

# As they were when roles became rows; `access.ready_made` has the words and rules of today.
NAMES = {
    "admin": "Administrator",
    "manager": "Sales manager",
    "seller": "Salesperson",
    "back_office": "Back office",
    "support": "Support",
    "marketing": "Marketing",
    "reader": "Read-only executive",
    "integration": "Integration",
}


def make_roles(apps, schema_editor):
    role, user = apps.get_model("access", "Role"), apps.get_model("access", "User")
    with translation.override(settings.LANGUAGE_CODE):
        made = {
            key: role.objects.create(key=key, name=gettext(name), is_administrator=key == "admin")
            for key, name in NAMES.items()
        }
    ties = [
        user.roles.through(user_id=pk, role_id=made[key].pk)
        for pk, key in user.objects.filter(role__in=NAMES).values_list("pk", "role")
    ]
    user.roles.through.objects.bulk_create(ties, batch_size=1000)


def keep_first_role(apps, schema_editor):
    """Back to one role each: the one that may most; who has none of the four reads only."""
    user = apps.get_model("access", "User")
    user.objects.update(role="reader")
    for key in ("seller", "manager", "admin"):
        user.objects.filter(roles__key=key).update(role=key)


class Migration(migrations.Migration):
    dependencies = [("access", "0002_roles")]
    operations = [migrations.RunPython(make_roles, keep_first_role)]
