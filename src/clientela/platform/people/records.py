"""People and teams as records that others link to."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from clientela import records as r
from clientela.access.models import Role, Team, User


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
    access = r.Access(configuration=True)
    timeline = False


@r.register
class RoleRecord(r.Record[Role]):
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
    timeline = False
