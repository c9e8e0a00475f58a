"""Settings > People and teams: teams made, arranged in their tree and taken away, each in a dialog."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from clientela.access.models import Team, User
from clientela.platform.people import teams
from clientela.platform.people.forms import TeamForm
from clientela.platform.people.pages import Errors, form_methods, form_page, number
from clientela.platform.settings.views import administrators, done
from clientela.records.errors import Invalid, Refused
from clientela.records.views.base import operation_from


def _team(team_id: int) -> Team:
    found = Team.objects.select_related("parent").filter(pk=team_id).first()
    if found is None:
        raise Http404
    return found


@form_methods
@administrators
def new_team(request: HttpRequest) -> HttpResponse:
    """GET the form of a new team; POST makes it."""
    form = TeamForm(
        request.POST if request.method == "POST" else None, initial={"parent": request.GET.get("under")}
    )
    errors: Errors = {}
    if request.method == "POST" and form.is_valid():
        operation = operation_from(request, _("Team made"))
        try:
            made = teams.create(form.values(), operation=operation)
        except (Invalid, Refused) as error:
            errors = _errors(error)
        else:
            return done(operation.id, _("Team made: %(name)s") % {"name": made.name})
    context = {"title": _("New team"), "verb": _("Make"), "verb_icon": "plus", "address": request.path}
    return form_page(request, "people/team_form.html", form, errors, context | _choices(form))


@form_methods
@administrators
def edit_team(request: HttpRequest, team_id: int) -> HttpResponse:
    """GET its name, place and managers; POST changes them."""
    team = _team(team_id)
    start = {
        "name": team.name,
        "parent": team.parent_id or "",
        "managers": [person.pk for person in team.managers.all()],
    }
    form = TeamForm(request.POST if request.method == "POST" else None, initial=start)
    errors: Errors = {}
    if request.method == "POST" and form.is_valid():
        operation = operation_from(request, _("Team changed"))
        try:
            changed = teams.change(team, form.values(), operation=operation)
        except (Invalid, Refused) as error:
            errors = _errors(error)
        else:
            return done(operation.id, _("%(name)s changed") % {"name": changed.name})
    context = {"title": start["name"], "verb": _("Save"), "verb_icon": "check", "address": request.path}
    return form_page(request, "people/team_form.html", form, errors, context | _choices(form))


def _choices(form: TeamForm) -> dict[str, Any]:
    ids = [number(each) for each in form["managers"].value() or ()]
    return {
        "parent": _found(form["parent"].value()),
        "managers": User.objects.filter(pk__in=ids).order_by("name"),
    }


def _found(text: Any) -> Team | None:
    return Team.objects.filter(pk=number(text)).first()


@form_methods
@administrators
def delete_team(request: HttpRequest, team_id: int) -> HttpResponse:
    """GET what happens to its people; POST takes it away."""
    team = _team(team_id)
    errors: Errors = {}
    if request.method == "POST":
        refuge = _found(request.POST.get("refuge"))
        operation = operation_from(request, _("Team deleted"))
        try:
            teams.delete(team, refuge, operation=operation)
        except (Invalid, Refused) as error:
            errors = _errors(error)
        else:
            return done(operation.id, _("Team deleted: %(name)s") % {"name": team.name})
    context = {
        "title": _("Delete the team “%(name)s”") % {"name": team.name},
        "address": request.path,
        "members": User.objects.filter(team=team).count(),
        "parent": team.parent,
        "has_below": team.children.exists(),
    }
    return form_page(request, "people/delete_team.html", None, errors, context)


def _errors(error: Invalid | Refused) -> Errors:
    return error.errors if isinstance(error, Invalid) else {"": [error.message]}
