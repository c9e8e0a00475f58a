"""`/api/v1/<records>/<id>/files`: the files of a record for programs."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpResponse
from django.urls import re_path, reverse
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.platform.api.endpoint import Call, answer, endpoint
from clientela.platform.api.problems import Problem
from clientela.platform.attachments import services
from clientela.platform.attachments.models import Attachment
from clientela.platform.attachments.views import give_out
from clientela.records import kinds, query, registry
from clientela.records.errors import Invalid
from clientela.records.spec import Spec

MOST = 500


def _record(call: Call, plural: str, record_id: str) -> tuple[Spec, Any]:
    spec = registry.by_plural(plural)
    if spec is None or not spec.timeline or not policy.may(call.actor, "see", spec):
        raise Problem(404, _("There are no such records."))
    if not policy.may(call.actor, "see", registry.get(services.KEY)):
        raise Problem(404)
    return spec, query.get(spec, record_id, call.actor)


def list_files(call: Call, plural: str, record_id: str) -> HttpResponse:
    """The newest files of a record. Problem 404 where the caller does not see it."""
    spec, instance = _record(call, plural, record_id)
    items = [_json(file, spec) for file in services.of_record(spec, instance.pk)[:MOST]]
    return answer({"items": items})


def add_file(call: Call, plural: str, record_id: str) -> HttpResponse:
    """Hang the `file` of a multipart body on a record; 201 with what is kept of it."""
    spec, instance = _record(call, plural, record_id)
    services.require(spec, instance, call.actor)
    if call.request.content_type != "multipart/form-data":
        raise Problem(415, _("Send the file as multipart/form-data, in the field “file”."))
    sent = call.request.FILES.getlist("file")
    if len(sent) != 1:
        raise Invalid({"file": [_("Send one file, in the field “file”.")]})
    made = services.attach(spec, instance, sent[0], operation=call.operation(_("Files")))
    return answer(_json(made, spec), 201, Location=_url(made, spec))


def get_file(call: Call, plural: str, record_id: str, file_id: str) -> HttpResponse:
    """The bytes of a file."""
    _spec, file = _file(call, plural, record_id, file_id)
    return cast("HttpResponse", give_out(file))


def delete_file(call: Call, plural: str, record_id: str, file_id: str) -> HttpResponse:
    """Take a file away; 204. Raises Refused."""
    _spec, file = _file(call, plural, record_id, file_id)
    services.remove(file, operation=call.operation(_("File deleted")))
    return HttpResponse(status=204)


def _file(call: Call, plural: str, record_id: str, file_id: str) -> tuple[Spec, Attachment]:
    spec, instance = _record(call, plural, record_id)
    found = services.of_record(spec, instance.pk).filter(pk=int(file_id)).first()
    if found is None:
        raise Problem(404, _("There is no such file."))
    return spec, found


def _json(file: Attachment, spec: Spec) -> dict[str, Any]:
    return {
        "id": file.pk,
        "name": file.name,
        "content_type": file.content_type,
        "size": file.size,
        "created_at": kinds.DateTime.to_json(file.created_at),
        "created_by": file.created_by_id,
        "url": _url(file, spec),
    }


def _url(file: Attachment, spec: Spec) -> str:
    return reverse("api_file", args=[spec.plural, file.record_id, file.pk])


_FILES = r"^api/v1/(?P<plural>[-\w]{1,60})/(?P<record_id>[0-9]{1,18})/files"
urls = [
    re_path(_FILES + r"/?$", endpoint(GET=list_files, POST=add_file), name="api_files"),
    re_path(
        _FILES + r"/(?P<file_id>[0-9]{1,18})/?$", endpoint(GET=get_file, DELETE=delete_file), name="api_file"
    ),
]
