"""The closure of teams, rebuilt whole whenever the tree changes (a few thousand teams at most)."""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction

from clientela.access.models import Team, TeamReach


def rebuild_reach() -> None:
    """Write one `TeamReach` row for each team and each team at or below it."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for team_id, parent_id in Team.objects.values_list("id", "parent_id"):
        children[parent_id].append(team_id)
    rows = [
        TeamReach(ancestor_id=top, descendant_id=below)
        for tops in children.values()
        for top in tops
        for below in at_or_below(top, children)
    ]
    with transaction.atomic():
        TeamReach.objects.all().delete()
        TeamReach.objects.bulk_create(rows, batch_size=1000)


def at_or_below(team_id: int, children: dict[int | None, list[int]]) -> list[int]:
    """The team and all below it; a loop in the tree is cut where it closes."""
    found: list[int] = []
    waiting = [team_id]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.append(current)
            waiting.extend(children.get(current, ()))
    return found
