"""Seeing as another person: whom, and what it means, before it starts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from clientela.access.models import User
from clientela.platform.settings.views import administrators, frame
from clientela.records.views.base import actor_from
from clientela.ui.render import page


@require_safe
@administrators
def confirm(request: HttpRequest) -> HttpResponse:
    """Choose a person (`?person=`), then start: the form goes to `people_see_as`, which logs it."""
    text = request.GET.get("person", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    person = User.objects.select_related("team").filter(pk=number).first()
    context = {
        "person": person,
        "fit": person is not None and person.is_active and person.pk != actor_from(request).user_id,
        "role_names": [role.label for role in person.roles.all()] if person is not None else [],
    }
    return page(request, "rights/see_as.html", frame(request, "see-as") | context)


urlpatterns = [path("settings/see-as/", confirm, name="rights_see_as")]
