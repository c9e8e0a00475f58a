"""What the story of a record tells of its files, of those too that were taken away."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
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


def ids_of(spec: Spec, record_id: int, reader: Reader) -> QuerySet[LastPlace, Any]:
    """The ids of the files of a record that its reader may know of, to be asked for inside another query."""
    places = LastPlace.objects.filter(record=spec.key, record_id=record_id).values("file_id")
    return places if policy.may(reader.actor, "see", registry.get(services.KEY)) else places.none()


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
