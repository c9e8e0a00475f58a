"""The document of the API, and a page that reads it aloud. Both are open to all: they tell of no values."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_safe

from clientela.access import ready_made
from clientela.access.actor import Actor, acting, actor_of
from clientela.access.models import User
from clientela.access.standing import grants_of
from clientela.platform.api import scopes, tokens
from clientela.platform.api.endpoint import answer, bearer
from clientela.platform.api.openapi import document
from clientela.ui.render import page as draw

# Who has not said who she is learns the fields that anybody may see.
ANYBODY = acting("", grants_of([(ready_made.READER, False, "")]), language="en")
METHODS = ("get", "post", "patch", "delete")


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document, in English unless somebody is known."""
    reader = _reader(request)
    with translation.override(reader.language):
        return answer(document(reader))


def _reader(request: HttpRequest) -> Actor:
    token = tokens.recognise(bearer(request)) if "Authorization" in request.headers else None
    if token is not None:
        return actor_of(token.user, limits=scopes.limits_of(token.scope))
    return actor_of(request.user) if isinstance(request.user, User) else ANYBODY


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Each record's addresses and fields, as a page without scripts."""
    found = document(_reader(request))
    groups = [
        {
            "name": tag["name"],
            "label": tag["description"],
            "operations": list(_operations(found, tag["name"])),
            "schema": found["components"]["schemas"][_schema_of(found, tag["name"])],
        }
        for tag in found["tags"]
    ]
    operators = found["components"]["schemas"]["Condition"]["anyOf"][0]["properties"]["op"]["description"]
    context = {"document": found, "groups": groups, "operators": operators.split("; ")}
    return draw(request, "api/docs.html", context)


def _operations(found: dict[str, Any], tag: str) -> Any:
    for path, item in found["paths"].items():
        for method in METHODS:
            if method in item and tag in item[method]["tags"]:
                yield {"method": method.upper(), "path": path, **item[method]}


def _schema_of(found: dict[str, Any], plural: str) -> str:
    answers = found["paths"][f"/api/v1/{plural}/{{id}}"]["get"]["responses"]["200"]
    return str(answers["content"]["application/json"]["schema"]["$ref"]).rpartition("/")[2]
