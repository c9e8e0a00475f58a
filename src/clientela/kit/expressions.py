"""What Django's expressions say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import F, Q
from django.db.models.expressions import BaseExpression


def paths_in(expression: Any) -> Iterator[str]:
    """The paths that an expression reads, not yet tied to a model; of conditions with their lookups
    ("stage__kind__in")."""
    if isinstance(expression, F):
        yield str(expression.deconstruct()[1][0])
    elif isinstance(expression, Q):
        for child in expression.children:
            yield from (child[0], *paths_in(child[1])) if isinstance(child, tuple) else paths_in(child)
    elif isinstance(expression, BaseExpression):
        for each in expression.get_source_expressions():
            yield from paths_in(each)
