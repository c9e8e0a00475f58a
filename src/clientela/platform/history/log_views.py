"""The activity log of administrators: changes, security events, and the rule of how long they are kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, cast

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from clientela.access.models import User
from clientela.kit.tables import csv_chunks
from clientela.platform.audit import policies, security
from clientela.platform.audit.models import Change, Purge, SecurityEvent
from clientela.platform.history import entries, searching
from clientela.platform.settings.views import administrators, frame
from clientela.platform.signing.clients import device_name
from clientela.platform.signing.pages import method_in_words
from clientela.records import display, registry
from clientela.records.views.base import actor_from
from clientela.ui.render import page

SOURCES = ("page", "api", "import", "rule", "merge", "hand-over", "undo", "system")


def _frame(request: HttpRequest, current: str) -> dict[str, Any]:
    names = [
        ("activity_log", _("Changes")),
        ("activity_security", _("Security")),
        ("activity_rule", _("Keeping")),
    ]
    tabs = [{"label": label, "href": reverse(name), "current": name == current} for name, label in names]
    return frame(request, "activity") | {"tabs": tabs}


@require_safe
@administrators
def changes(request: HttpRequest) -> HttpResponse:
    """Every change of every record, newest first, filtered by the address."""
    actor = actor_from(request)
    filters = searching.Filters.of(request.GET, searching.CHANGE_FILTERS, actor)
    rows, rest = searching.changes(filters)
    found = searching.page(rows.select_related("actor", "on_behalf_of"), rest, request.GET.get("after", ""))
    context = {
        "entries": entries.shown(found.rows, display.reader_for(actor)),
        "filters": filters,
        "kinds": sorted(
            ((spec.key, str(spec.label_plural)) for spec in registry.every()), key=lambda pair: pair[1]
        ),
        "sources": [(source, entries.through(Change(source=source))) for source in SOURCES],
        "next": filters.query(after=found.after) if found.after else "",
        "looked": found.looked,
    }
    return page(request, "history/log.html", _frame(request, "activity_log") | context)


@require_safe
@administrators
def change(request: HttpRequest, change_id: int) -> HttpResponse:
    """One change: everything that is kept of it, before and after."""
    found = Change.objects.select_related("actor", "on_behalf_of").filter(pk=change_id).first()
    if found is None:
        raise Http404
    entry = entries.shown([found], display.reader_for(actor_from(request)))[0]
    return page(request, "history/change.html", _frame(request, "activity_log") | {"entry": entry})


@require_safe
@administrators
def export(request: HttpRequest) -> HttpResponse:
    """The changes that the filters find as CSV, however many."""
    rows, rest = searching.changes(
        searching.Filters.of(request.GET, searching.CHANGE_FILTERS, actor_from(request))
    )
    found = rows.filter(rest).select_related("actor", "on_behalf_of").iterator(chunk_size=1000)
    response = StreamingHttpResponse(
        csv_chunks(_HEADINGS, _lines(found)), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="activity.csv"'
    response.headers["X-Accel-Buffering"] = "no"
    return cast(HttpResponse, response)


_HEADINGS = (
    "id", "at", "who", "on_behalf_of", "through", "reference", "address", "operation", "undoes", "verb",
    "record", "record_id", "title", "label", "before", "after",
)  # fmt: skip


def _lines(found: Iterable[Change]) -> Iterator[list[object]]:
    for each in found:
        yield [
            each.pk,
            each.at.isoformat(),
            each.actor.email if each.actor else "",
            each.on_behalf_of.email if each.on_behalf_of else "",
            each.source,
            each.reference,
            each.address,
            str(each.operation),
            str(each.undoes or ""),
            each.verb,
            each.record,
            each.record_id,
            each.title,
            each.label,
            json.dumps(each.before, ensure_ascii=False, sort_keys=True),
            json.dumps(each.after, ensure_ascii=False, sort_keys=True),
        ]


def _detail(event: SecurityEvent) -> str:
    """How somebody signed in is kept by its name, and told in words."""
    return method_in_words(event.detail) if event.kind == security.SIGNED_IN else event.detail


@require_safe
@administrators
def events(request: HttpRequest) -> HttpResponse:
    """Sign-ins, refusals and the like."""
    filters = searching.Filters.of(request.GET, searching.EVENT_FILTERS, actor_from(request))
    rows, rest = searching.events(filters)
    found = searching.page(rows.select_related("user"), rest, request.GET.get("after", ""))
    context = {
        "events": [
            (event, security.KINDS.get(event.kind, event.kind), _detail(event), device_name(event.user_agent))
            for event in found.rows
        ],
        "filters": filters,
        "kinds": sorted(
            ((key, str(label)) for key, label in security.KINDS.items()), key=lambda pair: pair[1]
        ),
        "next": filters.query(after=found.after) if found.after else "",
        "looked": found.looked,
    }
    return page(request, "history/security.html", _frame(request, "activity_security") | context)


class RuleForm(forms.Form):
    """For how long the history is kept, and acts can be undone."""

    keep_months = forms.IntegerField(
        label=gettext_lazy("Keep the history for (months)"), min_value=0, max_value=1200
    )
    undo_days = forms.IntegerField(
        label=gettext_lazy("Acts can be undone for (days)"), min_value=1, max_value=policies.LONGEST_UNDO
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administrators
def rule(request: HttpRequest) -> HttpResponse:
    """The company's rule, and the files that old history went into."""
    now = policies.current()
    form = RuleForm(
        request.POST or None, initial={"keep_months": now.keep_months, "undo_days": now.undo_days}
    )
    if request.method == "POST" and form.is_valid():
        assert isinstance(request.user, User)
        address = request.META.get("REMOTE_ADDR", "") or ""
        policies.change(**form.cleaned_data, user=request.user, address=address)
        return HttpResponseRedirect(reverse("activity_rule"))
    context = {"form": form, "purges": Purge.objects.order_by("-pk")[:50]}
    return page(
        request,
        "history/rule.html",
        _frame(request, "activity_rule") | context,
        status=422 if form.errors else 200,
    )


urlpatterns = [
    path("settings/activity/", changes, name="activity_log"),
    path("settings/activity/<int:change_id>/", change, name="activity_change"),
    path("settings/activity/export/", export, name="activity_export"),
    path("settings/activity/security/", events, name="activity_security"),
    path("settings/activity/rule/", rule, name="activity_rule"),
]
