"""Work that is too much for the transaction of one write."""

from __future__ import annotations

from django_tasks import task

from clientela.platform.search import index
from clientela.records import registry


@task()
def refresh_rest(record: str, link: str, ids: list[int], after: int) -> None:
    """Bring the entries of `record` up to date that hold a text of those linked, from an id on."""
    spec = registry.find(record)
    if spec is None:
        return
    rows = spec.model._default_manager.filter(**{f"{link}__in": ids}).order_by("pk")
    while found := list(rows.filter(pk__gt=after).values_list("pk", flat=True)[: index.BATCH]):
        index.refresh(spec, found)
        after = found[-1]
