"""What is looked at before every page: is the session still good, and is something missing first."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from clientela.platform.signing import sessions

Handler = Callable[[HttpRequest], HttpResponse]
# Where somebody may go who has yet to set up a second factor.
_OPEN = ("/account/", "/profile/security/", "/profile/theme/", "/static/", "/healthz", "/api/")


def session_middleware(get_response: Handler) -> Handler:
    """Note the use of a session; lead to the second factor whoever must have one and has none."""

    def middleware(request: HttpRequest) -> HttpResponse:
        sessions.touch(request)
        if must_set_up(request):
            return _led_to(request, reverse("signing_required"))
        return get_response(request)

    return middleware


def must_set_up(request: HttpRequest) -> bool:
    """Whether this page has to wait until its reader has a second factor."""
    if request.path_info.startswith(_OPEN):
        return False
    return sessions.lacks_factor(request)


def _led_to(request: HttpRequest, address: str) -> HttpResponse:
    """A redirect; htmx is told to load the whole page, not to put it into a part of this one."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
