"""What the story of a record tells of its files, of those too that were taken away."""

from __future__ import annotations

from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.platform.attachments import services
from clientela.platform.attachments.models import LastPlace
from clientela.platform.audit.models import Change
from clientela.platform.timeline.feed import Told
from clientela.records import changes, refs, registry
from clientela.records.conditions import is_hidden
from clientela.records.display import Reader
from clientela.records.spec import Spec

MOST = 500
"""Of a record with more files, the story tells of the newest."""


def ids_of(spec: Spec, record_id: int, reader: Reader) -> list[int]:
    """The files of a record that its reader may know of: one query."""
    if not policy.may(reader.actor, "see", registry.get(services.KEY)):
        return []
    places = LastPlace.objects.filter(record=spec.key, record_id=record_id).order_by("-file_id")
    return list(places.values_list("file_id", flat=True)[:MOST])


def sentence(change: Change, reader: Reader) -> str:
    """What was done to a file, for a line in which the person's name comes first."""
    file = registry.get(services.KEY)
    if is_hidden(refs.fields_of(file)["name"], reader.actor):
        return _("did something to a file")
    name = {"name": change.title}
    if change.verb == changes.DELETE:
        return _("took the file “%(name)s” away") % name
    if change.verb == changes.CREATE:
        return _("put the file “%(name)s” back") % name if change.undoes else _("attached “%(name)s”") % name
    if "record_id" in change.after:
        return _("moved the file “%(name)s”") % name
    words = {"before": change.before.get("name", ""), "after": change.after.get("name", "")}
    return _("renamed the file “%(before)s” to “%(after)s”") % words


TOLD = Told(services.KEY, "paperclip", ids_of, sentence)
