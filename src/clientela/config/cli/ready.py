"""What must be true before a command touches the data."""

from __future__ import annotations

import hashlib
import sys

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientela.config.environment import ConfigurationError
from clientela.kit import statistics
from clientela.ui import bundle


def pending_migrations() -> list[str]:
    """The names of the migrations that the database lacks; raises DatabaseError when it cannot be reached."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def prepare_database() -> None:
    """Bring an embedded database up to date; refuse to go on with a server database that is not.

    A shared database is migrated on purpose, once (`clientela manage migrate`), never by whichever process
    happens to start first. Raises ConfigurationError.
    """
    try:
        pending = pending_migrations()
    except DatabaseError as error:
        raise ConfigurationError(_("The database does not answer: %(reason)s") % {"reason": error}) from error
    if not pending:
        return
    if connection.vendor != "sqlite":
        message = ngettext(
            "The database lacks %(count)d migration. Run: clientela manage migrate",
            "The database lacks %(count)d migrations. Run: clientela manage migrate",
            len(pending),
        )
        raise ConfigurationError(message % {"count": len(pending)})
    print(_("Preparing the database…"), file=sys.stderr)
    call_command("migrate", verbosity=0, interactive=False)
    statistics.refresh(connection)


def prepare_static() -> None:
    """Build and collect stylesheets, scripts and icons when they changed; nothing to do while developing."""
    if settings.DEBUG:
        return
    bundle.build()
    stamp = settings.STATIC_ROOT / ".collected"
    print_now = static_fingerprint()
    if stamp.is_file() and stamp.read_text(encoding="ascii") == print_now:
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(print_now, encoding="ascii")


def static_fingerprint() -> str:
    """A digest of every static file's name and content."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda found: found[0]):
            digest.update(path.encode())
            with storage.open(path) as file:
                digest.update(hashlib.sha256(file.read()).digest())
    return digest.hexdigest()
