"""Lines of the log: one for each message, in UTC, whatever somebody has put into an address or a name."""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import Any

FORMATS = ("plain", "json")
# Line ends and control characters (C0, DEL, C1, and Unicode's own line ends), which would forge lines or
# speak to the terminal that shows them.
_CONTROLS = {
    code: f"\\u{code:04x}" for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029) if code != 0x09
}


class PlainFormatter(logging.Formatter):
    """Time, level, logger and message in one line; a traceback follows indented, so that it is told apart."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{_time(record)} {record.levelname} {record.name} {escaped(record.getMessage())}"
        rest = _traceback(self, record)
        return line + "".join(f"\n    {escaped(each)}" for each in rest.splitlines())


class JsonFormatter(logging.Formatter):
    """One JSON object a line (RFC 8259), for programs that gather logs."""

    def format(self, record: logging.LogRecord) -> str:
        found: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        traceback = _traceback(self, record)
        return json.dumps(found | ({"traceback": traceback} if traceback else {}))


def escaped(text: str) -> str:
    """Without characters that end a line or command a terminal."""
    return text.translate(_CONTROLS)


def configuration(level: str, form: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, in one form."""
    formatter = {"plain": PlainFormatter, "json": JsonFormatter}[form]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {"django": {"handlers": [], "propagate": True}},
    }


def _time(record: logging.LogRecord) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    return dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    return formatter.formatException(record.exc_info) if record.exc_info else ""
