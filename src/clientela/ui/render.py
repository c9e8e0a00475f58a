"""Answers: a whole page, or the one block of it that htmx asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.template.backends.utils import csrf_input_lazy, csrf_token_lazy
from django.utils.cache import patch_vary_headers
from jinja2 import Template
from jinja2_fragments import render_block


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, object],
    *,
    fragment: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Draw a template, or only its block `fragment` when htmx asks for a part of the page.

    A boosted link without a target of its own gets the whole page, and so does a page restored from history
    that names no part of itself.
    The answer varies by `HX-Request`, so that no cache gives a part for a page.
    """
    if fragment is not None and wants_part(request):
        html = part(request, template, fragment, context)
    else:
        html = _engine().get_template(template).render(dict(context), request)
    response = HttpResponse(html, status=status)
    patch_vary_headers(response, ("HX-Request", "HX-Target"))
    return response


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page rather than a page."""
    headers = request.headers
    boosted_page = headers.get("HX-Boosted") == "true" and not headers.get("HX-Target")
    restored = headers.get("HX-History-Restore-Request") == "true" and not headers.get("HX-Target")
    return headers.get("HX-Request") == "true" and not boosted_page and not restored


def part(request: HttpRequest, template: str, block: str, context: Mapping[str, object]) -> str:
    """One block of a template as HTML, with the same context a page gets."""
    engine = _engine()
    full = _full_context(engine, request, context)
    if block in engine.env.get_template(template).blocks:
        return render_block(engine.env, template, block, full)
    return _inherited_block(engine.env.get_template(template), block, full)


def _inherited_block(template: Template, block: str, context: dict[str, Any]) -> str:
    """A block that only a parent of the template defines: the parents register theirs when drawing starts."""
    drawing = template.new_context(context)
    beginning = template.root_render_func(drawing)
    next(beginning, None)
    return "".join(drawing.blocks[block][0](drawing))


def _full_context(engine: Jinja2, request: HttpRequest, context: Mapping[str, object]) -> dict[str, Any]:
    full: dict[str, Any] = {
        **context,
        "request": request,
        "csrf_input": csrf_input_lazy(request),
        "csrf_token": csrf_token_lazy(request),
    }
    for processor in engine.template_context_processors:
        full.update(processor(request))
    return full


def _engine() -> Jinja2:
    for engine in engines.all():
        if isinstance(engine, Jinja2):
            return engine
    raise LookupError("TEMPLATES names no Jinja2 backend")
