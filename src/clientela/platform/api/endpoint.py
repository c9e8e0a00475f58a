"""What every address of the API begins with: the token, the method, the body and refusals as problems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from clientela.access.actor import Actor, actor_of
from clientela.platform.api import scopes, tokens
from clientela.platform.api.models import ApiToken
from clientela.platform.api.problems import Problem, problem_of
from clientela.platform.signing import pace, refusals
from clientela.records.changes import Operation, Source

DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose token was recognised."""

    request: HttpRequest
    token: ApiToken
    actor: Actor

    def parameter(self, name: str) -> str:
        return str(self.request.GET.get(name, ""))

    def operation(self, label: Any = "") -> Operation:
        """A new operation of the token's person, through the API."""
        address = self.request.META.get("REMOTE_ADDR", "") or ""
        return Operation(self.actor, Source("api", self.token.prefix, address), label=str(label))

    def body(self) -> dict[str, Any]:
        """The JSON object of the body; an empty body is an empty object."""
        if not self.request.body:
            return {}
        if self.request.content_type not in ("application/json", "application/merge-patch+json"):
            raise Problem(415, _("The content type must be application/json."))
        found = read_json(self.request.body)
        if not isinstance(found, dict):
            raise Problem(400, _("The body must be a JSON object."))
        return found


Handler = Callable[..., HttpResponse]


def read_json(raw: bytes | str) -> Any:
    """The value of a JSON text; a Problem where it is none, or one nested too deeply."""
    try:
        found = orjson.loads(raw)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise Problem(400, _("This is not valid JSON: %(error)s") % {"error": error}) from error
    if _depth_exceeds(found, DEEPEST):
        raise Problem(400, _("This JSON is nested too deeply."))
    return found


def _depth_exceeds(value: Any, most: int) -> bool:
    if most == 0:
        return isinstance(value, dict | list)
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_depth_exceeds(each, most - 1) for each in inside)


def endpoint(**handlers: Handler) -> Callable[..., HttpResponse]:
    """A view from handlers by method (`GET=`, `POST=`...), called with a `Call` and the address's parts.

    Only a bearer token counts, never the browser's session; so there is nothing for another site to forge.
    """

    @csrf_exempt
    def view(request: HttpRequest, **parts: Any) -> HttpResponse:
        try:
            return _answer(request, handlers, parts)
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                raise
            return problem.response()

    return view


def _answer(request: HttpRequest, handlers: dict[str, Handler], parts: dict[str, Any]) -> HttpResponse:
    allowed = ", ".join([*handlers, "OPTIONS"])
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={"Allow": allowed})
    handler = handlers.get("GET" if request.method == "HEAD" else request.method or "")
    if handler is None:
        raise Problem(405, headers={"Allow": allowed})
    token = tokens.recognise(bearer(request))
    if token is None:
        tokens.note_refusal(request, bearer(request))
        raise Problem(401, headers={"WWW-Authenticate": 'Bearer realm="Clientela"'})
    with translation.override(token.user.language):
        try:
            _require_pace(request, token)
            limits = scopes.limits_for(token.scope, request.method or "", parts)
            return handler(Call(request, token, actor_of(token.user, limits=limits)), **parts)
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                raise
            if problem.status == HTTPStatus.FORBIDDEN:
                refusals.note_of(request, token.user, token.prefix)
            return problem.response()


def _require_pace(request: HttpRequest, token: ApiToken) -> None:
    """429 with the seconds to wait where a token calls more than the settings allow in a minute."""
    who = f"token:{token.pk}"
    wait = pace.seconds_to_wait(who)
    if wait:
        pace.note(request, token.user, who)
        text = _("More calls than one token may make in a minute. Wait %(seconds)s seconds.")
        raise Problem(429, text % {"seconds": wait}, headers={"Retry-After": str(wait)})


def bearer(request: HttpRequest) -> str:
    """The secret of the Authorization header, or ""."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def answer(body: Any, status: int = 200, **headers: str) -> HttpResponse:
    """A JSON answer."""
    return HttpResponse(
        orjson.dumps(body, default=str), status=status, content_type="application/json", headers=headers
    )
