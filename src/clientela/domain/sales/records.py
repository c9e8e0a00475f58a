"""How leads, deals, pipelines and stages show."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from clientela import records as r
from clientela.domain.parties.models import Account, Contact
from clientela.domain.parties.records import describe_word, mine
from clientela.domain.sales import headings, layout, leads, likeness, path, services, stage_kinds, stages
from clientela.domain.sales.board import BOARD
from clientela.domain.sales.models import Lead, LostReason, Opportunity, Pipeline, Stage
from clientela.platform.duplicates import completeness
from clientela.platform.transfer import hints

CONTACT_ROLES = r.Lines(
    "contact_roles", _("Contacts"), ("contact", "role", "main"), main="main", required=("contact",)
)
STAGE_SPANS = r.Lines(
    "stage_spans", _("Time in each stage"), ("stage", "entered_at", "left_at"), read_only=True
)


@r.register
class OpportunityRecord(r.Record[Opportunity]):
    """How deals show."""

    model = Opportunity
    plural = "opportunities"
    title = "name"
    subtitle = "account"
    icon = "target"
    menu = 60
    keyboard = "o"
    columns = layout.DEAL_COLUMNS
    default_sort = ("close_date", "-amount")
    search = r.Search(name=10, account__name=5, prospect_name=4)
    filters = layout.DEAL_FILTERS
    inline = ("name", "account", "stage", "amount", "close_date", "owner", "next_step", "source")
    read_only = ("pipeline",)
    quick = ("name", "account", "amount", "close_date", "stage")
    facts = ("amount", "weighted", "close_date", "owner")
    sections = layout.DEAL_SECTIONS
    lines = (CONTACT_ROLES, STAGE_SPANS)
    defaults = services.opportunity_defaults
    prepare = services.prepare_opportunity
    board = BOARD
    calendar = r.Calendar("close_date", color="stage__color")
    chart = r.Chart("stage", measure="amount")
    actions = layout.DEAL_ACTIONS
    path = r.StagePath("stage", path.steps, path.move)
    panels = layout.DEAL_PANELS
    timeline_parents = ("account",)
    import_key = ("external_id",)
    import_names = headings.DEAL
    duplicates = r.Duplicates(exact=("external_id",))
    access = r.Access(owner="owner")
    views = layout.DEAL_VIEWS


@r.register
class LeadRecord(r.Record[Lead]):
    """How leads show."""

    model = Lead
    title = "name"
    subtitle = "company"
    icon = "user-plus"
    mark = "round"
    menu = 30
    keyboard = "r"
    columns = ("name", "company", "status", "source", "phone", "email", "owner", "created_at")
    computed = (completeness.column(Lead, likeness.LEAD_WEIGHTS),)
    default_sort = ("-created_at",)
    search = r.Search(name=10, company=8, email=5, phone=5)
    filters = ("status", "owner", "source", "sector", "zone", "country", "amount", "created_at", "tags")
    inline = ("company", "source", "owner", "phone", "email", "sector", "zone")
    quick = ("first_name", "last_name", "company", "phone", "email", "source")
    facts = ("company", "status", "source", "owner")
    sections = layout.LEAD_SECTIONS
    defaults = mine
    prepare = services.prepare_lead
    check = leads.check_lead
    locked = leads.is_converted
    actions = layout.LEAD_ACTIONS
    timeline_parents = ("account", "contact", "opportunity")
    chart = r.Chart("source")
    import_key = ("external_id", "email")
    import_names = headings.LEAD
    duplicates = r.Duplicates(exact=("external_id", "email", "phone"), name="name")
    access = r.Access(owner="owner")
    views = layout.LEAD_VIEWS


@r.register
class PipelineRecord(r.Record[Pipeline]):
    """How pipelines show."""

    model = Pipeline
    icon = "waypoints"
    columns = ("name", "position", "is_default")
    default_sort = ("position",)
    search = r.Search(name=10)
    inline = ("name",)
    quick = ("name",)
    sections = (r.Section(_("Pipeline"), ("name", "position", "is_default")),)
    panels = (
        r.Related("stage", "pipeline", _("Stages"), columns=("probability", "kind"), icon="list-ordered"),
    )
    import_key = ("external_id", "name")
    access = r.Access(configuration=True)
    timeline = False


@r.register
class StageRecord(r.Record[Stage]):
    """How stages show."""

    model = Stage
    icon = "list-ordered"
    mark = "status"
    color = "color"
    columns = ("name", "pipeline", "position", "kind", "probability", "stalled_after", "color")
    default_sort = ("position",)
    search = r.Search(name=10)
    filters = ("pipeline", "kind")
    inline = ("name", "color", "probability", "stalled_after")
    quick = ("name", "pipeline", "probability", "kind")
    sections = (
        r.Section(
            _("Stage"), ("name", "pipeline", "position", "kind", "probability", "stalled_after", "color")
        ),
    )
    prepare = stages.prepare_stage
    check = stage_kinds.check_stage
    written = stage_kinds.follow
    import_key = ("external_id", "name")
    import_aliases = stages.import_aliases
    create_on_import = True
    access = r.Access(configuration=True)
    timeline = False


describe_word(LostReason, "circle-x")

hints.declare(Opportunity, stages.OUTCOMES)
r.attach(
    Account,
    r.Related("opportunity", "account", _("Opportunities"), columns=("amount", "stage"), icon="target"),
    r.Related("lead", "account", _("Leads"), columns=("status",), icon="user-plus", create=False),
)
r.attach(
    Contact,
    r.Related(
        "opportunity",
        "contact",
        _("Opportunities"),
        columns=("amount", "stage"),
        icon="target",
        lines="contact_roles",
        show=("role",),
    ),
)
