"""Refusals as problem details (RFC 9457), application/problem+json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig
from django.db import DataError, IntegrityError
from django.http import HttpResponse, UnreadablePostError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clientela.records.errors import ConditionError, Conflict, Invalid, NotFound, Refused

TITLES = {
    400: gettext_lazy("The request cannot be understood"),
    401: gettext_lazy("A valid token is needed"),
    403: gettext_lazy("You may not do this"),
    404: gettext_lazy("There is nothing here"),
    405: gettext_lazy("This cannot be done here"),
    409: gettext_lazy("Something changed meanwhile"),
    413: gettext_lazy("The request is too large"),
    415: gettext_lazy("Send JSON"),
    422: gettext_lazy("Some values cannot be kept"),
    429: gettext_lazy("Too many calls"),
}
# What databases and arithmetic raise for values that no column can hold.
UNREADABLE = (DataError, ArithmeticError, RecursionError, UnreadablePostError)

Errors = Mapping[str, list[str]]


class Problem(Exception):
    """A refusal with an HTTP status. `errors`: messages by field or parameter name."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        errors: Errors | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = dict(errors or {})
        self.headers = dict(headers or {})
        self.more = more

    def response(self) -> HttpResponse:
        body = {
            "type": f"/api/docs#problem-{self.status}",
            "title": str(TITLES[self.status]),
            "status": self.status,
            "detail": self.detail or str(TITLES[self.status]),
            "errors": self.errors,
            **self.more,
        }
        return HttpResponse(
            orjson.dumps(body),
            status=self.status,
            content_type="application/problem+json",
            headers=self.headers,
        )


def bad_parameter(name: str, detail: str) -> Problem:
    """400 that names the parameter of the query string."""
    return Problem(400, detail, {name: [detail]})


def problem_of(error: Exception) -> Problem | None:
    """The problem that tells of `error`; None for one that is nobody's bad input."""
    match error:
        case Problem():
            return error
        case Invalid():
            return Problem(422, "", error.errors)
        case Refused():
            return Problem(403, error.message)
        case NotFound():
            return Problem(404, error.message)
        case Conflict():
            return Problem(409, error.message, current=error.current)
        case ConditionError():
            return Problem(400, error.message, {error.field or "filter": [error.message]})
        case RequestDataTooBig():
            return Problem(413)
        case IntegrityError():
            return Problem(409, _("It clashes with something that was written at the same moment."))
    return Problem(400, _("A value is larger than can be kept.")) if isinstance(error, UNREADABLE) else None
