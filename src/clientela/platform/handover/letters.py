"""Mails about hand-overs: to each who got something, and to whoever ordered it; each end is told once."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Count
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clientela.access.models import User
from clientela.platform.audit.models import Change
from clientela.platform.handover import work
from clientela.platform.handover.models import HandOver, Status
from clientela.records import urlnames

MINE = '{"field":"%s","op":"in","value":["me"]}'


@dataclass(frozen=True)
class Part:
    """What somebody got of one kind of record."""

    label: str
    number: int
    url: str


def tell_later(job: HandOver) -> None:
    """Have everybody told how it ended; the jobs are rows of the transaction that ends it."""
    from clientela.platform.handover.tasks import tell

    receivers = {receiver for _key, receiver, _pk in job.items()} if job.status == Status.DONE else set()
    for person in sorted({*receivers, job.by_id}):
        tell.enqueue(job.pk, person, job.status)


def send_once(job: HandOver, person: User, status: str) -> bool:
    """Tell one person of this end, unless she was told; whether a mail went.

    Raises SMTPException and OSError.
    """
    if name_of(person, status) in job.told or not person.is_active:
        return False
    with translation.override(person.language), timezone.override(ZoneInfo(person.time_zone or "UTC")):
        parts = parts_of(job, person) if status == Status.DONE else []
        if not parts and person.pk != job.by_id:
            return False
        _send(job, person, parts, status)
    with transaction.atomic():
        held = HandOver.objects.select_for_update().get(pk=job.pk)
        held.told = [*held.told, name_of(person, status)]
        held.save(update_fields=["told"])
    return True


def name_of(person: User, status: str) -> str:
    """How it is kept that she was told."""
    return f"{status}:{person.pk}"


def parts_of(job: HandOver, person: User) -> list[Part]:
    """What a person really got, by kind: one query a kind."""
    found = []
    for kind in work.kinds():
        given = Change.objects.filter(operation=job.operation, record=kind.key)
        given = given.filter(**{f"after__{kind.owner}": person.pk})
        number = given.aggregate(number=Count("record_id", distinct=True))["number"]
        if number:
            url = urlnames.list_url(kind.spec, view="all", filter=MINE % kind.owner)
            found.append(Part(str(kind.spec.label_plural), number, urljoin(job.base, url)))
    return found


def _send(job: HandOver, person: User, parts: list[Part], status: str) -> None:
    context = {
        "person": person,
        "job": job,
        "leaver": job.leaver,
        "parts": parts,
        "ordered": person.pk == job.by_id,
        "stopped": status == Status.FAILED,
        "given": job.done - len(job.left),
        "workspace": settings.WORKSPACE_NAME,
        "link": urljoin(job.base, reverse("handover_result", args=[job.pk])),
    }
    subject = _("You now look after work of %(name)s") if parts else _("Hand-over of %(name)s")
    message = EmailMultiAlternatives(
        " ".join((subject % {"name": job.leaver.name}).split()),
        render_to_string("handover/mail/told.txt", context),
        to=[person.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("handover/mail/told.html", context), "text/html")
    message.send()
