"""The page of a person's data: take everything out, or erase it."""

from __future__ import annotations

from typing import Any, cast

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clientela.platform.privacy import elsewhere, erasing, exporting, holdings, persons
from clientela.platform.privacy.holdings import Held
from clientela.records import query, urlnames
from clientela.records.errors import Invalid
from clientela.records.spec import Spec
from clientela.records.views.base import actor_from, operation_from, record_view
from clientela.ui.render import page


def _require(request: HttpRequest, spec: Spec, record_id: int) -> Held:
    """What is held, where the record is about a person and one may do anything here; also of one in the bin,
    for whoever may erase. Raises Http404, NotFound."""
    actor = actor_from(request)
    if not persons.offered(actor, spec):
        raise Http404
    if spec.model._default_manager.filter(pk=record_id).exists() or not persons.may(
        actor, persons.ERASE, spec
    ):
        query.get(spec, record_id, actor)
    return holdings.of(spec, record_id)


@record_view
@require_http_methods(["GET", "POST"])
def personal_data(request: HttpRequest, spec: Spec, record_id: int) -> HttpResponse:
    """What is held and what can be done about it; POST erases: `confirm`, `notes`, `files`."""
    held = _require(request, spec, record_id)
    if request.method == "GET":
        return page(request, "privacy/page.html", _context(request, held))
    chosen = {name: request.POST.get(name) == "1" for name in ("notes", "files")}
    typed = request.POST.get("confirm", "")
    try:
        erasing.erase(spec, record_id, typed=typed, **chosen, operation=operation_from(request))
    except Invalid as error:
        context = _context(request, held) | {"errors": error.errors, "typed": typed, "chosen": chosen}
        return page(request, "privacy/page.html", context, status=422)
    there = held.instance is not None
    return HttpResponseRedirect(
        urlnames.record_url(spec, record_id) if there else reverse("bin_kind", args=[spec.plural])
    )


def _context(request: HttpRequest, held: Held) -> dict[str, Any]:
    actor, spec = actor_from(request), held.spec
    return {
        "nav": spec.key,
        "spec": spec,
        "record_id": held.record_id,
        "deleted": held.instance is None,
        "title": held.title,
        "named": elsewhere.naming(held, actor),
        "counts": [
            (_("Notes"), len(held.notes)),
            (_("Files"), len(held.files)),
            (_("Changes in the history"), held.changes.count()),
            (_("Records tied to it"), len(held.linked)),
        ],
        "may_export": held.instance is not None and persons.may(actor, persons.EXPORT, spec),
        "may_erase": persons.may(actor, persons.ERASE, spec),
        "errors": {},
        "typed": "",
        "chosen": {"notes": True, "files": True},
    }


@record_view
@require_POST
def export(request: HttpRequest, spec: Spec, record_id: int) -> HttpResponse:
    """Everything held about the person, as a zip that is made for this answer and kept nowhere."""
    _require(request, spec, record_id)
    made = exporting.export(spec, record_id, operation=operation_from(request))
    name = f"{spec.key}-{record_id}-{timezone.localdate():%Y-%m-%d}.zip"
    response = FileResponse(made, as_attachment=True, filename=name, content_type="application/zip")
    response.headers["Cache-Control"] = "no-store"
    return cast("HttpResponse", response)


urls = [
    path("personal-data/<str:plural>/<int:record_id>/", personal_data, name="personal_data"),
    path("personal-data/<str:plural>/<int:record_id>/export/", export, name="personal_data_export"),
]
