"""What a list's menu offers of its history."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.lists.listing import State, with_query


def of_list(_request: HttpRequest, state: State, actor: Actor) -> dict[str, Any]:
    """Addresses of the list as it was, and of the bin for whoever may delete."""
    may_delete = policy.may(actor, "delete", state.spec)
    return {
        "past_url": with_query(reverse("past_choose", args=[state.spec.plural]), state.query()),
        "bin_url": reverse("bin_kind", args=[state.spec.plural]) if may_delete else "",
    }
