"""The pages of one's own tokens, and of everybody's for administrators."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.access.models import User
from clientela.platform.api import scopes, tokens
from clientela.platform.api.models import ApiToken
from clientela.platform.settings.views import administrators, frame
from clientela.platform.signing.proof import fresh_proof_to_write
from clientela.records import registry
from clientela.records.spec import Spec
from clientela.records.views.base import actor_from
from clientela.ui.render import page

LIVES = ((30, _("30 days")), (90, _("90 days")), (365, _("One year")), (0, _("Until it is revoked")))
ALL, READ, CHOSEN = "all", "read", "chosen"
WIDTHS = (
    (ALL, _("Everything that I may")),
    (READ, _("Read everything that I may see")),
    (CHOSEN, _("Only what is chosen below")),
)
LEVELS = (
    ("", _("nothing")),
    (scopes.READ, _("read")),
    (scopes.CREATE, _("only add")),
    (scopes.WRITE, _("read and write")),
)


class TokenForm(forms.Form):
    """What a new token is for, for how long it holds and what it may; a field for each kind of record."""

    name = forms.CharField(label=_("What is it for?"), max_length=120)
    days = forms.TypedChoiceField(label=_("It holds for"), choices=LIVES, coerce=int, initial=90)
    width = forms.ChoiceField(label=_("It may"), choices=WIDTHS, initial=ALL, required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.specs = [spec for spec in registry.every() if spec.menu and policy.may(actor, "see", spec)]
        for spec in self.specs:
            self.fields[spec.key] = forms.ChoiceField(label=spec.label_plural, choices=LEVELS, required=False)

    @property
    def kinds(self) -> list[forms.BoundField]:
        return [self[spec.key] for spec in self.specs]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        chosen = self._chosen(given)
        if given.get("width") == CHOSEN and not chosen:
            self.add_error("width", _("Choose at least one kind of record."))
        if given.get("width") != CHOSEN and chosen:
            self.add_error(
                "width", _("Choose “Only what is chosen below”, or nothing below: this allows more.")
            )
        return given

    def scope(self) -> scopes.Scope:
        """What the form says, as `scopes` keeps it."""
        if self.cleaned_data["width"] == READ:
            return {scopes.EVERY: scopes.READ}
        return self._chosen(self.cleaned_data) if self.cleaned_data["width"] == CHOSEN else {}

    def _chosen(self, given: dict[str, Any]) -> scopes.Scope:
        return {spec.key: given[spec.key] for spec in self.specs if given.get(spec.key)}


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@fresh_proof_to_write
def tokens_page(request: HttpRequest) -> HttpResponse:
    """One's tokens, and a form for a new one, whose secret is shown in the answer and never again."""
    user, actor = _person(request), actor_from(request)
    form = TokenForm(request.POST or None, actor=actor)
    context: dict[str, Any] = {"form": form, "secret": ""}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        _token, secret = tokens.issue(user, given["name"], given["days"], form.scope())
        context = {"form": TokenForm(actor=actor), "secret": secret}
    context["tokens"] = [shown(token) for token in tokens.of_user(user)]
    return page(request, "api/tokens.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Take one of one's tokens out of use."""
    if not tokens.revoke(_person(request), token_id):
        raise Http404
    return HttpResponseRedirect(reverse("api_tokens"))


@require_safe
@administrators
def all_tokens(request: HttpRequest) -> HttpResponse:
    """Everybody's tokens."""
    found = [shown(token) for token in tokens.of_everybody()]
    return page(request, "api/all_tokens.html", {"tokens": found, **frame(request, "tokens")})


@require_POST
@administrators
def revoke_any(request: HttpRequest, token_id: int) -> HttpResponse:
    """Take anybody's token out of use."""
    if not tokens.revoke_any(token_id, by=_person(request)):
        raise Http404
    return HttpResponseRedirect(reverse("api_all_tokens"))


def shown(token: ApiToken) -> dict[str, Any]:
    """A token as `api/_token.html` draws it."""
    return {"token": token, "may": _in_words(token.scope)}


def _in_words(scope: scopes.Scope) -> list[str]:
    """What a token may, as "read: Leads"; [] for everything."""
    levels = {key: str(label) for key, label in LEVELS}
    return [f"{levels[level]}: {_named(key)}" for key, level in scope.items()]


def _named(key: str) -> str:
    spec: Spec | None = registry.find(key)
    return str(_("everything") if key == scopes.EVERY else spec.label_plural if spec is not None else key)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
