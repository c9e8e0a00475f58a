"""What stands where on the lists and pages of deals and leads."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela import records as r
from clientela.domain.sales import conversion, leads, services
from clientela.records import kinds

OPEN = {"field": "stage__kind", "op": "in", "value": ["open"]}

DEAL_COLUMNS = (
    "name",
    "account",
    "stage",
    "amount",
    r.Computed(
        "weighted",
        _("Weighted"),
        kinds.Money,
        needs=("amount",),
        expression=lambda: (
            F("amount_base") * Coalesce(F("probability"), F("stage__probability")) / Decimal(100)
        ),
    ),
    "close_date",
    "owner",
    "next_step",
)

DEAL_FILTERS = (
    "stage",
    "owner",
    "amount",
    "close_date",
    "pipeline",
    "source",
    "account",
    "account__sector",
    "account__zone",
    "stage__kind",
    "closed_at",
    "lost_reason",
    "created_at",
    "tags",
)

DEAL_SECTIONS = (
    r.Section(
        _("Deal"),
        (
            "name",
            "account",
            "amount",
            "currency",
            "probability",
            "close_date",
            "source",
            "competitors",
            "next_step",
            "next_step_date",
            "owner",
            "tags",
        ),
    ),
    r.Section(_("Not registered yet"), ("prospect_name", "prospect_email", "prospect_phone")),
    r.Section(_("Outcome"), ("lost_reason", "lost_to", "closed_at"), open=False),
    r.Section(
        _("About it"), ("description", "pipeline", "created_at", "created_by", "external_id"), open=False
    ),
)

DEAL_ACTIONS = (
    r.Action(
        "win",
        _("Won"),
        services.win,
        icon="trophy",
        asks=("amount", "close_date"),
        requires=("amount",),
        bulk=True,
        available=services.is_open,
        variant="primary",
        done=_("Deal won"),
    ),
    r.Action(
        "lose",
        _("Lost"),
        leads.lose,
        icon="circle-x",
        asks=("lost_reason", "lost_to"),
        requires=("lost_reason",),
        comment=_("What we learnt"),
        available=services.is_open,
        done=_("Deal lost"),
    ),
    r.Action(
        "reopen",
        _("Reopen"),
        services.reopen,
        icon="rotate-ccw",
        available=services.is_closed,
        done=_("Deal reopened"),
    ),
)

DEAL_PANELS = (
    r.Related(
        "contact",
        "opportunity",
        _("Contacts"),
        columns=("job_title",),
        icon="users",
        lines="opportunity_roles",
        show=("role",),
    ),
    r.Related("lead", "opportunity", _("Leads"), columns=("company",), icon="user-plus", create=False),
)

DEAL_VIEWS = (
    r.View("open", _("Open"), OPEN),
    r.View(
        "mine",
        pgettext_lazy("opportunities", "Mine"),
        {"all": [OPEN, {"field": "owner", "op": "in", "value": ["me"]}]},
    ),
    r.View(
        "closing",
        _("Closing this month"),
        {"all": [OPEN, {"field": "close_date", "op": "within", "value": "this_month"}]},
        color="amber",
        favourite=True,
    ),
    r.View(
        "won",
        _("Won this year"),
        {
            "all": [
                {"field": "stage__kind", "op": "in", "value": ["won"]},
                {"field": "closed_at", "op": "within", "value": "this_year"},
            ]
        },
    ),
)

LEAD_SECTIONS = (
    r.Section(
        _("Lead"),
        (
            "first_name",
            "last_name",
            "company",
            "job_title",
            "status",
            "discard_reason",
            "source",
            "owner",
            "tags",
        ),
    ),
    r.Section(
        _("Contact details"),
        ("email", "phone", "website", "street", "city", "postal_code", "region", "country"),
    ),
    r.Section(_("Interest"), ("interest", "amount", "currency", "sector", "zone")),
    r.Section(_("Converted"), ("account", "contact", "opportunity", "converted_at")),
    r.Section(_("About it"), ("created_at", "created_by", "external_id"), open=False),
)

LEAD_ACTIONS = (
    r.Action(
        "convert",
        _("Convert"),
        conversion.convert,
        icon="arrow-right-left",
        view="lead_convert",
        available=leads.is_open,
        variant="primary",
        done=_("Lead converted"),
    ),
    r.Action(
        "qualify",
        _("Qualify"),
        leads.qualify,
        icon="badge-check",
        bulk=True,
        available=leads.can_be_qualified,
        done=_("Lead qualified"),
    ),
    r.Action(
        "discard",
        _("Discard"),
        leads.discard,
        icon="circle-x",
        asks=("discard_reason",),
        requires=("discard_reason",),
        comment=_("What happened"),
        available=leads.is_open,
        done=_("Lead discarded"),
    ),
    r.Action(
        "take_up",
        _("Take up again"),
        leads.take_up,
        icon="rotate-ccw",
        available=leads.is_discarded,
        done=_("Lead taken up again"),
    ),
)

LEAD_VIEWS = (
    r.View("open", _("To work"), {"field": "status", "op": "in", "value": ["new", "working", "qualified"]}),
    r.View("mine", pgettext_lazy("leads", "Mine"), {"field": "owner", "op": "in", "value": ["me"]}),
)
