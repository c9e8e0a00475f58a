"""Comparisons with thousands of values at once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import Field, Lookup


@Field.register_lookup
class Among(Lookup[Any]):
    """`pk__among=ids`: `IN`, but the values go as one parameter, so that their number costs nothing.

    Takes what the database compares as it is: whole numbers and texts.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*params, _array(self.rhs))

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        sql = f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608  (a column of a model)
        return sql, (*params, json.dumps(list(self.rhs)))


def _array(values: Iterable[int | str]) -> str:
    """PostgreSQL's own writing of an array, its type being that of what it is compared with.

    The driver would write it too, but looks at each value by itself.
    """
    texts = (
        '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if isinstance(value, str) else str(value)
        for value in values
    )
    return "{" + ",".join(texts) + "}"
