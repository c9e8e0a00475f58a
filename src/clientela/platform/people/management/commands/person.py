"""`clientela manage person EMAIL`: add somebody, or change her role, team or name."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from clientela.access import ready_made
from clientela.access.actor import SYSTEM
from clientela.platform.people import services
from clientela.records import changes
from clientela.records.errors import Invalid


class Command(BaseCommand):
    """Adds a person, or changes one's name, role or team."""

    help = "Add a person, or change her name, role or team."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("email", help=_("the person's e-mail"))
        parser.add_argument("--name", help=_("how she is called; needed for somebody new"))
        parser.add_argument("--role", choices=tuple(ready_made.ROLES), help=_("what she may do (seller)"))
        parser.add_argument("--team", help=_("her team, made where there is none of this name"))
        state = parser.add_mutually_exclusive_group()
        state.add_argument("--deactivate", action="store_true", help=_("she may no longer sign in"))
        state.add_argument("--activate", action="store_true", help=_("she may sign in again"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Write what was given, all or nothing; raises CommandError with the reasons."""
        operation = changes.Operation(SYSTEM, changes.SYSTEM, label=_("Command line"))
        given = {name: options[name] for name in ("name", "role") if options[name]}
        if options["activate"] or options["deactivate"]:
            given["is_active"] = bool(options["activate"])
        try:
            with transaction.atomic():
                if options["team"]:
                    given["team"] = services.team_named(options["team"], operation=operation).pk
                person = services.settle(options["email"], given, operation=operation)
        except Invalid as error:
            raise CommandError(error.message) from error
        roles = ", ".join(role.label for role in person.roles.all())
        self.stdout.write(f"{person.name} <{person.email}>: {roles}")
