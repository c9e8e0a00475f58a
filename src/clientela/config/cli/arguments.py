"""Numbers of the command line: what is out of bounds is told as a wrong question, before anything starts."""

from __future__ import annotations

from argparse import ArgumentTypeError

from django.utils.translation import gettext as _


def port(text: str) -> int:
    """A port to listen on. Raises ArgumentTypeError."""
    return _number(text, 1, 65_535)


def workers(text: str) -> int:
    """How many server processes. Raises ArgumentTypeError."""
    return _number(text, 1, 1_000)


def days(text: str) -> int:
    """Days from today on, of a century at most; 0 for no end. Raises ArgumentTypeError."""
    return _number(text, 0, 36_500)


def _number(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
        raise ArgumentTypeError(
            _("A number from %(least)d to %(most)d is needed.") % {"least": least, "most": most}
        )
    return int(text)
