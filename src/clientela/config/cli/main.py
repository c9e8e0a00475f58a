"""Reads the command line and calls the command.

Each command is a function that takes the parsed arguments and returns the exit status: 0 done, 1 it could
not, 2 the question was wrong. Before it runs, the database is brought up to date.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from clientela.config.environment import ConfigurationError

# The doctor has to speak also of a database that does not answer.
WITHOUT_DATABASE = frozenset({"doctor"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clientela.config.settings")
    _choose_data_folder(given)
    try:
        return _run(given)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _run(given: list[str]) -> int:
    if given[:1] == ["manage"]:
        return _manage(given[1:])
    import django

    django.setup()
    from django.conf import settings
    from django.utils import translation

    translation.activate(settings.LANGUAGE_CODE)
    namespace = build_parser().parse_args(given)
    if namespace.command not in WITHOUT_DATABASE:
        from clientela.config.cli import ready

        ready.prepare_database()
    status: int = namespace.run(namespace)
    return status


def _choose_data_folder(given: list[str]) -> None:
    """Settings read the data folder when they load, so `demo --data` has to be known before."""
    if given[:1] != ["demo"]:
        return
    early = argparse.ArgumentParser(add_help=False)
    early.add_argument("--data")
    folder = early.parse_known_args(given[1:])[0].data
    if folder:
        os.environ["CLIENTELA_DATA"] = folder
        os.environ.pop("CLIENTELA_DATABASE_URL", None)


def _manage(given: list[str]) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["clientela manage", *given])
    return 0


def build_parser() -> argparse.ArgumentParser:
    """The whole command line. Django must be set up: the help speaks the company's language."""
    from django.utils.translation import gettext as _

    from clientela.config.cli import access, demo, doctor, serving

    parser = argparse.ArgumentParser(prog="clientela", description=_("Clientela, a CRM."))
    commands = parser.add_subparsers(dest="command", required=True, metavar=_("COMMAND"))
    demo.add_parser(commands)
    serving.add_parsers(commands)
    _add_transfer(commands)
    access.add_parsers(commands)
    doctor.add_parser(commands)
    commands.add_parser("manage", help=_("Django's own commands"))
    return parser


def _add_transfer(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`import`, `undo-import` and `export` belong to the transfer app."""
    if find_spec("clientela.platform.transfer.commands") is None:
        return
    from clientela.platform.transfer import commands as transfer

    transfer.add_parsers(commands)
