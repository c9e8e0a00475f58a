"""One-time codes are good once, in whichever process they arrive."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from clientela.platform.signing.models import SpentCode

_KEPT = dt.timedelta(minutes=10)  # far longer than any time-based code holds
_SALT = "clientela.platform.signing.spent"


def spend(what: str) -> bool:
    """Take a code out of use; False where it was already."""
    key = salted_hmac(_SALT, what, algorithm="sha256").hexdigest()
    now = timezone.now()
    with transaction.atomic():
        SpentCode.objects.filter(spent_at__lt=now - _KEPT).delete()
        _row, made = SpentCode.objects.get_or_create(key=key)
    return made
