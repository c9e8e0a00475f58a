"""Blocks of the logs are closed with a digest chained over the block before, so that tampering shows.

Writers do nothing for it and never wait for each other: the worker (and `doctor --audit`) seals what is there
a while later. On PostgreSQL a transaction may commit a row with a lower id after one with a higher, so a
block reaches only as far as a mark that was set before every transaction now at work began.
"""

from __future__ import annotations

import logging
import time

from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from clientela.platform.audit import canonical
from clientela.platform.audit.models import Seal, SealMark

BLOCK = 1000
"""Rows a block holds at most."""
_IN_PROGRESS = """
SELECT count(*) FROM pg_snapshot_xip(pg_current_snapshot()) AS t(x)
WHERE x::text::bigint < %s AND NOT EXISTS (
    SELECT 1 FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'transactionid' AND l.transactionid = t.x::xid
    AND l.mode = 'ExclusiveLock' AND a.datname <> current_database()
)"""
"""Transactions of this database that began before a mark; one's own is not among those in progress."""


def seal(*, patience: float = 0.0) -> int:
    """Seal whatever can be sealed; returns how many rows. `patience`: seconds to wait for transactions."""
    deadline = time.monotonic() + patience
    sealed = 0
    for log in canonical.LOGS:
        sealed += _seal_log(log)
        while _is_waiting(log) and time.monotonic() < deadline:
            time.sleep(0.05)
            sealed += _seal_log(log)
    return sealed


def _seal_log(log: str) -> int:
    """What the last mark allows; then a new mark, which holds at once where nobody is at work."""
    sealed = _seal_to(log, _safe_id(log))
    if connection.vendor == "sqlite":
        return sealed
    _set_mark(log)
    return sealed + _seal_to(log, _safe_id(log))


def _is_waiting(log: str) -> bool:
    mark = SealMark.objects.filter(log=log).first()
    return mark is not None and mark.last > sealed_to(log)


def sealed_to(log: str) -> int:
    """The id of the last row that is in a block."""
    return Seal.objects.filter(log=log).aggregate(last=Max("last"))["last"] or 0


def _highest(log: str) -> int:
    return canonical.LOGS[log]._default_manager.aggregate(last=Max("pk"))["last"] or 0


def _safe_id(log: str) -> int:
    """Below it no row can appear any more."""
    if connection.vendor != "postgresql":
        return _highest(log)
    mark = SealMark.objects.filter(log=log).first()
    if mark is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_IN_PROGRESS, [mark.horizon])
        row = cursor.fetchone()
    return 0 if row[0] else mark.last


def _set_mark(log: str) -> None:
    """Remember the highest id, and that whoever began before now may still bring a lower one."""
    if _is_waiting(log):
        return
    highest = _highest(log)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        row = cursor.fetchone()
    SealMark.objects.update_or_create(log=log, defaults={"last": highest, "horizon": row[0]})


def _seal_to(log: str, last: int) -> int:
    """Read outside any transaction, so that nobody waits; whoever is second to close a block stops."""
    newest = Seal.objects.filter(log=log).order_by("-last").defer("fingerprints").first()
    first, digest = (newest.last + 1, newest.digest) if newest else (1, canonical.START)
    sealed = 0
    while found := canonical.first_rows(log, first, last, BLOCK):
        block = canonical.Block(digest, first, found[-1][0])
        for number, row in found:
            block.add(number, row)
        if not _close(log, block):
            break
        sealed, first, digest = sealed + block.count, block.last + 1, block.digest
    return sealed


def _close(log: str, block: canonical.Block) -> bool:
    try:
        with transaction.atomic():
            Seal.objects.create(
                log=log,
                first=block.first,
                last=block.last,
                count=block.count,
                digest=block.digest,
                fingerprints=block.fingerprints,
            )
    except IntegrityError:
        return False
    # A copy outside the database: who could rewrite the whole chain cannot rewrite the log of the process.
    logging.getLogger(__name__).info("sealed %s to %s: %s", log, block.last, block.digest)
    return True
