"""Files that go out: lists as CSV or XLSX, and rows that an import rejected."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from clientela.platform.lists import listing
from clientela.platform.transfer import exporting, services
from clientela.records.errors import ConditionError, NotFound, Refused
from clientela.records.spec import Spec
from clientela.records.views.base import actor_from, record_view

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@record_view
def export(request: HttpRequest, spec: Spec) -> HttpResponse:
    """The list of the address as a file, its rows and columns as they stand. `format`: csv or xlsx."""
    actor = actor_from(request)
    state = listing.state_of(request, spec, actor)
    try:
        rows = state.ordered(actor)
    except ConditionError as error:
        raise Refused(error.message) from error
    file = exporting.of_list(spec, rows, [path for path, _width in state.columns()], actor)
    return cast("HttpResponse", _download(file, request.GET.get("format") == "xlsx"))


def _download(file: exporting.Export, xlsx: bool) -> HttpResponseBase:
    name = f"{file.spec.plural}-{timezone.localdate():%Y-%m-%d}"
    if not xlsx:
        response = StreamingHttpResponse(file.chunks(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return response
    holder = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    file.write(holder, "xlsx")
    holder.seek(0)
    return FileResponse(holder, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)


@require_safe
@login_required
def rejects(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """The rows an import rejected, with the reasons."""
    try:
        job = services.job_for(job_id, actor_from(request))
    except NotFound as error:
        raise Http404 from error
    path = Path(job.rejects_path)
    if not job.rejects_path or not path.is_file():
        raise Http404
    stem = Path(job.file_name).stem or "import"
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=f"{stem}-rejected.csv",
        content_type="text/csv; charset=utf-8",
    )
