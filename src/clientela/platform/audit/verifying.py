"""Going through the whole chain of seals, row by row, and naming the first thing that is not as it was."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db.models import Count
from django.utils.translation import gettext as _

from clientela.platform.audit import canonical, guard, redacting
from clientela.platform.audit.models import Purge, Seal

Rows = Iterator[tuple[int, bytes]]


@dataclass(slots=True)
class Report:
    """Of one log: rows looked at, blocks, rows in files, rows not sealed yet, and the first thing broken."""

    log: str
    rows: int = 0
    blocks: int = 0
    put_away: int = 0
    unsealed: int = 0
    broken: str = ""


def verify() -> list[Report]:
    """One report for each log; nothing is changed. Memory does not grow with the logs."""
    return [_verify_log(log) for log in canonical.LOGS]


def missing_guards() -> list[str]:
    """Triggers that were taken away."""
    return guard.missing()


def _verify_log(log: str) -> Report:
    report = Report(log)
    purged = {purge.last: purge for purge in Purge.objects.filter(log=log)}
    edge = max(purged, default=0)
    previous, end = canonical.START, 0
    away = _AwayRows(list(purged.values()))
    for seal in Seal.objects.filter(log=log).order_by("last").iterator(chunk_size=50):
        report.broken = _broken_block(seal, previous, end, edge, away)
        if report.broken:
            return report
        previous, end = seal.digest, seal.last
        report.blocks += 1
        report.rows += seal.count
        report.put_away += seal.count if seal.last <= edge else 0
    left = canonical.LOGS[log]._default_manager.filter(pk__gt=end).aggregate(n=Count("pk"))["n"]
    report.unsealed = left
    report.broken = away.problem
    return report


def _broken_block(seal: Seal, previous: str, end: int, edge: int, away: _AwayRows) -> str:
    """What is wrong with a block; "" where nothing is."""
    if seal.first != end + 1:
        return _("A block is missing before block %(block)s (rows %(first)s to %(last)s).") % _names(seal)
    if seal.last <= edge:
        return _left_behind(seal) or _not_as_sealed(seal, previous, away.of(seal))
    return _not_as_sealed(seal, previous, canonical.rows(seal.log, seal.first, seal.last))


def _not_as_sealed(seal: Seal, previous: str, rows: Rows | None) -> str:
    if rows is None:
        return ""
    block = canonical.Block(previous, seal.first, seal.last)
    sealed = redacting.Sealed(seal)
    for number, row in rows:
        block.add_hash(number, sealed.hash_of(number, row))
    if block.digest == seal.digest and block.count == seal.count:
        return ""
    number, how = canonical.first_difference(bytes(seal.fingerprints), block.fingerprints)
    words = {
        "altered": _("Block %(block)s (rows %(first)s to %(last)s): row %(row)s was altered."),
        "missing": _("Block %(block)s (rows %(first)s to %(last)s): row %(row)s is missing."),
        "added": _("Block %(block)s (rows %(first)s to %(last)s): row %(row)s was put in."),
    }
    if not number:
        return _("Block %(block)s (rows %(first)s to %(last)s): its seal was altered.") % _names(seal)
    return words[how] % {**_names(seal), "row": number}


def _left_behind(seal: Seal) -> str:
    """A row where all were put away was put in afterwards."""
    found = canonical.LOGS[seal.log]._default_manager.filter(pk__gte=seal.first, pk__lte=seal.last)
    number = found.order_by("pk").values_list("pk", flat=True).first()
    if number is None:
        return ""
    text = _("Block %(block)s (rows %(first)s to %(last)s): row %(row)s was put in.")
    return text % {**_names(seal), "row": number}


def _names(seal: Seal) -> dict[str, int]:
    return {"block": seal.pk, "first": seal.first, "last": seal.last}


class _AwayRows:
    """The rows that were put away into files, each file read once from its first line to its last."""

    def __init__(self, purges: list[Purge]) -> None:
        self.problem = ""
        self._files = {purge.last: self._open(purge) for purge in sorted(purges, key=lambda each: each.last)}

    def of(self, seal: Seal) -> Rows | None:
        """The rows of a block; None where their file was taken elsewhere, so that the chain must do."""
        last = min(end for end in self._files if end >= seal.last)
        lines = self._files[last]
        return None if lines is None else _numbered(islice(lines, seal.count))

    def _open(self, purge: Purge) -> Iterator[bytes] | None:
        path = Path(settings.DATA_FOLDER) / purge.file
        if not path.exists():
            return None
        if canonical.hash_of_file(path) != purge.sha256:
            self.problem = _("The file %(file)s is not as it was written.") % {"file": purge.file}
            return None
        return _lines(path)


def _numbered(lines: Iterator[bytes]) -> Rows:
    return ((json.loads(line)["id"], line) for line in lines)


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") as file:
        for line in file:
            yield line.rstrip(b"\n")
