"""What holds whatever way people, teams and roles are written: by a page, the command line or an undo.

Called by the engine in the transaction of each write (`written` of the descriptions): what raises here
changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from clientela.access.models import Role, Team, User
from clientela.access.teams import rebuild_reach
from clientela.platform.api import tokens
from clientela.platform.signing import sessions
from clientela.records.changes import DELETE, Change, Operation
from clientela.records.errors import Refused


def people(operation: Operation, made: Sequence[Change]) -> None:
    """Whoever is deactivated is out at once, with sessions and tokens; an administrator remains.

    Raises Refused.
    """
    gone = [change for change in made if change.after.get("is_active") is False]
    for person in User.objects.filter(pk__in=[change.record_id for change in gone]):
        detail = _("deactivated by %(name)s") % {"name": operation.actor.name}
        sessions.end_all(person, detail=detail)
        tokens.revoke_all(person, detail=detail)
    losing = [change.title for change in made if _may_lose_role(change)]
    if losing:
        require_administrator(losing)


def roles(operation: Operation, made: Sequence[Change]) -> None:
    """A role that stops being the administrators' leaves one somewhere else. Raises Refused."""
    if any(change.before.get("is_administrator") and change.record_id for change in made):
        require_administrator(change.title for change in made)


def teams(operation: Operation, made: Sequence[Change]) -> None:
    """The closure of the tree follows it, which stays a tree. Raises Refused."""
    moved = [
        change for change in made if change.verb == DELETE or "parent" in {**change.before, **change.after}
    ]
    created = [change for change in made if not change.before]
    for change in moved:
        if is_in_circle(change.record_id):
            raise Refused(_("“%(name)s” would be under itself.") % {"name": change.title})
    if moved or created:
        rebuild_reach()


def require_administrator(names: Iterable[str]) -> None:
    """Raise Refused where nobody active is an administrator: nobody could set the installation up again."""
    if not User.objects.filter(is_active=True, roles__is_administrator=True).exists():
        raise Refused(
            _("%(name)s is the last administrator. Make somebody else an administrator first.")
            % {"name": ", ".join(names)}
        )


def is_in_circle(team_id: int) -> bool:
    """Whether going up from a team comes back to it."""
    above = dict(Team.objects.values_list("pk", "parent_id"))
    seen: set[int] = set()
    current: int | None = team_id
    while current is not None and current not in seen:
        seen.add(current)
        current = above.get(current)
    return current is not None


def _may_lose_role(change: Change) -> bool:
    """Whether the person was an administrator and is no longer one who can act."""
    if not change.before:
        return False
    was = set(change.before.get("roles", ()))
    kept = set(change.after.get("roles", ()))
    lost = was - kept if "roles" in change.before else set()
    administrators = Role.objects.filter(is_administrator=True)
    if change.after.get("is_active") is False:
        return administrators.filter(people=change.record_id).exists()
    return bool(lost) and administrators.filter(pk__in=lost).exists()
