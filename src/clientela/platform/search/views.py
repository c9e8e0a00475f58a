"""The palette's answers and the search page."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.urls import reverse
from django.views.decorators.http import require_safe

from clientela.platform.search import finding, places
from clientela.records.views.base import actor_from
from clientela.ui.render import page

PALETTE_HITS, RECENT, PAGE_HITS, HITS_OF_A_KIND = 8, 6, 120, 10
MOST_PLACES = 5


@login_required
@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """Groups of options for what is typed; before anything is, what one worked on last."""
    actor, text = actor_from(request), _text_of(request)
    hits = finding.find(actor, text, PALETTE_HITS) if text else finding.recent(actor, RECENT)
    context = {
        "text": text,
        "hits": hits,
        "commands": places.commands(actor, text)[:MOST_PLACES],
        "views": places.views(actor, text)[:MOST_PLACES],
        "url_page": f"{reverse('search_page')}?{urlencode({'q': text})}",
    }
    # Without the page around it, whose menu would cost more than the search.
    return HttpResponse(get_template("search/palette.html").render(context))


@login_required
@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """Everything that is found, by kind."""
    actor, text = actor_from(request), _text_of(request)
    groups = finding.by_kind(finding.find(actor, text, PAGE_HITS))
    context = {
        "text": text,
        "groups": [(spec, hits[:HITS_OF_A_KIND], len(hits)) for spec, hits in groups.items()],
    }
    return page(request, "search/page.html", context, fragment="results")


def _text_of(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\x00", "").strip()[:200]
