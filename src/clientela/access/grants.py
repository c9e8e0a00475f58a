"""The rules of several roles taken together: rights add up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_

from clientela.access import rules
from clientela.access.rules import EVERYTHING, HIDDEN, NOTHING, Rules, Scope


@dataclass(frozen=True, slots=True)
class Grants:
    """What a person's roles give her. Hashable; equal for the same rules."""

    administrator: bool = False
    roles: tuple[Rules, ...] = ()

    def has_module(self, module: str) -> bool:
        return self.administrator or any(role.has_module(module) for role in self.roles)

    def scope(self, verb: str, key: str, module: str, *, configuration: bool) -> Scope:
        """The records of the kind `key` that `verb` reaches through any role in which its module is on.

        Configuration is seen by all who see anything; to change it a role must name its kind.
        """
        if self.administrator:
            return EVERYTHING
        return _scope(self.roles, verb, key, module, configuration)

    def fields(self, key: str, module: str, private: frozenset[str], *, below: str) -> frozenset[str]:
        """Names of fields that every role of consequence keeps below the level "read" or "write"."""
        if self.administrator:
            return frozenset()
        return _fields(self.roles, key, module, private, below)

    def allows_action(self, key: str, module: str, name: str) -> bool:
        return self.administrator or any(
            role.has_module(module) and role.allows_action(key, name) for role in self.roles
        )


NO_GRANTS = Grants()
ADMINISTRATOR = Grants(administrator=True)


@lru_cache(maxsize=16_384)
def _scope(roles: tuple[Rules, ...], verb: str, key: str, module: str, configuration: bool) -> Scope:
    only_named = configuration and verb not in ("see", "export")
    found = (
        (role.named_scope(key, verb) or NOTHING) if only_named else role.scope(key, verb)
        for role in roles
        if role.has_module(module)
    )
    return reduce(or_, found, NOTHING)


@lru_cache(maxsize=16_384)
def _fields(
    roles: tuple[Rules, ...], key: str, module: str, private: frozenset[str], below: str
) -> frozenset[str]:
    """A role counts where it lets one see (for writing: change or create) the kind; else all of them do."""
    verbs = ("see",) if below == rules.READ else ("create", "change")
    counting = [
        role for role in roles if role.has_module(module) and any(role.scope(key, verb) for verb in verbs)
    ]
    held = [_held_back(role, key, private, below) for role in counting or roles]
    return frozenset.intersection(*held) if held else private


def _held_back(role: Rules, key: str, private: frozenset[str], below: str) -> frozenset[str]:
    levels = {HIDDEN} if below == rules.READ else {HIDDEN, rules.READ}
    names = private.union(role.fields.get(key, ()))
    return frozenset(name for name in names if role.field(key, name, private=name in private) in levels)
