"""Where a person lands: her deals."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from clientela.records import registry, urlnames


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The first page: the list of deals."""
    return redirect(urlnames.list_url(registry.get("opportunity")))
