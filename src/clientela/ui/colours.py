"""The ten customer colours in words (DESIGN.md §3)."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import pgettext_lazy

NAMES: Final[dict[str, Any]] = {
    "gray": pgettext_lazy("colour", "gray"),
    "red": pgettext_lazy("colour", "red"),
    "orange": pgettext_lazy("colour", "orange"),
    "amber": pgettext_lazy("colour", "amber"),
    "green": pgettext_lazy("colour", "green"),
    "teal": pgettext_lazy("colour", "teal"),
    "blue": pgettext_lazy("colour", "blue"),
    "violet": pgettext_lazy("colour", "violet"),
    "pink": pgettext_lazy("colour", "pink"),
    "brown": pgettext_lazy("colour", "brown"),
}
