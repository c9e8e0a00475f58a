"""Pages of the interface itself, and what is shown when a page cannot be."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_safe

from clientela.ui.render import page


@require_safe
def shortcuts(request: HttpRequest) -> HttpResponse:
    """The dialog that lists the keys."""
    return page(request, "ui/shortcuts.html", {})


@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    """The dialog over a page whose session has ended, in that page's `language`: nobody is signed in then."""
    wanted = request.GET.get("language", "")
    with translation.override(wanted if wanted in dict(settings.LANGUAGES) else translation.get_language()):
        return page(request, "ui/signed_out.html", {})


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What to read while there is no connection."""
    return page(request, "ui/offline.html", {})


def no_permission(request: HttpRequest, *, who: str = "", what: str = "") -> HttpResponse:
    """403 that says whom to ask: `who` may be a name or several, `what` the thing one may not see."""
    return page(request, "403.html", {"who": who, "what": what}, status=403)


def not_found(request: HttpRequest) -> HttpResponse:
    """404 in the frame of the application."""
    return page(request, "404.html", {}, status=404)
