"""What others have shared with one, beside what one's roles show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from clientela.access.actor import Actor
from clientela.access.models import Share
from clientela.access.standing import shares_with
from clientela.platform.lists.listing import State
from clientela.records import query, registry, urlnames
from clientela.records.spec import Spec
from clientela.records.views.base import actor_from
from clientela.ui.render import page

MOST = 200


@dataclass(frozen=True)
class Received:
    """A record that somebody shared with the reader, or with a team of hers."""

    spec: Spec
    title: str
    url: str
    share: Share


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """Every live share with the reader, newest first: a query for each kind of record there is among them."""
    actor = actor_from(request)
    shares = shares_with(actor.user_id, actor.standing.teams).select_related("by", "team")
    found = list(shares.order_by("-at", "-pk")[: MOST + 1])
    rows = _rows(found[:MOST], actor)
    return page(request, "rights/received.html", {"rows": rows, "more": len(found) > MOST})


def _rows(shares: Iterable[Share], actor: Actor) -> list[Received]:
    shares = list(shares)
    titles = {key: _titles(key, shares, actor) for key in {share.record for share in shares}}
    return [
        Received(
            spec, titles[share.record][share.record_id], urlnames.record_url(spec, share.record_id), share
        )
        for share in shares
        if (spec := registry.find(share.record)) is not None and share.record_id in titles[share.record]
    ]


def _titles(key: str, shares: Iterable[Share], actor: Actor) -> dict[int, str]:
    spec = registry.find(key)
    if spec is None:
        return {}
    ids = [share.record_id for share in shares if share.record == key]
    return {row.pk: str(row) for row in query.visible(spec, actor).filter(pk__in=ids)}


def of_list(_request: HttpRequest, state: State, actor: Actor) -> dict[str, Any]:
    """For a list's menu: where one finds what is shared; nothing where nothing of this kind is."""
    is_any = any(key == state.spec.key for key, _writes in actor.standing.shared)
    return {"received_url": reverse("rights_received") if is_any else ""}


urlpatterns = [path("shared/", index, name="rights_received")]
