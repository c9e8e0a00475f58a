"""Profile > Security: second factors, sessions and tokens of oneself."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from clientela.access.models import User
from clientela.platform.api import pages as tokens_page
from clientela.platform.api import tokens
from clientela.platform.signing import factors, notices, recovery, sessions
from clientela.platform.signing.clients import device_name, is_phone
from clientela.platform.signing.models import OpenSession
from clientela.platform.signing.proof import fresh_proof
from clientela.ui.render import page

_METHODS = {
    "password": gettext_lazy("password"),
    "passkey": gettext_lazy("passkey"),
    "webauthn": gettext_lazy("passkey"),
    "totp": gettext_lazy("code"),
    "mfa": gettext_lazy("code"),
    "recovery_codes": gettext_lazy("recovery code"),
    "company": gettext_lazy("company account"),
    "invitation": gettext_lazy("invitation"),
    "link": gettext_lazy("sign-in link"),
}


@login_required
@never_cache
@require_safe
def security_page(request: HttpRequest) -> HttpResponse:
    """Everything about one's own way in."""
    person = _person(request)
    found = [_shown(session, request) for session in sessions.of_user(person)]
    context = {
        "person": person,
        "sessions": found,
        "others": sum(not each["current"] for each in found),
        "ended": "ended" in request.GET,
        "saved": "saved" in request.GET,
        "tokens": [tokens_page.shown(token) for token in tokens.of_user(person)],
        "tells_new_devices": notices.wants(person),
        **_factors(person),
    }
    return page(request, "signing/security.html", context)


@login_required
@never_cache
@require_safe
def required_page(request: HttpRequest) -> HttpResponse:
    """Where one is led who needs a second factor before anything else."""
    if not factors.is_missing(_person(request)):
        return HttpResponseRedirect("/")
    return page(request, "signing/required.html", {})


@login_required
@require_POST
@fresh_proof
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """End one of one's sessions."""
    if not sessions.end(_person(request), session_id, request=request):
        raise Http404
    return HttpResponseRedirect(reverse("mfa_index") + "?ended=1")


@login_required
@require_POST
@fresh_proof
def end_others(request: HttpRequest) -> HttpResponse:
    """End all of one's sessions but this one."""
    sessions.end_others(_person(request), request)
    return HttpResponseRedirect(reverse("mfa_index") + "?ended=1")


@login_required
@require_POST
@fresh_proof
def choose_notices(request: HttpRequest) -> HttpResponse:
    """Whether mails tell of new devices."""
    notices.choose(_person(request), request.POST.get("new_device") == "on", request=request)
    return HttpResponseRedirect(reverse("mfa_index") + "?saved=1")


def _factors(person: User) -> dict[str, Any]:
    found = list(Authenticator.objects.filter(user=person).order_by("created_at", "pk"))
    codes = next((each for each in found if each.type == Authenticator.Type.RECOVERY_CODES), None)
    return {
        "keys": [each for each in found if each.type == Authenticator.Type.WEBAUTHN],
        "totp": next((each for each in found if each.type == Authenticator.Type.TOTP), None),
        "codes": codes,
        "codes_left": recovery.left(codes),
    }


def _shown(session: OpenSession, request: HttpRequest) -> dict[str, Any]:
    return {
        "session": session,
        "method": method_in_words(session.method),
        "device": device_name(session.user_agent),
        "phone": is_phone(session.user_agent),
        "current": session.session_key == request.session.session_key,
    }


def method_in_words(method: str) -> str:
    """How somebody signed in, as `config.account` notes it: "password+totp" is "password and code"."""
    return _(" and ").join(str(_METHODS.get(each, each)) for each in method.split("+") if each)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
