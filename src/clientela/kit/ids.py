"""Identifiers and secrets: time-ordered UUIDs, URL-safe tokens and their hashes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from uuid import UUID

_TOKEN_BYTES = 32


def uuid7() -> UUID:
    """A UUID version 7 (RFC 9562 §5.7): milliseconds, then 12 bits of sub-millisecond time (§6.2, method
    3), then 62 random bits; so ids made one after another sort in that order to about a quarter of a
    microsecond."""
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    fraction = rest * 4096 // 1_000_000
    number = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=number)


def new_token(prefix: str = "") -> str:
    """A secret of 256 random bits in URL-safe letters, after the prefix: "clt_3v9…"."""
    return prefix + secrets.token_urlsafe(_TOKEN_BYTES)


def hash_token(token: str) -> str:
    """What is stored of a token: its SHA-256 in hexadecimal. Tokens are random, so no salt nor stretching
    is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_matches(token: str, stored: str) -> bool:
    """Whether the token is the one whose hash was stored, in constant time."""
    return hmac.compare_digest(hash_token(token), stored)
