"""The links in mails: sign-in link, invitation, and “this was not me”."""

from __future__ import annotations

from allauth.account.views import LoginView, LogoutView
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from clientela.access import signin_link
from clientela.platform.audit import security
from clientela.platform.signing import invitations, sessions
from clientela.platform.signing.forms import AcceptForm

GONE = 410


def login(request: HttpRequest) -> HttpResponse:
    """The sign-in page, with the company accounts there are at the moment."""
    more = {"oidc_providers": settings.OIDC_PROVIDERS, "workspace": settings.WORKSPACE_NAME}
    view = LoginView.as_view(extra_context=more)
    response: HttpResponse = view(request)
    return response


def logout(request: HttpRequest) -> HttpResponse:
    """Signing out; the browser drops what it keeps of us but the cookies (the known device, the language)."""
    response: HttpResponse = LogoutView.as_view()(request)
    if request.method == "POST":
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def signin_link_page(request: HttpRequest, token: str) -> HttpResponse:
    """A button on GET, so that a mail program that follows links spends nothing; the sign-in on POST."""
    user = signin_link.use(token) if request.method == "POST" else signin_link.find(token)
    if user is None:
        security.record_event(security.SIGN_IN_FAILED, request=request, detail="link")
        return render(request, "access/signin_link.html", {"person": None}, status=GONE)
    if request.method == "POST":
        response = HttpResponseRedirect("/")
        sessions.sign_in(request, response, user, "link")
        return response
    return render(request, "access/signin_link.html", {"person": user})


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """An invited person gives her name and a password, and is in."""
    invitation = invitations.find(token)
    if invitation is None:
        return _gone(request)
    form = AcceptForm(request.POST or None, user=invitation.user, initial={"name": invitation.user.name})
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "person": invitation.user}
        return render(request, "signing/accept.html", context, status=422 if form.errors else 200)
    given = form.cleaned_data
    user = invitations.accept(token, name=given["name"], password=given["password1"])
    if user is None:
        return _gone(request)
    response = HttpResponseRedirect("/")
    sessions.sign_in(request, response, user, "invitation")
    return response


def _gone(request: HttpRequest) -> HttpResponse:
    security.record_event(security.SIGN_IN_FAILED, request=request, detail="invitation")
    return render(request, "signing/accept.html", {"person": None}, status=GONE)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail about a new device: a button that ends that session."""
    found = sessions.find_by_token(token)
    if found is None:
        return render(request, "signing/not_me.html", {"session": None}, status=GONE)
    if request.method == "POST":
        sessions.end(found.user, found.pk, request=request)
        return render(request, "signing/not_me.html", {"session": None, "ended": True})
    return render(request, "signing/not_me.html", {"session": found})
