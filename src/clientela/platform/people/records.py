"""People and teams as records that others link to."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clientela import records as r
from clientela.access.actor import Actor
from clientela.access.models import Role, Share, Team, User
from clientela.platform.people import following, teams


@r.register
class PersonRecord(r.Record[User]):
    """How people show; `people.services` alone changes them."""

    model = User
    key = "user"
    plural = "users"
    title = "name"
    icon = "user"
    mark = "round"
    exclude = ("password", "last_login", "theme", "density", "shortcuts", "language", "time_zone")
    read_only = ("email", "roles", "team", "is_active", "name")
    columns = ("name", "email", "roles", "team", "is_active")
    default_sort = ("name",)
    search = r.Search(name=10, email=5)
    filters = ("roles", "team", "is_active")
    offered = {"field": "is_active", "op": "is_true"}
    sections = (r.Section(_("Person"), ("name", "email", "roles", "team", "is_active")),)
    access = r.Access(configuration=True)
    written = following.people
    timeline = False


@r.register
class TeamRecord(r.Record[Team]):
    """How teams show; `people.services` alone changes them."""

    model = Team
    title = "name"
    icon = "users-round"
    columns = ("name", "parent", "managers")
    default_sort = ("name",)
    search = r.Search(name=10)
    read_only = ("name", "parent", "managers")
    sections = (r.Section(_("Team"), ("name", "parent", "managers")),)
    check = teams.check
    access = r.Access(configuration=True)
    written = following.teams
    timeline = False


@r.register
class RoleRecord(r.Record[Role]):
    """How roles show; they are changed by services only."""

    model = Role
    title = "name"
    subtitle = "description"
    icon = "shield"
    columns = ("name", "description", "is_administrator", "requires_mfa")
    default_sort = ("name",)
    search = r.Search(name=10, description=1)
    read_only = ("key", "name", "description", "is_administrator", "requires_mfa", "rules")
    sections = (r.Section(_("Role"), ("name", "description", "is_administrator", "requires_mfa")),)
    access = r.Access(private=("rules",), configuration=True)
    written = following.roles
    timeline = False


def own_shares(actor: Actor, verb: str) -> Q:
    """Whoever shared a record, and those with whom it is shared, know of it."""
    mine = Q(user_id=actor.user_id) | Q(by_id=actor.user_id) | Q(team__in=actor.standing.teams)
    return mine if verb in ("see", "export") else Q(pk__in=[])


@r.register
class ShareRecord(r.Record[Share]):
    """How shares of records show; they are changed by services only."""

    model = Share
    title = "record"
    icon = "share-2"
    columns = ("record", "record_id", "user", "team", "level", "until", "by", "at")
    default_sort = ("-at",)
    read_only = ("record", "record_id", "user", "team", "level", "until", "by", "at")
    sections = (r.Section(_("Share"), ("record", "record_id", "user", "team", "level", "until", "by", "at")),)
    access = r.Access(configuration=True)
    visible = own_shares
    timeline = False
