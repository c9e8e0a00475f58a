"""People are added and changed on the command line, with an entry in the history."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from clientela.access import policy
from clientela.access.models import Team, User
from clientela.platform.audit.models import Change

pytestmark = pytest.mark.django_db


def person(*words: str) -> str:
    output = StringIO()
    call_command("person", *words, stdout=output)
    return output.getvalue()


def roles_of(user: User) -> list[str | None]:
    return [role.key for role in user.roles.all()]


def test_somebody_new_is_added_to_a_new_team_and_has_no_password():
    told = person("Ana@Example.com", "--name", "Ana Ruiz", "--role", "manager", "--team", "Ventas")

    ana = User.objects.get()
    assert told.startswith("Ana Ruiz <ana@example.com>: ")
    assert (ana.email, roles_of(ana), ana.is_active) == ("ana@example.com", ["manager"], True)
    assert ana.team == Team.objects.get(name="Ventas")
    assert list(policy.colleagues(ana.team.pk).values_list("pk", flat=True)) == [ana.pk]
    assert not ana.check_password("")
    assert list(Change.objects.values_list("record", "verb").order_by("id")) == [
        ("team", "create"),
        ("user", "create"),
    ]


def test_who_is_there_is_changed_in_what_is_said(cast):
    person("OWNER@example.com", "--role", "manager", "--team", "sales SOUTH")

    cast.owner.refresh_from_db()
    assert (cast.owner.name, roles_of(cast.owner), cast.owner.team.name) == (
        "Owner",
        ["manager"],
        "Sales south",
    )
    assert User.objects.count() == 6
    assert Team.objects.count() == 3


def test_who_leaves_is_deactivated_and_may_come_back(cast):
    person("owner@example.com", "--deactivate")
    assert User.objects.get(pk=cast.owner.pk).is_active is False
    person("owner@example.com", "--activate")
    assert User.objects.get(pk=cast.owner.pk).is_active is True


@pytest.mark.parametrize("words", [("ana@example.com",), ("no mail", "--name", "Ana")])
def test_what_is_missing_is_told_and_nothing_is_made(words):
    with pytest.raises(CommandError):
        person(*words, "--team", "Ventas")

    assert (User.objects.count(), Team.objects.count(), Change.objects.count()) == (0, 0, 0)
