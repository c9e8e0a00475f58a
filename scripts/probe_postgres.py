"""Exit status 0 when a PostgreSQL server answers at the URL given and lets us create databases."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

import psycopg


def may_create(url: str) -> bool:
    """Whether the URL's user may create databases, asked through the database that always exists."""
    parts = urlsplit(url)
    with psycopg.connect(parts._replace(path="/postgres").geturl(), connect_timeout=3) as connection:
        row = connection.execute(
            "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    return row is not None and bool(row[0])


if __name__ == "__main__":
    sys.exit(0 if may_create(sys.argv[1]) else 1)
