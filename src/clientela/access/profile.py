"""One's own preferences: name, language, time zone, theme, density and keys."""

from __future__ import annotations

import zoneinfo
from functools import lru_cache
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from clientela.access.models import Theme, User
from clientela.ui.render import page


@lru_cache(maxsize=1)
def time_zones() -> tuple[tuple[str, str], ...]:
    """The places of the time zone database, as choices; aliases without a continent are left out."""
    places = (name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return tuple((name, name.replace("_", " ")) for name in sorted(places))


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person may change about herself."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)

    class Meta:
        model = User
        fields: ClassVar = ["name", "language", "time_zone", "theme", "density", "shortcuts"]
        widgets: ClassVar = {"theme": forms.RadioSelect, "density": forms.RadioSelect}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """The page of one's own preferences."""
    person = _person(request)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        with translation.override(person.language):
            return HttpResponseRedirect(reverse("profile") + "?saved=1")
    context: dict[str, Any] = {"form": form, "person": person, "saved": "saved" in request.GET}
    return page(request, "access/profile.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme chosen from the palette. 400 for a theme that does not exist."""
    wanted = request.POST.get("theme", "")
    if wanted not in Theme.values:
        return HttpResponseBadRequest("theme", content_type="text/plain; charset=utf-8")
    person = _person(request)
    person.theme = wanted
    person.save(update_fields=["theme"])
    return HttpResponse(status=204)


def _person(request: HttpRequest) -> User:
    """The signed-in person, read anew: a refused form must not colour the page it is shown on."""
    return User.objects.get(pk=request.user.pk or 0)
