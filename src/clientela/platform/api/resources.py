"""The records' addresses: `/api/v1/<records>`, `/<id>` and `/<id>/<action>`, of any record there is."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.platform.api import actions, listing, past, reading
from clientela.platform.api.endpoint import Call, answer, endpoint
from clientela.platform.api.problems import Problem
from clientela.platform.duplicates import api as merges
from clientela.platform.duplicates.aliases import merged_into
from clientela.platform.privacy import api as privacy
from clientela.records import query, registry, write
from clientela.records.errors import Invalid, NotFound
from clientela.records.spec import Spec


def _spec_of(plural: str, call: Call) -> Spec:
    spec = registry.by_plural(plural)
    if spec is None or not policy.may(call.actor, "see", spec):
        raise Problem(404, _("There are no such records."))
    return spec


def list_records(call: Call, plural: str) -> HttpResponse:
    """A page of records: items, the cursor of the next page, the count. Problem 404 for an unknown kind."""
    spec = _spec_of(plural, call)
    with past.asked(spec, call):
        page = listing.page(spec, call)
    return answer({"items": page.items, "next": page.next, "count": page.count})


def create_record(call: Call, plural: str) -> HttpResponse:
    """Make a record of the body's fields; 201 with its address. Raises Invalid, Refused."""
    spec = _spec_of(plural, call)
    made = write.create(spec, call.body(), operation=call.operation())
    location = reverse("api_record", args=[spec.plural, made.pk])
    return _item(spec, made.pk, call, status=201, location=location)


def get_record(call: Call, plural: str, record_id: str) -> HttpResponse:
    """One record, or where it went by a merge; raises NotFound where the caller sees none."""
    spec = _spec_of(plural, call)
    with past.asked(spec, call, record_id):
        return _read(spec, record_id, call)


def _read(spec: Spec, record_id: str, call: Call) -> HttpResponse:
    try:
        found = query.get(spec, record_id, call.actor)
    except NotFound:
        heir = merged_into(spec, int(record_id), call.actor)
        if heir is None:
            raise
        return _moved(spec, heir)
    return _item(spec, found.pk, call)


def _moved(spec: Spec, heir: int) -> HttpResponse:
    """301 to the record that another went into; nobody keeps it, since a merge can be taken apart."""
    location = reverse("api_record", args=[spec.plural, heir])
    headers = {"Location": location, "Cache-Control": "no-store"}
    return answer({"merged_into": heir}, status=301, **headers)


def change_record(call: Call, plural: str, record_id: str) -> HttpResponse:
    """Change the fields in the body; with `version`, 409 where somebody changed it meanwhile."""
    spec = _spec_of(plural, call)
    instance = query.get(spec, record_id, call.actor)
    given = call.body()
    if "version" in given:
        _require_version(instance, given.pop("version"))
    write.change(spec, instance, given, operation=call.operation())
    return _item(spec, instance.pk, call)


def _require_version(instance: Any, version: Any) -> None:
    """409 unless the record is as the writer read it."""
    if isinstance(version, bool) or not isinstance(version, int):
        raise Invalid({"version": [_("This must be a whole number.")]})
    current = getattr(instance, "version", version)
    if current != version:
        raise Problem(409, _("Somebody changed this meanwhile."), current={"version": current})


def delete_record(call: Call, plural: str, record_id: str) -> HttpResponse:
    """Delete a record; 204. Raises NotFound, Refused."""
    spec = _spec_of(plural, call)
    instance = query.get(spec, record_id, call.actor)
    write.delete(spec, [instance], operation=call.operation())
    return HttpResponse(status=204)


def do_action(call: Call, plural: str, record_id: str, action: str) -> HttpResponse:
    """Run an action of the record with what the body answers; the record as it is then."""
    spec = _spec_of(plural, call)
    instance = query.get(spec, record_id, call.actor)
    if merges.takes(spec, action):
        kept = merges.run(spec, instance.pk, action, call.body(), call.operation())
        return _item(spec, kept, call)
    if privacy.takes(spec, action):
        given_out = privacy.run(spec, instance.pk, action, call.body(), call.operation())
        return given_out or _item(spec, instance.pk, call)
    actions.run(spec, instance, action, call)
    return _item(spec, instance.pk, call)


def _item(spec: Spec, record_id: int, call: Call, status: int = 200, location: str = "") -> HttpResponse:
    """The record as it is now; nothing where a change gave it to somebody out of the actor's sight."""
    fields = reading.fields_for(spec, call.actor, call.parameter("fields"))
    rows = query.visible(spec, call.actor).filter(pk=record_id)
    headers = {"Location": location} if location else {}
    found = reading.read(spec, rows, fields)
    return answer(found[0][0], status, **headers) if found else HttpResponse(status=204, headers=headers)


def nothing(call: Call, **parts: str) -> HttpResponse:
    """Any other address under the API: 404 as problem+json."""
    raise Problem(404)


records = endpoint(GET=list_records, POST=create_record)
record = endpoint(GET=get_record, PATCH=change_record, DELETE=delete_record)
record_action = endpoint(POST=do_action)
elsewhere = endpoint(GET=nothing, POST=nothing, PUT=nothing, PATCH=nothing, DELETE=nothing)
