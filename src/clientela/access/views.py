"""The page of a sign-in link."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clientela.access import signin_link

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def signin_link_page(request: HttpRequest, token: str) -> HttpResponse:
    """A button on GET, so that a mail program that follows links spends nothing; the sign-in on POST."""
    user = signin_link.use(token) if request.method == "POST" else signin_link.find(token)
    if user is None:
        return render(request, "access/signin_link.html", {"person": None}, status=410)
    if request.method == "POST":
        login(request, user, backend=BACKEND)
        return HttpResponseRedirect("/")
    return render(request, "access/signin_link.html", {"person": user})
