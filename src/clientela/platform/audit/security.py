"""What happened at the door: sign-ins, refusals and the like, kept beside the changes of records."""

from __future__ import annotations

import json
import logging
import re

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clientela.access.models import User
from clientela.platform.audit.models import SecurityEvent

LOG = logging.getLogger("clientela.security")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+")
SIGNED_IN, SIGN_IN_FAILED, SIGNED_OUT = "signed_in", "sign_in_failed", "signed_out"
ACCESS_REFUSED = "access_refused"
TOKEN_REFUSED, SEE_AS_STARTED, SEE_AS_ENDED = "token_refused", "see_as_started", "see_as_ended"
KINDS = {
    SIGNED_IN: _("Signed in"),
    SIGN_IN_FAILED: _("Sign-in refused"),
    SIGNED_OUT: _("Signed out"),
    TOKEN_REFUSED: _("API token refused"),
    ACCESS_REFUSED: _("Page refused"),
    SEE_AS_STARTED: _("Began to see as another person"),
    SEE_AS_ENDED: _("Stopped seeing as another person"),
    "password_changed": _("Password changed"),
    "second_factor_changed": _("Second factor changed"),
    "second_factor_taken_away": _("Lost second factor taken away"),
    "notices_chosen": _("Mails about sign-in switched"),
    "sessions_ended": _("Sessions ended"),
    "token_made": _("API token made"),
    "token_revoked": _("API token revoked"),
    "person_invited": _("Person invited"),
    "too_many_attempts": _("Too many attempts"),
    "audit_purged": _("Old history put away"),
    "file_refused": _("File refused"),
    "personal_data_exported": _("Personal data exported"),
    "personal_data_erased": _("Personal data erased"),
    "history_rule_changed": _("Rule of the history changed"),
}
"""Known kinds and their words; another kind is kept and shown under its own name."""


def record_event(
    kind: str,
    *,
    user: User | None = None,
    request: HttpRequest | None = None,
    address: str = "",
    user_agent: str = "",
    detail: str = "",
) -> SecurityEvent:
    """Keep that something happened at the door; one INSERT, in the caller's transaction if there is one.

    What happens while an administrator sees as `user` is his doing, and says as whom.
    `request` gives address and browser where they are not given. Texts longer than their column are cut, so
    that nobody can hide a refusal behind a long header. `detail` must hold no secret.
    """
    meta = request.META if request is not None else {}
    user_id = user.pk if user is not None else None
    if user is not None and user.seen_by is not None:
        user_id, seeing = user.seen_by, str(_("seeing as %(name)s") % {"name": user.name})
        detail = f"{seeing} · {detail}" if detail else seeing
    made = SecurityEvent.objects.create(
        kind=kind[:40],
        user_id=user_id,
        address=_clean(address or meta.get("REMOTE_ADDR", ""), 45),
        user_agent=_clean(user_agent or meta.get("HTTP_USER_AGENT", ""), 300),
        detail=_clean(detail, 300),
    )
    transaction.on_commit(lambda: _tell(made))
    return made


def _tell(event: SecurityEvent) -> None:
    """The same on the log, as one JSON object in the message: a supervisor sends it on to where whoever
    breaks in here cannot reach (ASVS 5.0 V16.4.3). People are numbers there, and no e-mail is told."""
    told = {
        "event": event.kind,
        "id": event.pk,
        "user": event.user_id,
        "address": event.address,
        "browser": event.user_agent,
        "detail": _MAIL.sub("…@…", event.detail),
    }
    LOG.info(json.dumps(told, ensure_ascii=False))


def _clean(text: str | None, longest: int) -> str:
    """Without the character that PostgreSQL cannot keep, and no longer than its column."""
    return str(text or "").replace("\x00", "")[:longest]
