"""The dialog in which a lead becomes an account, a contact and a deal."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clientela.domain.sales import conversion
from clientela.domain.sales.models import Lead
from clientela.platform.editing import forms
from clientela.platform.timeline.models import NoteLink
from clientela.records import query, registry
from clientela.records.errors import Invalid
from clientela.records.spec import Spec
from clientela.records.views.base import actor_from, operation_from, record_view, with_event, with_toast
from clientela.ui.render import page

NEW, NOBODY, OTHER = "new", "none", "other"
DEAL_FIELDS = ("name", "amount", "currency", "stage", "close_date")


def convert(request: HttpRequest, record_id: int) -> HttpResponse:
    """GET what the lead would become, with accounts and contacts it may be; POST does it."""
    answer: HttpResponse = _convert(request, "leads", record_id)
    return answer


@record_view
@require_http_methods(["GET", "POST"])
def _convert(request: HttpRequest, spec: Spec, record_id: int) -> HttpResponse:
    actor = actor_from(request)
    lead = query.get(spec, record_id, actor)
    assert isinstance(lead, Lead)
    conversion.require(lead, actor)
    return _run(request, lead) if request.method == "POST" else _form(request, lead)


def _run(request: HttpRequest, lead: Lead) -> HttpResponse:
    actor = actor_from(request)
    deal: dict[str, Any] | None = None
    errors: forms.Errors = {}
    if "with_opportunity" in request.POST:
        deal, errors = forms.parse(registry.get("opportunity"), DEAL_FIELDS, request.POST, actor)
    account = _chosen(request, "account", errors)
    contact = _chosen(request, "contact", errors)
    if errors:
        return _form(request, lead, errors)
    operation = operation_from(request, _("Lead converted"))
    try:
        converted = conversion.convert(
            lead,
            operation=operation,
            account=account,
            contact=contact,
            with_contact=request.POST.get("contact") != NOBODY,
            opportunity=deal,
        )
    except Invalid as error:
        return _form(request, query.get(registry.get("lead"), lead.pk, actor), error.errors)
    text = _("%(lead)s is now %(account)s") % {"lead": converted.name, "account": converted.account}
    response = with_toast(HttpResponse(status=204), text, undo_url=reverse("undo", args=[operation.id]))
    return with_event(with_event(response, "clientela:close"), "clientela:refresh")


def _chosen(request: HttpRequest, name: str, errors: forms.Errors) -> int | None:
    """The id chosen among those alike, or found by its name; None for a new one."""
    value = request.POST.get(name, NEW)
    if value == OTHER:
        value = request.POST.get(f"{name}_other", "")
        if not value:
            errors[name] = [_("Choose one of the list.")]
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


def _form(request: HttpRequest, lead: Any, errors: forms.Errors | None = None) -> HttpResponse:
    actor = actor_from(request)
    data = request.POST if request.method == "POST" else None
    accounts, contacts = conversion.like_accounts(lead, actor), conversion.like_contacts(lead, actor)
    form = forms.Form(actor, "convert", data, errors or {})
    may = conversion.may_create(actor)
    context = {
        "lead": lead,
        "accounts": accounts,
        "contacts": contacts,
        "chosen_account": _given(data, "account", accounts, NEW),
        "chosen_contact": _given(
            data, "contact", contacts, NEW if lead.last_name != lead.company else NOBODY
        ),
        "with_opportunity": "with_opportunity" in data if data is not None else may["opportunity"],
        "boxes": forms.editors(
            registry.get("opportunity"), DEAL_FIELDS, form, conversion.deal_defaults(lead)
        ),
        "notes": NoteLink.objects.filter(record="lead", record_id=lead.pk).count(),
        "may": may,
        "errors": errors or {},
        "problems": [
            text for name, each in (errors or {}).items() if name not in DEAL_FIELDS for text in each
        ],
    }
    return page(
        request,
        "sales/convert.html",
        context,
        fragment="form" if errors else None,
        status=422 if errors else 200,
    )


def _given(data: Any, name: str, alike: list[Any], otherwise: str) -> str:
    """What was chosen; at first the likest there is, if it is surely the same."""
    if data is not None:
        return str(data.get(name, NEW))
    sure = [each for each in alike if each.likeness >= conversion.SURE]
    return str(sure[0].id) if sure else otherwise
