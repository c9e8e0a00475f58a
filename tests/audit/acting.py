"""What the tests of the history's pages do beforehand."""

from __future__ import annotations

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account
from clientela.records import registry, write
from clientela.records.changes import PAGE, Operation

ACCOUNT = registry.get("account")


def act(person, source=PAGE, label=""):
    return Operation(actor_of(person), source, label=label)


def delete(person, *records):
    operation = act(person)
    write.delete(ACCOUNT, [Account.objects.get(pk=each.pk) for each in records], operation=operation)
    return operation.id
