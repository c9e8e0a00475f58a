"""The keys under which alike records meet, so that only those that share one are compared.

Equal values give one key each. Near names meet by MinHash (Broder, 1997) over the trigrams of the name, in
bands of three: two names that share 0.7 of their trigrams meet with a probability of 0.92, two that share
0.2 with 0.05.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b

from clientela.platform.duplicates.comparison import Comparison
from clientela.platform.duplicates.facts import Facts

BANDS, ROWS = 6, 3
_PRIME = (1 << 61) - 1
# Of a telephone, e-mail or tax id that many share, neighbours are compared; of the rest, none.
STRONG = frozenset("tep")


def number_of(text: str) -> int:
    """64 bits of a hash, signed as a database keeps them."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


def _coefficients() -> list[tuple[int, int]]:
    return [
        (abs(number_of(f"a{place}")) % _PRIME, abs(number_of(f"b{place}")) % _PRIME)
        for place in range(BANDS * ROWS)
    ]


_COEFFICIENTS = _coefficients()


@lru_cache(maxsize=200_000)
def _permuted(trigram: str) -> tuple[int, ...]:
    number = abs(number_of(trigram)) % _PRIME
    return tuple((number * a + b) % _PRIME for a, b in _COEFFICIENTS)


def bands(name: str) -> list[str]:
    """One text for each band of the name's MinHash."""
    padded = f"  {name} "
    rows = [_permuted(padded[place : place + 3]) for place in range(len(padded) - 2)]
    least = list(map(min, *rows)) if len(rows) > 1 else list(rows[0])
    return [".".join(map(str, least[place : place + ROWS])) for place in range(0, BANDS * ROWS, ROWS)]


def texts_of(compared: Comparison, facts: Facts) -> Iterator[str]:
    """Every key of a record, written out: a letter says of what."""
    yield from (f"t{value}" for value in facts.tax_ids)
    yield from (f"e{value}" for value in facts.emails)
    yield from (f"p{value}" for value in facts.phones)
    yield from (f"d{value}" for value in facts.domains)
    if facts.address:
        yield f"a{facts.address}"
    for name in facts.names:
        words = " ".join(sorted(name.split()))
        yield f"n{words}"
        yield from (f"m{place}{band}" for place, band in enumerate(bands(name)))
        # A name that very many have still meets where something else agrees too.
        yield from (f"l{words}/{path}={value}" for path, value in facts.links.items())
        yield from (f"x{words}@{value}" for value in facts.domains)


def keys_of(compared: Comparison, facts: Facts) -> dict[int, bool]:
    """The keys of a record, each with whether it says much by itself."""
    return {number_of(f"{compared.key}:{text}"): text[0] in STRONG for text in texts_of(compared, facts)}
