"""What is looked at before every page: is the session still good, and is something missing first."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from clientela.access.models import User
from clientela.platform.signing import pace, refusals, sessions

Handler = Callable[[HttpRequest], HttpResponse]
# Where somebody may go who has yet to set up a second factor.
_OPEN = ("/account/", "/profile/security/", "/profile/theme/", "/static/", "/healthz", "/api/")


def session_middleware(get_response: Handler) -> Handler:
    """Note the use of a session, give it a new key when its person has confirmed who she is, and keep what
    was refused; lead to the second factor whoever must have one and has none."""

    def middleware(request: HttpRequest) -> HttpResponse:
        wait = _too_quick(request)
        if wait:
            return _wait(request, wait)
        sessions.touch(request)
        if must_set_up(request):
            return _led_to(request, reverse("signing_required"))
        confirmed = sessions.confirmed_at(request)
        response = get_response(request)
        if request.user.is_authenticated and sessions.confirmed_at(request) != confirmed:
            sessions.renew(request)
        if response.status_code == HTTPStatus.FORBIDDEN:
            refusals.note(request)
        return response

    return middleware


def _wait(request: HttpRequest, seconds: int) -> HttpResponse:
    response = render(request, "429.html", {"calls": True}, status=HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(seconds)
    return response


def _too_quick(request: HttpRequest) -> int:
    """Seconds that who is signed in has to wait; visitors are counted where they try to get in."""
    if not isinstance(request.user, User):
        return 0
    who = f"user:{request.user.pk}"
    wait = pace.seconds_to_wait(who)
    if wait:
        pace.note(request, request.user, who)
    return wait


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
