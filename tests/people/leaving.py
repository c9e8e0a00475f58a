"""Helpers of the tests about hand-overs."""

from __future__ import annotations

from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.platform.handover import planning, work
from clientela.platform.handover.planning import Wish
from clientela.records.changes import PAGE, Operation


def act(user: User) -> Operation:
    return Operation(actor_of(User.objects.get(pk=user.pk)), PAGE)


def plan(cast, *receivers, rule="turns", **own) -> planning.Plan:
    wish = Wish(cast.owner, tuple(receivers), rule, own)
    return planning.make(wish, work.kinds(), actor_of(cast.admin))


def wishing(cast, *receivers, **more) -> planning.Plan:
    """The plan of a hand-over of the owner's work with whatever else a wish says."""
    wish = Wish(cast.owner, tuple(receivers), **more)
    return planning.make(wish, work.kinds(), actor_of(cast.admin))


def owners(model, field="name") -> dict[str, str]:
    return dict(model.objects.order_by("pk").values_list(field, "owner__name"))
