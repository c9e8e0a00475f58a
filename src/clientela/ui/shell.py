"""What the frame around every page needs to know, given by the project as the context variable `shell`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NavItem:
    """One link of the menu. `go` is the key pressed after g; `count` shows what waits there."""

    key: str
    label: str
    icon: str
    url: str
    count: int | None = None
    go: str = ""


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Links that belong together; the label is None for the main group."""

    label: str | None
    items: Sequence[NavItem]


@dataclass(frozen=True, slots=True)
class CreateItem:
    """One thing that can be created from anywhere. `letter` is the key pressed after c."""

    label: str
    icon: str
    url: str
    letter: str = ""


@dataclass(frozen=True, slots=True)
class Favourite:
    """A saved view pinned to the menu; `color` is one of the ten customer colours."""

    label: str
    url: str
    color: str = "gray"
    count: int | None = None


@dataclass(frozen=True, slots=True)
class ShellUser:
    """Who is signed in, as the foot of the menu shows it."""

    name: str
    initials: str
    color: str
    url_profile: str


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame of one page for one person.

    `theme` is "light", "dark" or "" (as the system says); `density` is "compact" or "".
    `tabs` are the two links of the bar on phones. Empty addresses switch their feature off.
    """

    workspace: str
    user: ShellUser
    menu: Sequence[NavGroup]
    language: str
    theme: str = ""
    density: str = ""
    shortcuts_enabled: bool = True
    favourites: Sequence[Favourite] = ()
    create: Sequence[CreateItem] = ()
    tabs: Sequence[NavItem] = field(default=())
    url_home: str = "/"
    url_palette: str = ""
    url_settings: str = ""
    url_help: str = ""
    url_theme: str = ""
    url_sign_out: str = ""
    seen_as: str = ""
    """Name of the person as whom an administrator looks; `url_stop_seeing` ends it."""
    url_stop_seeing: str = ""
