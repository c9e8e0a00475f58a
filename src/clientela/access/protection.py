"""How a kind of record is protected: plain data, read by `access.policy`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Access:
    """How a kind of record is protected.

    `owner`: path to the person who looks after it ("" = nobody's: common data all may see).
    `private`: fields that a role shows only where it says so.
    `configuration`: seen by all, changed by administrators and by roles that name the kind.
    """

    owner: str = ""
    private: tuple[str, ...] = ()
    configuration: bool = False


class Protected(Protocol):
    """What the policy needs to know of a kind of record."""

    @property
    def key(self) -> str: ...
    @property
    def access(self) -> Access: ...
    @property
    def module(self) -> str:
        """Label of the app that can be switched off with it; "" for the platform's own kinds."""
        ...
