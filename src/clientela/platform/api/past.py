"""`?as_of=`: records as they were at a moment."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.utils.translation import gettext as _

from clientela.platform.api.endpoint import Call
from clientela.platform.history import past
from clientela.records.errors import NotFound
from clientela.records.spec import Spec

LARGEST_ID = 2**63 - 1


def asked(spec: Spec, call: Call, record_id: str = "") -> AbstractContextManager[Any]:
    """Inside, records read as at the moment that the call asks for, if it does.

    Raises ConditionError for what is no past moment, or where too much has changed since, NotFound.
    """
    if "as_of" not in call.request.GET:
        return nullcontext()
    moment = past.moment_of(call.parameter("as_of"), call.actor)
    only = [int(record_id)] if record_id else None
    if only and only[0] > LARGEST_ID:
        raise NotFound(_("There is no such record, or you may not see it."))
    return past.read(spec, moment, call.actor, only)
