"""Recovery codes: allauth makes and shows them; from then on only their hashes are kept (ASVS 5.0 V6.5.2).

allauth's record has a list for codes that came from elsewhere; it stays empty, and ours stand beside it.
"""

from __future__ import annotations

import re
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from clientela.access.models import User

KIND = Authenticator.Type.RECOVERY_CODES
_CODE = re.compile(r"[0-9]{8}")


class ShownView(ViewRecoveryCodesView):  # type: ignore[misc]
    """The codes, this once; then nobody can read them any more, here neither."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        if not found["can_view_codes"]:
            found["unused_codes"] = ["****"] * left(_of(self.request.user).first())
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        shown: HttpResponse = response.render()
        hash_codes(request.user)
        return shown


class MakeView(GenerateRecoveryCodesView):  # type: ignore[misc]
    """New codes instead of those there are."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        found["unused_code_count"] = left(_of(self.request.user).first())
        return found


def hash_codes(user: Any) -> None:
    """Keep the hashes of a person's codes instead of the seed they are made from."""
    kept = _of(user).first()
    if kept is None or "seed" not in kept.data:
        return
    # Hashing takes a while: nobody has to wait for the row meanwhile.
    hashes = [make_password(code) for code in kept.wrap().get_unused_codes()]
    with transaction.atomic():
        held = _of(user).select_for_update().get(pk=kept.pk)
        if held.data.get("seed") == kept.data["seed"] and held.data["used_mask"] == kept.data["used_mask"]:
            held.data = {"migrated_codes": [], "hashes": hashes, "viewed_at": held.data.get("viewed_at")}
            held.save(update_fields=["data"])


def use(user: User, code: str) -> Authenticator | None:
    """Take one of a person's codes, for good; None where it is none. What was never shown opens nothing."""
    kept = _of(user).first()
    if kept is None or not _CODE.fullmatch(code):
        return None
    matching = next((each for each in kept.data.get("hashes", ()) if check_password(code, each)), "")
    if not matching:
        return None
    with transaction.atomic():
        held = _of(user).select_for_update().get(pk=kept.pk)
        hashes = held.data.get("hashes", [])
        if matching not in hashes:
            return None
        held.data = {**held.data, "hashes": [each for each in hashes if each != matching]}
        held.save(update_fields=["data"])
    held.user = user
    return held


def left(kept: Authenticator | None) -> int:
    """How many codes are left."""
    if kept is None:
        return 0
    return len(kept.data["hashes"]) if "hashes" in kept.data else len(kept.wrap().get_unused_codes())


def _of(user: Any) -> QuerySet[Authenticator]:
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user_id=user.pk, type=KIND)
    return found
