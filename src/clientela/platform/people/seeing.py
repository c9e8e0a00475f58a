"""See as: an administrator looks at the product as another person would; nothing is written meanwhile.

The session keeps whom; `middleware` puts that person in the request's place, marked with who looks
(`User.seen_by`), so that every actor made from her only reads. Whatever is no reading is refused before any
view is asked, and so are the pages about the person's own account. Beginning and ending are kept.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clientela.access.models import User
from clientela.access.standing import standing_of
from clientela.platform.audit import security
from clientela.records.errors import Invalid, RecordError, Refused
from clientela.records.views.base import actor_from, refusal

SESSION_KEY = "see_as"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PRIVATE = ("/account/", "/profile/")
"""Where a person has her secrets: nobody looks there in her place."""
Handler = Callable[[HttpRequest], HttpResponse]


def start(request: HttpRequest, person: User) -> None:
    """From the next request on, look as `person`. Raises Refused, and Invalid for somebody unfit."""
    administrator = request.user
    if not isinstance(administrator, User) or not actor_from(request).is_admin:
        raise Refused(_("Only administrators may see as another person."))
    if person.pk == administrator.pk or not person.is_active:
        raise Invalid({"person": [_("Choose somebody else who is active.")]})
    request.session[SESSION_KEY] = person.pk
    _note(security.SEE_AS_STARTED, request, administrator, person)


def stop(request: HttpRequest) -> None:
    """Be oneself again; nothing happens where one is already."""
    seen = request.user
    request.session.pop(SESSION_KEY, None)
    if isinstance(seen, User) and seen.seen_by is not None:
        _note(security.SEE_AS_ENDED, request, User.objects.get(pk=seen.seen_by), seen)


def _note(kind: str, request: HttpRequest, administrator: User, person: User) -> None:
    detail = f"{person.name} <{person.email}>"
    security.record_event(kind, user=administrator, request=request, detail=detail)


def middleware(get_response: Handler) -> Handler:
    """Put the person seen in the place of the administrator who looks."""

    def handle(request: HttpRequest) -> HttpResponse:
        person = _seen(request)
        if person is None or request.path == reverse("account_logout"):
            return get_response(request)
        request.user = person
        if not _is_allowed(request):
            return refusal(request, Refused(_("You are looking as somebody else: nothing can be changed.")))
        return get_response(request)

    return handle


def _seen(request: HttpRequest) -> User | None:
    """The person as whom the session looks, in the language and time of who looks; None for oneself."""
    wanted = request.session.get(SESSION_KEY)
    administrator = request.user
    if wanted is None or not isinstance(administrator, User):
        return None
    person = User.objects.filter(pk=wanted, is_active=True).first()
    if person is None or not standing_of(administrator).grants.administrator:
        del request.session[SESSION_KEY]
        return None
    person.seen_by = administrator.pk
    person.language, person.time_zone = administrator.language, administrator.time_zone
    return person


def _is_allowed(request: HttpRequest) -> bool:
    if request.path == reverse("people_see_as_stop"):
        return True
    return request.method in SAFE and not request.path.startswith(PRIVATE)


@require_POST
@login_required
def start_view(request: HttpRequest, person_id: int) -> HttpResponse:
    """Begin to see as this person, from the start page. 403 and 404 as the services refuse."""
    person = User.objects.filter(pk=person_id).first()
    if person is None:
        raise Http404
    try:
        start(request, person)
    except RecordError as error:
        return refusal(request, Refused(error.message))
    return HttpResponseRedirect("/")


@require_POST
@login_required
def stop_view(request: HttpRequest) -> HttpResponse:
    """Be oneself again."""
    stop(request)
    return HttpResponseRedirect("/")
