"""How a kind of record is protected: plain data, read by `access.policy`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Access:
    """How a kind of record is protected.

    `owner`: path to the person who looks after it ("" = nobody's: common data all may see).
    `private`: fields only managers, administrators and nobody else may see.
    `configuration`: seen by all, changed by administrators only.
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
