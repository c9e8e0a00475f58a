"""Showing a record to somebody, or to a team, whom roles do not let see or change it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.access.models import Share, ShareLevel, Team, User
from clientela.access.standing import live_shares
from clientela.records import registry, write
from clientela.records.changes import Operation
from clientela.records.errors import Invalid, Refused
from clientela.records.spec import Spec

ACTION = "share"
"""Name of the action, for roles that forbid it."""


def share(
    spec: Spec,
    instance: Any,
    whom: User | Team,
    *,
    level: str = ShareLevel.READ,
    until: dt.datetime | None = None,
    operation: Operation,
) -> Share:
    """Let a person, or a team and those below it, see the record (`read`) or change it too (`write`).

    An earlier share with the same ones is replaced. Raises Invalid for a date that has passed, Refused for
    whoever may not change the record.
    """
    require(spec, instance, operation)
    if level not in ShareLevel.values:
        raise Invalid({"level": [_("Choose one of the list.")]})
    if until is not None and until <= timezone.now():
        raise Invalid({"until": [_("This date has passed.")]})
    name = "team" if isinstance(whom, Team) else "user"
    values = {"record": spec.key, "record_id": instance.pk, name: whom.pk, "level": level, "until": until}
    with transaction.atomic():
        earlier = Share.objects.filter(record=spec.key, record_id=instance.pk, **{name: whom.pk})
        write.delete(registry.get("share"), list(earlier), operation=operation, trusted=True)
        made: Share = write.create(
            registry.get("share"),
            {**values, "by": operation.actor.user_id},
            operation=operation,
            trusted=True,
        )
    return made


def unshare(shared: Share, *, operation: Operation) -> None:
    """Take a share back. Raises Refused for whoever may not change the record."""
    spec = registry.get(shared.record)
    instance = spec.model._base_manager.filter(pk=shared.record_id).first()
    if instance is not None:
        require(spec, instance, operation)
    write.delete(registry.get("share"), [shared], operation=operation, trusted=True)


def shares_of(spec: Spec, instance: Any) -> QuerySet[Share]:
    """The live shares of a record, with whom and by whom: for its page."""
    rows = live_shares().filter(record=spec.key, record_id=instance.pk)
    return rows.select_related("user", "team", "by").order_by("-at", "-pk")


def require(spec: Spec, instance: Any, operation: Operation) -> None:
    """Raise Refused unless the actor may change the record and share, and so decide who else sees it."""
    if not may_share(spec, instance, operation.actor):
        raise Refused(_("You may not do this. Ask whoever looks after this record."))


def may_share(spec: Spec, instance: Any, actor: Actor) -> bool:
    """Whether `actor` may change the record, and no role keeps him from sharing it."""
    return is_shareable(spec, actor) and policy.can(actor, "change", spec, instance)


def is_shareable(spec: Spec, actor: Actor) -> bool:
    """Whether `actor` may share those records of this kind that he may change. Not what all see anyway."""
    is_own = not spec.access.configuration and spec.visible is None
    return is_own and policy.may_act(actor, ACTION, spec)
