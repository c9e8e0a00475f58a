"""Settings > People and teams: the list, one person, and what an administrator does with her."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clientela.access import ready_made
from clientela.access.models import Role, Team, User
from clientela.platform.api import tokens
from clientela.platform.handover import portfolio
from clientela.platform.people import directory, lifecycle, territories
from clientela.platform.people.directory import Asked
from clientela.platform.people.forms import InviteForm, PersonForm
from clientela.platform.settings.views import administrators, done, frame
from clientela.platform.signing import invitations, sessions
from clientela.platform.signing.clients import device_name, is_phone
from clientela.records import registry
from clientela.records.errors import Conflict, Invalid
from clientela.records.views.base import actor_from, operation_from, overtaken, with_event, with_toast
from clientela.ui.render import page

form_methods = require_http_methods(["GET", "HEAD", "POST"])
Errors = dict[str, list[str]]


def person_of(person_id: int) -> User:
    """The person with this id, or 404."""
    found = User.objects.select_related("team").filter(pk=person_id).first()
    if found is None:
        raise Http404
    return found


@require_safe
@administrators
def index(request: HttpRequest) -> HttpResponse:
    """Everybody, by team or by name."""
    asked = _asked(request)
    context: dict[str, Any] = {"asked": asked, "listed": [], "entries": []}
    if asked.by_name:
        context["entries"], pages = directory.by_name(asked)
    else:
        context["listed"], pages = directory.by_team(asked)
    counts = directory.counts()
    context |= {
        "tabs": [_tab(asked, key, label, counts[key]) for key, label in _tab_words()],
        "required": counts["required"],
        "ways": [_way(asked, by_name=False), _way(asked, by_name=True)],
        "pages": pages,
        "previous": _url(asked, page=asked.page - 1) if asked.page > 1 else "",
        "next": _url(asked, page=asked.page + 1) if asked.page < pages else "",
        "here": _url(asked, page=asked.page),
    }
    return page(request, "people/index.html", frame(request, "people") | context, fragment="body")


def _asked(request: HttpRequest) -> Asked:
    tab = request.GET.get("tab", "")
    return Asked(
        tab if tab in directory.TABS else directory.ALL,
        request.GET.get("q", "")[:100].replace("\x00", "").strip(),
        request.GET.get("by") == "name",
        max(1, min(number(request.GET.get("page", "")), 100_000)),
    )


def _tab_words() -> list[tuple[str, str]]:
    return [
        (directory.ALL, pgettext("people", "All")),
        (directory.INVITED, pgettext("people", "Invited")),
        (directory.NO_FACTOR, _("Without second factor")),
        (directory.OFF, pgettext("people", "Deactivated")),
    ]


def _tab(asked: Asked, key: str, label: str, count: int) -> dict[str, Any]:
    return {"label": label, "href": _url(asked, tab=key), "current": asked.tab == key, "count": count}


def _way(asked: Asked, *, by_name: bool) -> dict[str, Any]:
    label, icon = (_("By name"), "users") if by_name else (_("By team"), "list-tree")
    url = _url(asked, by="name" if by_name else "")
    return {"label": label, "icon": icon, "href": url, "current": asked.by_name == by_name}


def _url(asked: Asked, **other: Any) -> str:
    given = {"tab": asked.tab, "q": asked.text, "by": "name" if asked.by_name else "", "page": 1} | other
    usual = {"tab": directory.ALL, "q": "", "by": "", "page": 1}
    query = urlencode({name: value for name, value in given.items() if value != usual[name]})
    return f"{reverse('people')}?{query}" if query else reverse("people")


@require_safe
@administrators
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person: what is known of her, what she looks after, where she is signed in."""
    found = person_of(person_id)
    actor = actor_from(request)
    owned = portfolio.of_person(found, actor)
    context = {
        "person": found,
        "entry": directory.entries(User.objects.filter(pk=found.pk))[0],
        "managed": Team.objects.filter(managers=found.pk).order_by("name"),
        "places": [(each.spec, territories.of_person(each, found)) for each in territories.every()],
        "owned": owned,
        "open_work": sum(each.open for each in owned),
        "sessions": [
            (each, device_name(each.user_agent), is_phone(each.user_agent))
            for each in sessions.of_user(found)
        ],
        "own_self": found.pk == actor.user_id,
    }
    return page(request, "people/person.html", frame(request, "people") | context, fragment="body")


@form_methods
@administrators
def invite(request: HttpRequest) -> HttpResponse:
    """GET the form; POST adds somebody and mails her the way in."""
    actor = actor_from(request)
    usual = list(Role.objects.filter(key=ready_made.SELLER).values_list("pk", flat=True))
    start = {"language": actor.language, "team": request.GET.get("team", ""), "roles": usual}
    form = InviteForm(request.POST if request.method == "POST" else None, initial=start)
    errors: Errors = {}
    if request.method == "POST" and form.is_valid():
        operation = operation_from(request, _("Person invited"))
        lifecycle.require_administrator(operation.actor)
        given = form.cleaned_data
        try:
            with transaction.atomic():
                made = invitations.invite(
                    given["email"],
                    form.values(),
                    operation=operation,
                    base=request.build_absolute_uri("/"),
                    language=given["language"],
                )
                lifecycle.change(made.user, {}, operation=operation, places=form.places())
        except Invalid as error:
            errors = error.errors
        else:
            text = _("Invited: %(email)s. The mail is on its way.") % {"email": made.user.email}
            return _said(text)
    context = {
        "title": _("Invite somebody"),
        "verb": _("Invite"),
        "verb_icon": "send",
        "address": request.path,
    }
    return form_page(request, "people/person_form.html", form, errors, context | _choices(form))


@form_methods
@administrators
def edit(request: HttpRequest, person_id: int) -> HttpResponse:
    """GET her name, roles, team and territories; POST changes them in one act."""
    found = person_of(person_id)
    form = PersonForm(request.POST if request.method == "POST" else None, initial=_start(found))
    errors: Errors = {}
    if request.method == "POST" and form.is_valid():
        operation = operation_from(request, registry.get("user").label)
        try:
            changed = lifecycle.change(found, form.values(), operation=operation, places=form.places())
        except Invalid as error:
            errors = error.errors
        else:
            return done(operation.id, _("%(name)s changed") % {"name": changed.name})
    context = {"title": found.name, "verb": _("Save"), "verb_icon": "check", "address": request.path}
    return form_page(request, "people/person_form.html", form, errors, context | _choices(form))


def _start(found: User) -> dict[str, Any]:
    start: dict[str, Any] = {
        "name": found.name,
        "team": found.team_id or "",
        "roles": [role.pk for role in found.roles.all()],
    }
    for each in territories.every():
        start[f"place-{each.record}"] = [one.pk for one in territories.of_person(each, found)]
    return start


def _choices(form: PersonForm) -> dict[str, Any]:
    """What the form offers, with what is chosen."""
    roles = {str(value) for value in form["roles"].value() or ()}
    team = Team.objects.filter(pk=number(form["team"].value())).first()
    places = []
    for each in territories.every():
        bound = form[f"place-{each.record}"]
        chosen = {str(value) for value in bound.value() or ()}
        rows = each.spec.model._default_manager.order_by(each.spec.title)
        places.append((bound, [(one.pk, str(one), str(one.pk) in chosen) for one in rows]))
    return {
        "form": form,
        "roles": [(role, str(role.pk) in roles) for role in Role.objects.order_by("pk")],
        "team": team,
        "places": places,
    }


def number(text: Any) -> int:
    """The id that a control sent; 0 for anything else."""
    return int(text) if str(text).isascii() and str(text).isdigit() and len(str(text)) < 19 else 0


def form_page(
    request: HttpRequest, template: str, form: Any, errors: Errors, context: dict[str, Any]
) -> HttpResponse:
    """A dialog with a form; only the form again, with what was wrong, where there was something."""
    wrong = bool(errors) or bool(form is not None and form.errors)
    if form is not None:
        for name, texts in errors.items():
            form.add_error(name if name in form.fields else None, texts)
        problems = [str(text) for text in form.non_field_errors()]
    else:
        problems = [text for texts in errors.values() for text in texts]
    context = {**context, "form": form, "problems": problems}
    return page(request, template, context, fragment="form" if wrong else None, status=422 if wrong else 200)


def _said(text: str) -> HttpResponse:
    """Dialogs close, the page fetches itself; there is nothing to undo."""
    response = with_toast(HttpResponse(status=204), text)
    return with_event(with_event(response, "clientela:close"), "clientela:refresh")


@require_POST
@administrators
def resend(request: HttpRequest, person_id: int) -> HttpResponse:
    """Send her a new link; the earlier one ends."""
    found = person_of(person_id)
    invitation = invitations.of_user(found)
    if invitation is None:
        raise Http404
    operation = operation_from(request, _("Person invited"))
    lifecycle.require_administrator(operation.actor)
    try:
        invitations.resend(invitation, operation=operation, base=request.build_absolute_uri("/"))
    except Conflict as error:
        return overtaken(error)
    return _said(_("A new link is on its way to %(email)s") % {"email": found.email})


@require_POST
@administrators
def revoke(request: HttpRequest, person_id: int) -> HttpResponse:
    """Take her invitation back."""
    found = person_of(person_id)
    invitation = invitations.of_user(found)
    if invitation is None:
        raise Http404
    operation = operation_from(request, _("Invitation taken back"))
    lifecycle.require_administrator(operation.actor)
    try:
        invitations.revoke(invitation, operation=operation)
    except Conflict as error:
        return overtaken(error)
    return _said(_("The invitation of %(email)s was taken back") % {"email": found.email})


@form_methods
@administrators
def deactivate(request: HttpRequest, person_id: int) -> HttpResponse:
    """GET what happens, and what she still looks after; POST does it."""
    found, actor = person_of(person_id), actor_from(request)
    if request.method == "POST":
        operation = operation_from(request, _("%(name)s left") % {"name": found.name})
        lifecycle.deactivate(found, operation=operation)
        return done(operation.id, _("%(name)s may no longer sign in") % {"name": found.name})
    owned = [each for each in portfolio.of_person(found, actor) if each.open]
    context = {
        "title": _("Deactivate %(name)s") % {"name": found.name},
        "address": request.path,
        "person": found,
        "owned": owned,
        "open_work": sum(each.open for each in owned),
        "sessions": sessions.of_user(found).count(),
        "tokens": list(tokens.of_user(found)),
    }
    return page(request, "people/deactivate.html", context)


@require_POST
@administrators
def reactivate(request: HttpRequest, person_id: int) -> HttpResponse:
    """She may sign in again."""
    found = person_of(person_id)
    operation = operation_from(request, _("%(name)s is back") % {"name": found.name})
    lifecycle.reactivate(found, operation=operation)
    return done(operation.id, _("%(name)s may sign in again") % {"name": found.name})


@require_POST
@administrators
def end_sessions(request: HttpRequest, person_id: int) -> HttpResponse:
    """Sign her out everywhere, or end the one session `session`."""
    found = person_of(person_id)
    operation = operation_from(request)
    chosen = number(request.POST.get("session", ""))
    if chosen:
        lifecycle.require_administrator(operation.actor)
        ended = int(sessions.end(found, chosen, request=request))
    else:
        ended = lifecycle.end_sessions(found, operation=operation, request=request)
    return _said(ngettext("%(n)s session ended", "%(n)s sessions ended", ended) % {"n": ended})
