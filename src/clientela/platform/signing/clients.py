"""Where a request comes from: its address and the name of its device."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from django.http import HttpRequest

# In the order of asking: later names hide in the headers of earlier ones.
_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("Mac", r"Mac OS X|Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux|X11"),
)
_IPV6_NETWORK = 64  # what one household or one phone gets (RFC 6177)


@dataclass(frozen=True, slots=True)
class Client:
    """Plain values about a browser, so that they travel to jobs and mails."""

    address: str
    user_agent: str


def client_of(request: HttpRequest) -> Client:
    """The address (that of the proxies' client where proxies are set) and the browser of a request."""
    return Client(
        str(request.META.get("REMOTE_ADDR", "") or "")[:45],
        request.headers.get("User-Agent", "").replace("\x00", "")[:300],
    )


def network_of(address: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 one: what one attacker has for nothing."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network(f"{found}/{_IPV6_NETWORK}", strict=False).network_address)
    return address


def device_name(user_agent: str) -> str:
    """A device as a person would call it: "Firefox · Windows"; "" for an unknown one."""
    return " · ".join(filter(None, (_first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent))))


def is_phone(user_agent: str) -> bool:
    """Whether it is held in a hand."""
    return _first(_SYSTEMS, user_agent) in ("iPhone", "iPad", "Android")


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, user_agent)), "")
