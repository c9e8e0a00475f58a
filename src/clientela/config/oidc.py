"""From the file of CLIENTELA_OIDC to allauth's providers.

The file is TOML: a table for each provider, its name being part of the address that the provider calls back
(`/account/company/<name>/callback/`).
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from clientela.config.environment import ConfigurationError

NEEDED = ("issuer", "client_id", "client_secret")
KNOWN = {*NEEDED, "client_secret_file", "name", "domains", "email_is_verified"}


def providers(path: str) -> list[dict[str, Any]]:
    """The providers in the file, as allauth's APPS; [] without a file. Raises ConfigurationError."""
    if not path:
        return []
    try:
        tables = tomllib.loads(Path(path).expanduser().read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"CLIENTELA_OIDC: {path} cannot be read: {error}") from error
    return [_app(name, table) for name, table in tables.items()]


def origins(apps: list[dict[str, Any]]) -> list[str]:
    """Where a sign-in form may lead: browsers check the Content-Security-Policy after redirects too."""
    addresses = (urlsplit(app["settings"]["server_url"]) for app in apps)
    return sorted({f"{each.scheme}://{each.netloc}" for each in addresses})


def _app(name: str, table: Any) -> dict[str, Any]:
    if not isinstance(table, dict) or not re.fullmatch(r"[a-z0-9-]{1,30}", name):
        raise ConfigurationError(f"CLIENTELA_OIDC: “{name}” must be a table, named in a-z, 0-9 and -.")
    values = _with_secret(name, table)
    missing = [each for each in NEEDED if not values.get(each)]
    unknown = sorted(set(table) - KNOWN)
    if missing or unknown:
        raise ConfigurationError(f"CLIENTELA_OIDC: [{name}] lacks {missing}, and {unknown} means nothing.")
    _check_address(name, str(values["issuer"]))
    return {
        "provider_id": name,
        "name": values.get("name", name),
        "client_id": values["client_id"],
        "secret": values["client_secret"],
        "settings": {
            "server_url": str(values["issuer"]).rstrip("/"),
            "issuer": str(values["issuer"]),
            "verified_email": bool(values.get("email_is_verified", False)),
            "domains": [str(each).lower() for each in values.get("domains", [])],
            "oauth_pkce_enabled": True,
        },
    }


def _with_secret(name: str, table: dict[str, Any]) -> dict[str, Any]:
    file = table.get("client_secret_file")
    if not file:
        return table
    try:
        return table | {"client_secret": Path(file).expanduser().read_text(encoding="utf-8").strip()}
    except OSError as error:
        raise ConfigurationError(f"CLIENTELA_OIDC: [{name}] {file} cannot be read.") from error


def _check_address(name: str, issuer: str) -> None:
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1"):
        raise ConfigurationError(f"CLIENTELA_OIDC: the issuer of [{name}] must begin with https://.")
