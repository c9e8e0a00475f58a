"""Roles in the settings: their list, one of them as a grid, made, copied, made what it was, taken away."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clientela.access.models import Role
from clientela.platform.people import roles
from clientela.platform.rights import draft, grid
from clientela.platform.settings.views import administrators, done, frame
from clientela.records.errors import Conflict, Invalid, Refused
from clientela.records.views.base import actor_from, operation_from, overtaken, with_toast
from clientela.ui.render import page


def role_of(role_id: int) -> Role:
    """The role with this id; Http404 where there is none."""
    found = Role.objects.filter(pk=role_id).first()
    if found is None:
        raise Http404
    return found


def every() -> list[Role]:
    """All roles: those of administrators first, then by their words."""
    return sorted(Role.objects.all(), key=lambda role: (not role.is_administrator, role.label.lower()))


@require_safe
@administrators
def index(request: HttpRequest) -> HttpResponse:
    """Every role, with how many people have it."""
    found = every()
    counts = grid.people_with(found)
    rows = [(role, grid.told(role), counts[role.pk], roles.is_as_made(role)) for role in found]
    return page(request, "rights/roles.html", frame(request, "roles") | {"rows": rows}, fragment="roles")


@require_http_methods(["GET", "HEAD", "POST"])
@administrators
def role(request: HttpRequest, role_id: int) -> HttpResponse:
    """A role as a grid. POST draws what was changed in it; with `do=save` it is kept."""
    found = role_of(role_id)
    if request.method != "POST" or request.POST.get("do") == "discard":
        return _drawn(request, found, draft.of(found))
    try:
        wanted = draft.posted(found, request.POST)
        if request.POST.get("do") == "save":
            return _save(request, found, wanted)
    except Invalid as error:
        return _wrong(request, found, error)
    except Conflict as error:
        return overtaken(error)
    return _drawn(request, found, wanted)


def _save(request: HttpRequest, found: Role, wanted: draft.Draft) -> HttpResponse:
    """As somebody else may have changed the role meanwhile, the version the grid was drawn from decides."""
    version = request.POST.get("version", "")
    if version != str(found.version):
        raise Conflict(_("Somebody changed this role meanwhile. Reload the page to see it."), {})
    operation = operation_from(request, _("Role: %(name)s") % {"name": found.label})
    try:
        roles.change(found, draft.values_of(found, wanted), operation=operation)
    except Refused as error:
        return _wrong(request, found, Invalid({"rules": [error.message]}))
    kept = role_of(found.pk)
    response = _drawn(request, kept, draft.of(kept))
    undo_url = reverse("undo", args=[operation.id])
    return with_toast(response, _("%(name)s saved") % {"name": kept.label}, undo_url=undo_url)


def _wrong(request: HttpRequest, found: Role, error: Invalid) -> HttpResponse:
    """What was sent stands there still, with what is wrong about it."""
    try:
        wanted = draft.posted(found, request.POST)
    except Invalid:
        wanted = draft.of(found)
    return _drawn(request, role_of(found.pk), wanted, error.errors, status=422)


def _drawn(
    request: HttpRequest, found: Role, wanted: draft.Draft, errors: Any = None, status: int = 200
) -> HttpResponse:
    opened = request.POST.getlist("opened")
    context = {
        **frame(request, "roles"),
        **grid.context(found, wanted, actor_from(request), opened),
        "errors": errors or {},
        "tabs": _tabs(found),
        "as_made": roles.is_as_made(found),
    }
    return page(request, "rights/role.html", context, fragment="rights", status=status)


def _tabs(current: Role) -> list[dict[str, Any]]:
    found = every()
    counts = grid.people_with(found)
    return [
        {
            "label": each.label,
            "href": reverse("rights_role", args=[each.pk]),
            "current": each.pk == current.pk,
            "count": counts[each.pk],
        }
        for each in found
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@administrators
def create(request: HttpRequest) -> HttpResponse:
    """The dialog for a role of one's own: its name, and the role it starts as (`like`)."""
    given = request.POST if request.method == "POST" else request.GET
    chosen = given.get("like", "")
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            made = _make(request, given.get("name", ""), chosen)
            address = reverse("rights_role", args=[made.pk])
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        except Invalid as error:
            errors = error.errors
    context = {"roles": every(), "like": chosen, "name": given.get("name", ""), "errors": errors}
    return page(
        request,
        "rights/new.html",
        context,
        fragment="form" if errors else None,
        status=422 if errors else 200,
    )


def _make(request: HttpRequest, name: str, like: str) -> Role:
    operation = operation_from(request, _("New role"))
    if not like:
        return roles.create({"name": name.strip(), "rules": {"modules": {"*": True}}}, operation=operation)
    if not (like.isascii() and like.isdigit()):
        raise Invalid({"like": [_("Choose one of the list.")]})
    return roles.copy(role_of(int(like)), name.strip(), operation=operation)


@require_POST
@administrators
def delete(request: HttpRequest, role_id: int) -> HttpResponse:
    """Take a role of one's own away that nobody has."""
    found = role_of(role_id)
    operation = operation_from(request, _("Role deleted"))
    name = found.label
    roles.delete(found, operation=operation)
    return done(operation.id, _("%(name)s deleted") % {"name": name})


@require_POST
@administrators
def reset(request: HttpRequest, role_id: int) -> HttpResponse:
    """Make a ready-made role what it was."""
    found = role_of(role_id)
    if found.key is None:
        raise Refused(_("Only a ready-made role can be made what it was."))
    operation = operation_from(request, _("Role as it was made"))
    roles.change(found, {"rules": None}, operation=operation)
    return done(operation.id, _("%(name)s is as it was made") % {"name": found.label})


urlpatterns = [
    path("settings/roles/", index, name="rights_roles"),
    path("settings/roles/new/", create, name="rights_role_new"),
    path("settings/roles/<int:role_id>/", role, name="rights_role"),
    path("settings/roles/<int:role_id>/delete/", delete, name="rights_role_delete"),
    path("settings/roles/<int:role_id>/reset/", reset, name="rights_role_reset"),
]
