"""Hand-overs for a day to come: kept as they were seen, carried out by the worker on that day.

On the day every record that was seen goes to whom it was seen to go to, if it is open and the leaver's still,
and she is active; what the leaver was given since is shared out by the same rules.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.access.models import User
from clientela.platform.handover import planning, work
from clientela.platform.handover.models import HandOver, Status
from clientela.platform.handover.planning import STAY, Plan, Wish
from clientela.platform.people import lifecycle
from clientela.records.changes import Operation
from clientela.records.errors import Invalid, Refused

FARTHEST = dt.timedelta(days=366)


def keep(
    plan: Plan, day: dt.date, *, operation: Operation, deactivates: bool = False, base: str = ""
) -> HandOver:
    """Have the worker do it on `day`, as the calendar of whoever asks has it. Raises Refused, Invalid."""
    actor = operation.actor
    lifecycle.require_administrator(actor)
    zone = ZoneInfo(actor.time_zone)
    today = timezone.now().astimezone(zone).date()
    if not today < day <= today + FARTHEST:
        raise Invalid({"on": [_("Choose a day from tomorrow on, within a year.")]})
    if actor.user_id is None:
        raise Refused(_("You may not do this."))
    with transaction.atomic():
        User.objects.select_for_update().get(pk=plan.wish.leaver.pk)
        if of_person(plan.wish.leaver) is not None:
            raise Refused(_("A hand-over of this person is planned already: cancel that one first."))
        return HandOver.objects.create(
            leaver=plan.wish.leaver,
            by_id=actor.user_id,
            plan=plan.as_data(),
            wish=as_data(plan),
            deactivates=deactivates,
            address=operation.source.address,
            operation=operation.id,
            total=plan.total,
            due_at=dt.datetime.combine(day, dt.time(), zone),
            status=Status.PLANNED,
            base=base,
        )


def of_person(leaver: User) -> HandOver | None:
    """The hand-over that is planned for a person."""
    return HandOver.objects.filter(leaver=leaver, status=Status.PLANNED).select_related("by").first()


def cancel(job: HandOver, *, actor: Actor) -> None:
    """It will not be done. Raises Refused where it has begun meanwhile."""
    lifecycle.require_administrator(actor)
    planned = HandOver.objects.filter(pk=job.pk, status=Status.PLANNED)
    changed = planned.update(status=Status.CANCELLED, cancelled_by=actor.user_id, finished_at=timezone.now())
    job.refresh_from_db()
    if not changed:
        raise Refused(_("It has begun meanwhile, or somebody cancelled it."))


def as_data(plan: Plan) -> dict[str, Any]:
    """The choices of a plan as they are kept, with what was to stay."""
    wish = plan.wish
    stays = {(share.kind.key, pk) for share in plan.shares for pk in share.undecided}
    return {
        "to": [person.pk for person in wish.receivers],
        "rule": wish.rule,
        "own": dict(wish.own),
        "stays": sorted([key, pk] for key, pk in stays),
    }


def renew(job: HandOver, actor: Actor) -> None:
    """Make the plan of a kept one anew, on its day; inside the transaction in which it begins."""
    plan = planning.make(_wish_of(job), work.kinds(), actor)
    job.plan, job.total, job.left = plan.as_data(), plan.total, []
    job.save(update_fields=["plan", "total", "left"])


def _wish_of(job: HandOver) -> Wish:
    kept = job.wish
    ids = {*kept["to"], *(receiver for _key, receiver, _pk in job.items())}
    ids |= {int(rule) for rule in kept["own"].values() if rule.isdigit()}
    people = User.objects.filter(is_active=True).exclude(pk=job.leaver_id).in_bulk(sorted(ids))
    single = {(key, pk): str(receiver) for key, receiver, pk in job.items() if receiver in people}
    single |= dict.fromkeys(map(tuple, kept["stays"]), STAY)
    return Wish(
        job.leaver,
        tuple(people[each] for each in kept["to"] if each in people),
        kept["rule"],
        {key: rule for key, rule in kept["own"].items() if not rule.isdigit() or int(rule) in people},
        single,
    )
