"""`clientela token` and `clientela signin-link`."""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec

from django.urls import reverse
from django.utils.translation import gettext as _

from clientela.access import signin_link
from clientela.access.models import User
from clientela.config.cli import arguments


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare both commands."""
    link = commands.add_parser(
        "signin-link", help=_("Print an address that signs somebody in once, within ten minutes")
    )
    link.add_argument("email", help=_("the person's e-mail"))
    link.add_argument("--base", default="http://127.0.0.1:8000", help=_("address of this installation"))
    link.set_defaults(run=run_signin_link)
    if find_spec("clientela.platform.api.commands") is not None:
        token = commands.add_parser("token", help=_("Print a new API token"))
        token.add_argument("email", help=_("the person's e-mail"))
        token.add_argument("--name", default="", help=_("what the token is for"))
        token.add_argument(
            "--expires",
            "--days",
            dest="days",
            type=arguments.days,
            default=0,
            help=_("days until it expires (0: never)"),
        )
        token.add_argument(
            "--records", default="", help=_("only these, as leads:create,accounts:read (all without it)")
        )
        token.add_argument("--read-only", action="store_true", help=_("it changes nothing"))
        token.set_defaults(run=run_token)


def run_signin_link(namespace: argparse.Namespace) -> int:
    """Print the address; 1 when nobody active has that e-mail."""
    user = User.objects.filter(email__iexact=namespace.email.strip(), is_active=True).first()
    if user is None:
        print(_("Nobody active has the e-mail %(email)s.") % {"email": namespace.email}, file=sys.stderr)
        return 1
    path = reverse("access_signin_link", kwargs={"token": signin_link.make(user)})
    print(f"{namespace.base.rstrip('/')}{path}")
    return 0


def run_token(namespace: argparse.Namespace) -> int:
    """Hand over to the API app."""
    from clientela.platform.api import commands

    return commands.run_token(namespace)
