"""Taking files in on a record's page, and giving them out: always as downloads, never as pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.attachments import content, panel, services, storing
from clientela.platform.attachments.models import Attachment, StoredFile
from clientela.platform.attachments.names import clean_name
from clientela.platform.attachments.panel import PANEL
from clientela.platform.pages.panels import Drawn
from clientela.records import query, registry, urlnames
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

AT_ONCE = 50
# A file that a browser would open all the same gets no rights: no scripts, no origin of its own.
SANDBOX = "default-src 'none'; style-src 'none'; sandbox"
__all__ = ["PANEL", "urls"]


@record_view
@require_POST
def upload(request: HttpRequest, spec: Spec, record_id: int) -> HttpResponse:
    """Files (`file`, several) for a record; answers the panel, with those that were refused and why."""
    actor = actor_from(request)
    instance = query.get(spec, record_id, actor)
    services.require(spec, instance, actor)
    operation = operation_from(request, _("Files"))
    sent = request.FILES.getlist("file")[:AT_ONCE]
    made, refusals = [], [] if sent else [_("Choose a file.")]
    for each in sent:
        try:
            made.append(services.attach(spec, instance, each, operation=operation))
        except Invalid as error:
            refusals.append(f"{clean_name(each.name or '')}: {error.message}")
    response = _panel(request, spec, instance, refusals, 200 if made else 422)
    if made:
        words = made[0].name if len(made) == 1 else _("%(n)s files") % {"n": len(made)}
        text = _("Attached: %(what)s") % {"what": words}
        return with_toast(response, text, undo_url=reverse("undo", args=[operation.id]))
    return response


def _panel(
    request: HttpRequest, spec: Spec, instance: Any, refusals: list[str], status: int = 200
) -> HttpResponse:
    context = panel.with_refusals(panel.context_of(request, instance), refusals)
    url = urlnames.part_url(spec, instance.pk, "panel", PANEL.name)
    drawn = Drawn(PANEL.name, PANEL.label, url, PANEL.template, context)
    return page(request, "pages/_one_panel.html", {"drawn": drawn}, status=status)


FileView = Callable[[HttpRequest, Attachment, Spec, Any], HttpResponse]


def _file_view(view: FileView) -> Callable[..., HttpResponse]:
    """A signed-in person, a file that she may see and its record; refusals turned into answers."""

    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, file_id: int) -> HttpResponse:
        file = Attachment.objects.filter(pk=file_id).first()
        try:
            if file is None:
                raise NotFound(_("There is no such file."))
            spec, instance = services.subject_of(file, actor_from(request))
            return view(request, file, spec, instance)
        except NotFound as error:
            raise Http404(error.message) from error
        except Refused as error:
            return refusal(request, error)

    return wrapped


@_file_view
@require_POST
def remove(request: HttpRequest, file: Attachment, spec: Spec, instance: Any) -> HttpResponse:
    """Take a file away, with an offer to bring it back."""
    operation = operation_from(request, _("File deleted"))
    services.remove(file, operation=operation)
    text = _("%(title)s deleted") % {"title": file.name}
    response = _panel(request, spec, instance, [])
    return with_toast(response, text, undo_url=reverse("undo", args=[operation.id]))


@_file_view
@require_http_methods(["GET", "POST"])
def rename(request: HttpRequest, file: Attachment, spec: Spec, instance: Any) -> HttpResponse:
    """GET the form of a file's name; POST gives it another one."""
    services.require(spec, instance, actor_from(request))
    context: dict[str, Any] = {"file": file, "name": request.POST.get("name", file.name), "errors": []}
    if request.method == "GET":
        return page(request, "attachments/rename.html", context)
    operation = operation_from(request, _("File renamed"))
    try:
        services.rename(file, context["name"], operation=operation)
    except Invalid as error:
        return page(request, "attachments/_rename.html", context | {"errors": [error.message]}, status=422)
    response = HttpResponse(status=204)
    response = with_toast(response, _("File renamed"), undo_url=reverse("undo", args=[operation.id]))
    return with_event(with_event(response, "clientela:close"), "clientela:refresh")


def _stored(token: str, actor: Actor) -> Attachment:
    """A file by the token of its bytes, hanging on a record that the actor sees. Raises Http404."""
    # PostgreSQL cannot even ask for a NUL.
    if token.isprintable() and policy.may(actor, "see", registry.get(services.KEY)):
        for file in Attachment.objects.filter(stored=token):
            try:
                services.subject_of(file, actor)
            except NotFound:
                continue
            return file
    raise Http404


@require_safe
@login_required
def download(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """The bytes of a file, as a download under its name; `name` in the address is for people only."""
    return give_out(_stored(token, actor_from(request)))


def give_out(file: Attachment) -> HttpResponseBase:
    """The download of a file that its reader may see. Raises Http404 where the bytes are gone."""
    return _bytes(storing.path_of(file.stored), file.content_type, file.name)


@require_safe
@login_required
def small(request: HttpRequest, token: str) -> HttpResponseBase:
    """The small picture of a picture: drawn here, so that it may stand in a page."""
    file = _stored(token, actor_from(request))
    if not StoredFile.objects.filter(token=file.stored, has_thumbnail=True).exists():
        raise Http404
    return _bytes(storing.thumbnail_of(file.stored), "image/png", "")


def _bytes(place: Any, content_type: str, name: str) -> HttpResponseBase:
    try:
        opened = place.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    told = f"{content_type}; charset=utf-8" if content_type == content.TEXT else content_type
    response = FileResponse(opened, as_attachment=bool(name), filename=name, content_type=told)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "private, max-age=0, must-revalidate"
    return response


urls = [
    path("files/of/<str:plural>/<int:record_id>/", upload, name="files_upload"),
    path("files/<int:file_id>/rename/", rename, name="file_rename"),
    path("files/<int:file_id>/delete/", remove, name="file_delete"),
    path("files/small/<str:token>", small, name="file_small"),
    path("files/<str:token>/<str:name>", download, name="file"),
]
