"""Deleting a record with what hangs on it, each kept whole so that it can come back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import models, router
from django.db.models import ProtectedError
from django.db.models.deletion import Collector
from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.records import kinds, registry, rows, values
from clientela.records.changes import DELETE, UPDATE, Change
from clientela.records.draft import Draft
from clientela.records.errors import Refused
from clientela.records.save import title_of
from clientela.records.spec import Spec


class _WholeCollector(Collector):
    """Collects records even where a plain DELETE would do, since each must be kept."""

    def can_fast_delete(self, objs: Any, from_field: Any = None) -> bool:
        model = getattr(objs, "model", None)
        if model is None or registry.of_model(model) is not None:
            return False
        return super().can_fast_delete(objs, from_field)


MayGo = Callable[[Spec, Sequence[int]], bool]


def delete(spec: Spec, doomed: Sequence[Any], may_go: MayGo | None = None) -> list[Change]:
    """Delete and return the changes: what was only untied, then parts, then the records themselves."""
    if not doomed:
        return []
    collector = _WholeCollector(using=router.db_for_write(spec.model))
    try:
        collector.collect(doomed)
    except ProtectedError as error:
        raise Refused(_protected_message(error)) from error
    if may_go is not None:
        _ask(collector, spec, may_go)
    untied = [*_cut(collector), *_parted(collector), *_untied(collector)]
    deleted = list(_deleted(collector, spec))
    collector.delete()
    return [*untied, *deleted]


def _ask(collector: Collector, main: Spec, may_go: MayGo) -> None:
    for model, instances in collector.data.items():
        spec = registry.of_model(model)
        ids = [instance.pk for instance in instances]
        if spec is not None and spec is not main and not may_go(spec, ids):
            raise Refused(_("Other records hang on this: %(names)s.") % {"names": spec.label_plural})


def _protected_message(error: ProtectedError) -> str:
    names = sorted({str(each._meta.verbose_name_plural) for each in error.protected_objects})
    return _("This is in use by: %(names)s.") % {"names": ", ".join(names)}


def _deleted(collector: Collector, main: Spec) -> Iterable[Change]:
    specs = [(registry.of_model(model), instances) for model, instances in collector.data.items()]
    parts = [(spec, instances) for spec, instances in specs if spec is not None and spec is not main]
    whole = [(spec, instances) for spec, instances in specs if spec is main]
    for spec, instances in (*parts, *whole):
        assert spec is not None
        names = [name for name, ref in values.kept_fields(spec).items() if ref.many]
        models.prefetch_related_objects(list(instances), *names)
        for instance in sorted(instances, key=lambda each: -each.pk):
            kept = values.snapshot(spec, instance)
            yield Change(spec, instance.pk, DELETE, kept, {}, title_of(spec, instance), instance)


def _update(spec: Spec, instance: Any, name: str, before: Any, after: Any) -> Change:
    title = title_of(spec, instance)
    return Change(spec, instance.pk, UPDATE, {name: before}, {name: after}, title, instance)


def _in_order(spec: Spec, ids: Iterable[int]) -> Iterable[Any]:
    return spec.model._base_manager.filter(pk__among=ids).order_by("pk") if ids else ()


def _cut(collector: Collector) -> Iterable[Change]:
    """Lines that go with a record from others that stay, as those of a contact with its account."""
    for spec in registry.every():
        for lines in spec.lines:
            going = _going(collector, values.line_model(spec, lines))
            link = f"{values.line_link(spec, lines)}_id"
            doomed = {instance.pk for instance in collector.data.get(spec.model, ())}
            owners = {getattr(row, link) for row in going} - doomed
            ids = {row.pk for row in going}
            for instance in _in_order(spec, owners):
                before = values.line_values(lines, instance)
                after = [row for row in before if row["id"] not in ids]
                yield _update(spec, instance, lines.name, before, after)


def _parted(collector: Collector) -> Iterable[Change]:
    """Links that go with a record from others that stay, as a tag from all that have it."""
    for spec, ref in ((one, each) for one in registry.every() for each in values.kept_fields(one).values()):
        many: Any = ref.field
        if ref.kind is not kinds.Links or many.related_model not in collector.data:
            continue
        gone = {instance.pk for instance in collector.data[many.related_model]}
        near, far = many.m2m_field_name(), many.m2m_reverse_field_name()
        through = many.remote_field.through._base_manager
        owners = through.filter(**{f"{far}__id__among": gone}).values(near)
        held: dict[int, list[int]] = {}
        for owner, linked in through.filter(**{f"{near}__in": owners}).values_list(near, far):
            held.setdefault(owner, []).append(linked)
        doomed = {instance.pk for instance in collector.data.get(spec.model, ())}
        for instance in _in_order(spec, held.keys() - doomed):
            before = sorted(held[instance.pk])
            yield _update(spec, instance, ref.path, before, [pk for pk in before if pk not in gone])


def _going(collector: Collector, model: Any) -> list[Any]:
    """The rows of a model that are to be deleted."""
    fast = (group for group in collector.fast_deletes if getattr(group, "model", None) is model)
    return [*collector.data.get(model, ()), *(row for group in fast for row in _instances(group))]


def _untied(collector: Collector) -> Iterable[Change]:
    doomed = {(model, each.pk) for model, instances in collector.data.items() for each in instances}
    for (field, value), groups in collector.field_updates.items():
        spec = registry.of_model(field.model)
        for instance in (each for group in groups for each in _instances(group)):
            if spec is None or (field.model, instance.pk) in doomed:
                continue
            yield _update(spec, instance, field.name, getattr(instance, field.attname), value)


def _instances(group: Any) -> Iterable[Any]:
    return group  # type: ignore[no-any-return]  # a queryset or a list of instances


def revive(spec: Spec, record_id: int, kept: Mapping[str, Any], actor: Actor) -> Draft:
    """A draft that inserts the record again under its id, with the kept values, lines and links."""
    instance = rows.made(spec.model, {"id": record_id})
    draft = Draft(spec, instance, created=True, actor=actor, exact=True)
    for name, ref in values.kept_fields(spec).items():
        if name not in kept:
            continue
        value = kept[name]
        if ref.lines is not None:
            draft.lines[name] = [dict(row) for row in value]
        elif ref.many:
            draft.links[name] = list(value)
        elif ref.write is not None:
            ref.write(instance, ref.kind.from_json(value))
        elif ref.field is not None:
            # A text may be missing where its column lets it, as the key of a role of one's own.
            setattr(instance, ref.field.attname, None if value is None else ref.kind.from_json(value))
    draft.after = {name: value for name, value in kept.items() if value not in (None, "", [])}
    return draft
