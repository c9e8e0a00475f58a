"""Saving, renaming, sharing and pinning views. What the list shows comes as its query in `from`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clientela.access.actor import Actor
from clientela.platform.lists import listing
from clientela.platform.lists.listing import ListView, State
from clientela.platform.lists.views import go_to
from clientela.platform.savedviews import queries, services
from clientela.platform.savedviews.models import SavedView
from clientela.records.errors import Invalid
from clientela.records.spec import Spec
from clientela.records.views.base import actor_from, record_view, with_event, with_toast
from clientela.ui import colours
from clientela.ui.render import page


def furniture(request: HttpRequest, state: State, actor: Actor) -> dict[str, Any]:
    """Context of savedviews/_toolbar.html."""
    return {
        "views_toolbar": "savedviews/_toolbar.html",
        "may_share": services.may_share(actor),
        "colors": colours.NAMES,
    }


@require_http_methods(["GET", "POST"])
@record_view
def view_new(request: HttpRequest, spec: Spec) -> HttpResponse:
    """The dialog that saves the list as a new view; then the list in that view."""
    actor = actor_from(request)
    if request.method == "GET":
        return _name_dialog(request, spec, "", request.GET.get("from", ""))
    state = _state(request, spec, actor)
    name = request.POST.get("name", "")
    try:
        saved = services.save_new(state, actor, name, shared="shared" in request.POST)
    except Invalid as error:
        return _name_dialog(request, spec, name, request.POST.get("from", ""), error=error)
    return _shown_in(state, actor, queries.key_of(saved.pk), _("View saved"))


def _name_dialog(
    request: HttpRequest, spec: Spec, name: str, query: str, *, error: Invalid | None = None, view: Any = None
) -> HttpResponse:
    context = {
        "spec": spec,
        "name": name,
        "query": query,
        "view": view,
        "may_share": view is None and services.may_share(actor_from(request)),
        "errors": error.errors.get("name", []) if error else [],
    }
    template = "savedviews/name_form.html" if error else "savedviews/name_dialog.html"
    return page(request, template, context, status=422 if error else 200)


@require_http_methods(["GET", "POST"])
@record_view
def view_rename(request: HttpRequest, spec: Spec, view_id: int) -> HttpResponse:
    """The dialog that gives a view another name."""
    actor = actor_from(request)
    view = services.own_view(spec, actor, view_id)
    if request.method == "GET":
        return _name_dialog(request, spec, view.name, request.GET.get("from", ""), view=view)
    name = request.POST.get("name", "")
    try:
        services.rename(view, name)
    except Invalid as error:
        return _name_dialog(request, spec, name, request.POST.get("from", ""), error=error, view=view)
    return _shown_in(_state(request, spec, actor), actor, queries.key_of(view.pk), _("View renamed"))


@require_POST
@record_view
def view_change(request: HttpRequest, spec: Spec) -> HttpResponse:
    """Do `do` to the view that the list shows: one of `_CHANGES`."""
    change = _CHANGES.get(request.POST.get("do", ""))
    if change is None:
        return HttpResponseBadRequest(
            _("There is nothing like that to do."), content_type="text/plain; charset=utf-8"
        )
    actor = actor_from(request)
    state = _state(request, spec, actor)
    try:
        key, text = change(request, state, actor)
    except Invalid as error:
        return HttpResponse(error.message, status=422, content_type="text/plain; charset=utf-8")
    return _shown_in(state, actor, key, text)


Change = Callable[[HttpRequest, State, Actor], tuple[str, str]]


def _save(request: HttpRequest, state: State, actor: Actor) -> tuple[str, str]:
    return queries.key_of(services.save_over(state, actor).pk), _("View saved")


def _share(request: HttpRequest, state: State, actor: Actor) -> tuple[str, str]:
    shared = request.POST["do"] == "share"
    services.share(_own(state, actor), actor, shared=shared)
    return state.view.key, _("Everybody sees this view now") if shared else _("Only you see this view now")


def _delete(request: HttpRequest, state: State, actor: Actor) -> tuple[str, str]:
    services.delete(_own(state, actor))
    return "", _("View deleted")


def _default(request: HttpRequest, state: State, actor: Actor) -> tuple[str, str]:
    services.choose(state.spec, actor, state.view, default=True)
    return state.view.key, _("This list opens with this view now")


def _favourite(request: HttpRequest, state: State, actor: Actor) -> tuple[str, str]:
    pinned = request.POST["do"] == "favourite"
    color = request.POST.get("color") or state.view.color
    services.choose(state.spec, actor, state.view, favourite=pinned, color=color)
    return state.view.key, _("It is among your favourite views now") if pinned else _("No longer a favourite")


def _own(state: State, actor: Actor) -> SavedView:
    return services.own_view(state.spec, actor, state.view.saved)


_CHANGES: dict[str, Change] = {
    "save": _save,
    "share": _share,
    "unshare": _share,
    "delete": _delete,
    "default": _default,
    "favourite": _favourite,
    "unfavourite": _favourite,
}


def _state(request: HttpRequest, spec: Spec, actor: Actor) -> State:
    return listing.read(spec, actor, request.POST.get("from", ""))


def _shown_in(state: State, actor: Actor, key: str, text: str) -> HttpResponse:
    """Lead to the list in the view named `key`, whatever it is by now."""
    views = listing.views_of(state.spec, actor)
    view: ListView = next((each for each in views if each.key == key), views[0])
    shown = replace(state, views=views, view=view, look=view.look, page=1, closed=())
    response = go_to(shown)
    return with_event(with_toast(response, text), "clientela:close")


urlpatterns = [
    path("<str:plural>/views/new/", view_new, name="view_new"),
    path("<str:plural>/views/change/", view_change, name="view_change"),
    path("<str:plural>/views/<int:view_id>/rename/", view_rename, name="view_rename"),
]
