"""Several records become one, in one act: values chosen, lines united, all that names them tied again.

The records that go are deleted whole, so that an undo brings them back with all they had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.audit.models import Change
from clientela.platform.duplicates import choices, comparison, exact, references
from clientela.platform.duplicates.models import Absorbed, Merge
from clientela.records import changes, kinds, query, save, values, write
from clientela.records.changes import Operation, Source
from clientela.records.errors import Invalid, NotFound, Refused
from clientela.records.spec import Spec

ACTION = "merge"
SOURCE = "merge"
"""Through what its changes come, and those of taking it apart."""
MOST = 20
"""So many go into one at once."""
Values = Mapping[str, Any]


def merge(
    spec: Spec,
    survivor_id: int,
    others: Sequence[int],
    *,
    operation: Operation,
    sources: Mapping[str, int | str] | None = None,
    given: Values | None = None,
) -> Merge:
    """Make one of the record `survivor_id` and the `others`, in one transaction.

    `sources`: by name of a field (see `choices.units`), the id of the record whose value stays, or "both".
    `given`: values for the survivor, written as its person would write them. Raises NotFound for records
    that are not there or not seen, Refused, Invalid, Conflict; then nothing is changed.
    """
    gone = list(dict.fromkeys(others))
    operation = _as_merge(operation)
    _require_sense(spec, survivor_id, gone)
    try:
        with transaction.atomic():
            instances = load(spec, [survivor_id, *gone], operation.actor)
            require(spec, instances, operation.actor)
            chosen = _checked(spec, instances, sources or {}, operation.actor)
            return _merge(spec, instances, chosen, given or {}, operation)
    except IntegrityError as error:
        raise Refused(_("Both have something of which there can be one only.")) from error


def _as_merge(operation: Operation) -> Operation:
    source = Source(SOURCE, operation.source.kind, operation.source.address)
    return replace(operation, source=source, label=operation.label or str(_("Merged")))


def _require_sense(spec: Spec, survivor_id: int, gone: Sequence[int]) -> None:
    if comparison.of(spec) is None:
        raise Refused(_("Records of this kind cannot be merged."))
    if not gone or survivor_id in gone:
        raise Invalid({"with": [_("Name at least one other record.")]})
    if len(gone) > MOST:
        raise Invalid({"with": [_("At most %(n)s records at once.") % {"n": MOST}]})


def load(spec: Spec, ids: Sequence[int], actor: Actor) -> list[Any]:
    """The records, held, in the order given. Raises NotFound."""
    seen = set(query.visible(spec, actor).filter(pk__in=list(ids)).values_list("pk", flat=True))
    if len(seen) < len(set(ids)):
        raise NotFound(_("There is no such record, or you may not see it."))
    held = exact.held(spec, ids)
    return [held[pk] for pk in ids]


def require(spec: Spec, instances: Sequence[Any], actor: Actor) -> None:
    """The action itself, changing all of them, and deleting those that go. Raises Refused."""
    if not policy.may_act(actor, ACTION, spec):
        raise Refused(_("You may not merge these records."))
    for place, instance in enumerate(instances):
        write.require(spec, instance, actor)
        if place:
            write.require(spec, instance, actor, "delete")


def may_merge(spec: Spec, actor: Actor) -> bool:
    """Whether there are any records of this kind that `actor` may merge."""
    return (
        comparison.of(spec) is not None
        and policy.may_act(actor, ACTION, spec)
        and policy.may(actor, "change", spec)
        and policy.may(actor, "delete", spec)
    )


def _checked(
    spec: Spec, instances: Sequence[Any], sources: Mapping[str, int | str], actor: Actor
) -> dict[str, int | str]:
    known = {unit.name: unit for unit in choices.units(spec)}
    ids = {each.pk for each in instances}
    errors = {}
    for name, source in sources.items():
        unit = known.get(name)
        if unit is None or not choices.selectable(spec, unit, actor):
            errors[name] = [_("There is no field “%(field)s”.") % {"field": name}]
        elif source not in ids and not (source == choices.BOTH and unit.joins):
            errors[name] = [_("This value is of another record.")]
    if errors:
        raise Invalid(errors)
    return dict(sources)


def _merge(
    spec: Spec,
    instances: Sequence[Any],
    sources: Mapping[str, int | str],
    given: Values,
    operation: Operation,
) -> Merge:
    survivor, others = instances[0], list(instances[1:])
    gone = [each.pk for each in others]
    titles = {each.pk: save.title_of(spec, each) for each in instances}
    settled = choices.settled(spec, instances, sources)
    moved = references.tie(spec, gone, survivor.pk)
    changes.publish(operation, references.changes_of(moved))
    write.delete(spec, others, operation=operation, trusted=True)
    exact.put(spec, [(exact.held(spec, [survivor.pk])[survivor.pk], settled)], operation=operation)
    if given:
        fresh = exact.held(spec, [survivor.pk])[survivor.pk]
        write.change(spec, fresh, given, operation=operation)
    _refuse_circles(spec, survivor.pk)
    return _remember(spec, survivor.pk, titles, operation)


def _refuse_circles(spec: Spec, survivor_id: int) -> None:
    """A record must not end up above itself."""
    for name, ref in values.kept_fields(spec).items():
        if ref.kind is not kinds.Link or ref.target is not spec or ref.field is None:
            continue
        seen: set[int] = set()
        above: int | None = survivor_id
        while above is not None and above not in seen:
            seen.add(above)
            rows = spec.model._base_manager.filter(pk=above)
            above = rows.values_list(ref.field.attname, flat=True).first()
        if above == survivor_id:
            text = _("One of the records is above the other: merging them would make a circle.")
            raise Invalid({name: [text]})


def _remember(spec: Spec, survivor_id: int, titles: Mapping[int, str], operation: Operation) -> Merge:
    newest = Change.objects.filter(operation=operation.id).aggregate(last=Max("id"))["last"]
    made = Merge.objects.create(
        operation=operation.id,
        record=spec.key,
        survivor_id=survivor_id,
        title=titles[survivor_id][:255],
        actor_id=operation.actor.user_id,
        last_change=newest or 0,
    )
    Absorbed.objects.bulk_create(
        Absorbed(merge=made, record=spec.key, record_id=pk, title=title[:255])
        for pk, title in titles.items()
        if pk != survivor_id
    )
    return made
