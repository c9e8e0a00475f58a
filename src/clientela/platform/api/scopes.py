"""What a token may do beside the rights of its person: from kinds of record to levels.

`{}` is everything, `{"*": "read"}` reading everything, `{"lead": "create"}` adding leads and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from clientela.access import limits
from clientela.access.limits import Limits
from clientela.records import registry

CREATE, READ, WRITE = "create", limits.READ, limits.WRITE
LEVELS = (READ, CREATE, WRITE)
EVERY = "*"
Scope = dict[str, str]


def check(scope: Mapping[str, str]) -> Scope:
    """The scope as it is kept. Raises ValueError for a kind or a level that does not exist."""
    for key, level in scope.items():
        if level not in LEVELS or (key == EVERY and level != READ):
            raise ValueError(
                _("There is no level “%(level)s” for “%(name)s”.") % {"level": level, "name": key}
            )
        if key != EVERY and registry.find(key) is None:
            raise ValueError(_("There are no records “%(name)s”.") % {"name": key})
    if EVERY in scope and len(scope) > 1:
        raise ValueError(_("“*” stands alone."))
    return dict(scope)


def of_words(words: Iterable[str], *, read_only: bool = False) -> Scope:
    """A scope from words as `leads:create` or `account` (write, or read where `read_only`).

    Raises ValueError for a word that says nothing.
    """
    scope: Scope = {}
    for word in filter(None, (each.strip() for each in words)):
        name, _colon, level = word.partition(":")
        spec = registry.by_plural(name) or registry.find(name)
        if spec is None:
            raise ValueError(_("There are no records “%(name)s”.") % {"name": name})
        scope[spec.key] = level or (READ if read_only else WRITE)
    if not scope and read_only:
        return {EVERY: READ}
    if read_only and set(scope.values()) != {READ}:
        raise ValueError(_("A token that only reads has no other level."))
    return check(scope)


def limits_of(scope: Mapping[str, str]) -> Limits | None:
    """What a policy makes of a scope; "create" counts as writing."""
    if not scope:
        return None
    if EVERY in scope:
        return Limits.read_only()
    levels = {key: READ if level == READ else WRITE for key, level in scope.items()}
    return Limits.of({**_common(), **levels})


def _common() -> dict[str, str]:
    """Lists of values and people are read with every kind: records cannot be written without their names."""
    return {spec.key: READ for spec in registry.every() if spec.access.configuration}


def limits_for(scope: Mapping[str, str], method: str, parts: Mapping[str, Any]) -> Limits | None:
    """The limits of one call: a kind that may only be created exists for the one call that creates it."""
    if CREATE not in scope.values():
        return limits_of(scope)
    spec = registry.by_plural(str(parts.get("plural", "")))
    making = spec.key if spec is not None and method == "POST" and "record_id" not in parts else ""
    kept = {key: level for key, level in scope.items() if level != CREATE or key == making}
    return limits_of(kept) if kept else Limits.nothing()
