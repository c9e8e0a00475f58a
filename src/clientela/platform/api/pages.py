"""The page of one's own tokens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from clientela.access.models import User
from clientela.platform.api import tokens
from clientela.ui.render import page

LIVES = ((30, _("30 days")), (90, _("90 days")), (365, _("One year")), (0, _("Until it is revoked")))


class TokenForm(forms.Form):
    """What a new token is for and for how long it holds."""

    name = forms.CharField(label=_("What is it for?"), max_length=120)
    days = forms.TypedChoiceField(label=_("It holds for"), choices=LIVES, coerce=int, initial=90)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens_page(request: HttpRequest) -> HttpResponse:
    """One's tokens, and a form for a new one, whose secret is shown in the answer and never again."""
    user = _person(request)
    form = TokenForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "secret": ""}
    if request.method == "POST" and form.is_valid():
        _token, secret = tokens.issue(user, form.cleaned_data["name"], form.cleaned_data["days"])
        context = {"form": TokenForm(), "secret": secret}
    context["tokens"] = tokens.of_user(user)
    return page(request, "api/tokens.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Take one of one's tokens out of use."""
    if not tokens.revoke(_person(request), token_id):
        raise Http404
    return HttpResponseRedirect(reverse("api_tokens"))


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
