"""The company's virus scanner, asked about each file that comes in (CLIENTELA_SCAN_COMMAND)."""

from __future__ import annotations

import logging
import subprocess
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from clientela.records.errors import Invalid

PATIENCE = 60
"""Seconds."""
CLEAN, HARMFUL = 0, 1
"""The statuses that clamscan, clamdscan and most others end with."""
log = logging.getLogger(__name__)


def require_clean(path: Path) -> None:
    """Raise Invalid where the scanner finds harm, or cannot say. Without a command nothing is asked."""
    if not settings.SCAN_COMMAND:
        return
    status = _ask([*settings.SCAN_COMMAND, str(path)])
    if status == HARMFUL:
        raise Invalid({"file": [_("The virus scanner took this file for harmful. It was not kept.")]})
    if status != CLEAN:
        raise Invalid({"file": [_("The virus scanner does not answer, so no file can come in. Try later.")]})


def _ask(command: list[str]) -> int:
    """The status the command ends with, -1 where it does not run or takes too long; without a shell."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        log.error("the scanner failed: %s", error)
        return -1
    if done.returncode not in (CLEAN, HARMFUL):
        words = done.stderr[-500:].decode(errors="replace")
        log.error("the scanner ended with %s: %s", done.returncode, words)
    return done.returncode
