"""The settings' first page, and a word changed where it is read."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clientela.platform.editing import forms
from clientela.platform.settings import menu
from clientela.records import query, refs, save, values, write
from clientela.records.errors import Invalid, NotFound, Refused
from clientela.records.spec import Spec
from clientela.records.views.base import (
    actor_from,
    operation_from,
    record_view,
    refusal,
    with_event,
    with_toast,
)
from clientela.ui.render import page

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def administrators(view: View[P]) -> Callable[..., HttpResponse]:
    """Only for administrators; refusals and what is not there become pages."""

    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not actor_from(request).is_admin:
            return refusal(request, Refused(_("Only administrators may change the settings.")))
        try:
            return view(request, *args, **kwargs)
        except NotFound as error:
            raise Http404(error.message) from error
        except Refused as error:
            return refusal(request, error)

    return wrapped


def frame(request: HttpRequest, current: str) -> dict[str, Any]:
    """Context of settings/frame.html; `current` is the key of the page."""
    return {"nav": "settings", "groups": menu.groups(actor_from(request)), "current": current}


@require_safe
@administrators
def index(request: HttpRequest) -> HttpResponse:
    """Everything that can be set up, and what the installation itself fixes."""
    fixed = [
        (_("Company"), settings.WORKSPACE_NAME, "CLIENTELA_WORKSPACE_NAME"),
        (_("Currency of the sums"), settings.BASE_CURRENCY, "CLIENTELA_BASE_CURRENCY"),
        (_("Country"), settings.DEFAULT_COUNTRY, "CLIENTELA_COUNTRY"),
    ]
    return page(request, "settings/index.html", frame(request, "") | {"fixed": fixed})


@require_http_methods(["GET", "HEAD", "POST"])
@record_view
def word(request: HttpRequest, spec: Spec, record_id: int) -> HttpResponse:
    """The short form of a stage, a source, a tag...: GET a dialog, POST what was written in it."""
    if not spec.access.configuration or not spec.inline:
        raise Http404
    actor = actor_from(request)
    instance = query.get(spec, record_id, actor)
    write.require(spec, instance, actor)
    if request.method == "POST":
        return _save(request, spec, instance)
    return _form(request, spec, instance, {})


@require_safe
@record_view
def word_at(request: HttpRequest, spec: Spec, record_id: int, name: str) -> HttpResponse:
    """The same form for the word that stands in a field of a record; `?text=` says which of several."""
    actor = actor_from(request)
    instance = query.get(spec, record_id, actor)
    ref = refs.fields_of(spec).get(name)
    if ref is None or ref.target is None or not ref.target.inline:
        raise Http404
    if ref.many:
        rows = query.visible(ref.target, actor).filter(**{ref.target.title: request.GET.get("text", "")})
        found = rows.values_list("pk", flat=True).first()
    else:
        found = values.json_value(ref, instance)
    if found is None:
        raise Http404
    return word(request, ref.target.plural, found)


def _save(request: HttpRequest, spec: Spec, instance: Any) -> HttpResponse:
    operation = operation_from(request, spec.label)
    given, errors = forms.parse(spec, spec.inline, request.POST, operation.actor, instance)
    if not errors:
        try:
            write.change(spec, instance, given, operation=operation)
        except Invalid as error:
            errors = error.errors
    if errors:
        return _form(request, spec, instance, errors)
    return done(operation.id, _("%(name)s changed") % {"name": save.title_of(spec, instance)})


def done(operation_id: Any, text: str) -> HttpResponse:
    """Nothing to draw: dialogs close, what shows data fetches itself, and the toast undoes."""
    response = with_toast(HttpResponse(status=204), text, undo_url=reverse("undo", args=[operation_id]))
    return with_event(with_event(response, "clientela:close"), "clientela:refresh")


def _form(request: HttpRequest, spec: Spec, instance: Any, errors: forms.Errors) -> HttpResponse:
    actor = actor_from(request)
    data = request.POST if request.method == "POST" else None
    saved = query.get(spec, instance.pk, actor)
    form = forms.Form(actor, f"word-{instance.pk}", data, errors)
    boxes = forms.editors(spec, spec.inline, form, values.snapshot(spec, saved, spec.inline))
    drawn = {box.ref.path for box in boxes}
    context = {
        "spec": spec,
        "title": save.title_of(spec, saved),
        "url": reverse("settings_word", args=[spec.plural, instance.pk]),
        "boxes": boxes,
        "problems": [text for name, texts in errors.items() if name not in drawn for text in texts],
    }
    return page(
        request,
        "settings/word.html",
        context,
        fragment="form" if errors else None,
        status=422 if errors else 200,
    )
