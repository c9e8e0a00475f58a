"""What an export tells of the past: when records were made, which stages are won and lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account
from clientela.domain.sales.models import Opportunity, Stage, StageSpan
from clientela.platform.audit.models import Change
from clientela.platform.transfer import services
from clientela.platform.transfer.commands import remarks
from clientela.records import registry, write
from clientela.records.changes import PAGE
from clientela.records.errors import Invalid

ACCOUNT, DEAL = registry.get("account"), registry.get("opportunity")
MADE = datetime(2024, 1, 22, 16, 14, 25, tzinfo=UTC)
CLOSED = datetime(2024, 6, 17, 12, tzinfo=UTC)
HEAD = "Id,Name,StageName,IsClosed,IsWon,CloseDate,CreatedDate\n"


pytestmark = pytest.mark.usefixtures("english")


def kinds_of(*names: str) -> list[str]:
    return [Stage.objects.get(name=name).kind for name in names]


def test_all_rows_of_a_new_stage_tell_its_kind(load):
    job = load(
        DEAL,
        "Name,StageName,IsClosed,IsWon\n"
        "a,Signed,1,1\nb,Signed,true,true\nc,Gone,1,0\nd,Gone,1,\ne,Talks,,\nf,Mixed,1,1\ng,Mixed,1,0\n",
    )

    assert (job.created, job.rejected, job.report["left"]) == (7, 0, [])
    assert kinds_of("Signed", "Gone", "Talks", "Mixed") == ["won", "lost", "open", "open"]
    assert Opportunity.objects.get(name="b").closed_at is not None
    assert Opportunity.objects.get(name="e").closed_at is None
    assert Stage.objects.get(name="Signed").probability == 100
    own = Stage.objects.filter(pipeline=Stage.objects.get(name="Signed").pipeline)
    assert list(own.order_by("position").values_list("name", flat=True))[-2:] == ["Signed", "Gone"]


def test_a_stage_there_is_stays_as_it_is_and_what_the_file_says_otherwise_is_told(load, cast, signed_in):
    load(DEAL, "Name,StageName,IsClosed,IsWon\na,Signed,1,1\nb,Gone,1,0\n")

    job = load(DEAL, "Name,StageName,IsClosed,IsWon\nc,signed,1,0\nd,Gone,1,0\ne,Fresh,1,1\n")

    assert (job.created, job.rejected, job.report["unlike"]) == (3, 0, ["Signed"])
    assert kinds_of("Signed", "Gone", "Fresh") == ["won", "lost", "won"]
    told = "The file tells otherwise of what was here already, which stays as it is: Signed."
    assert told in signed_in(cast.admin).get(reverse("transfer_job", args=[job.pk])).content.decode()
    assert told in remarks(job)


def test_rows_of_a_later_batch_count_as_well(load, monkeypatch):
    monkeypatch.setattr(services, "BATCH", 2)

    load(DEAL, "Name,StageName,IsClosed,IsWon\na,Signed,1,1\nb,Talks,0,0\nc,Signed,1,0\n")

    assert kinds_of("Signed", "Talks") == ["open", "open"]


def test_one_column_alone_leaves_the_rest_to_the_name(load):
    load(DEAL, "Name,StageName,IsClosed\na,Signed,1\nb,Perdido,1\n")

    assert kinds_of("Signed") == ["open"]
    assert Opportunity.objects.get(name="b").stage.kind == "lost"


def test_the_ends_of_the_pipeline_are_found_and_none_is_made(load):
    stages = Stage.objects.count()

    load(DEAL, "Name,StageName,IsClosed,IsWon\na,Closed Won,1,1\nb,Closed Lost,1,0\n")

    assert Stage.objects.count() == stages
    kinds = Opportunity.objects.order_by("name").values_list("stage__kind", flat=True)
    assert list(kinds) == ["won", "lost"]


def test_records_keep_the_day_they_were_made_and_the_audit_the_day_they_came(load):
    before = timezone.now()
    load(ACCOUNT, "Id,Name,CreatedDate\n1,Acme,2024-01-22T16:14:25.000+0000\n")

    account = Account.objects.get()
    assert account.created_at == MADE
    assert account.updated_at >= before
    assert Change.objects.get(record_id=account.pk, verb="create").at >= before


@pytest.mark.parametrize(
    ("row", "since"),
    [
        ("1,Deal,Qualification,,,2030-01-01,2024-01-22T16:14:25.000+0000", MADE),
        ("1,Deal,Closed Won,1,1,2024-06-17,2024-01-22T16:14:25.000+0000", CLOSED),
    ],
)
def test_time_in_the_stage_begins_when_the_deal_did_or_when_it_closed(load, row, since):
    load(DEAL, f"{HEAD}{row}\n")

    deal = Opportunity.objects.get()
    assert (deal.created_at, deal.stage_since) == (MADE, since)
    assert StageSpan.objects.values_list("entered_at", "left_at").get() == (since, None)


def test_an_update_leaves_the_day_a_record_was_made(load):
    load(ACCOUNT, "Id,Name\n1,Acme\n")
    made = Account.objects.get().created_at

    job = load(ACCOUNT, "Id,Name,CreatedDate\n1,Acme 2,2001-02-03\n", options={"twins": "update"})

    assert job.updated == 1
    assert (Account.objects.get().name, Account.objects.get().created_at) == ("Acme 2", made)


@pytest.mark.parametrize("day", ["tomorrow week", "0001-01-01", "9999-12-31"])
def test_no_record_was_made_in_the_future_or_before_there_were_computers(load, day):
    if day == "tomorrow week":
        day = (timezone.now() + timedelta(days=8)).date().isoformat()

    job = load(ACCOUNT, f"Name,CreatedDate\nAcme,{day}\nBeta,2024-01-22\n")

    assert (job.created, job.rejected) == (1, 1)
    assert Account.objects.get().name == "Beta"


def test_nobody_else_may_say_when_a_record_was_made(load, cast):
    with pytest.raises(Invalid) as refused:
        write.apply(
            ACCOUNT, None, {"name": "Acme", "created_at": MADE}, actor=actor_of(cast.admin), source=PAGE
        )

    assert list(refused.value.errors) == ["created_at"]
    assert Account.objects.count() == 0


@pytest.mark.parametrize("heading", ["Close", "Close date", "Cierre", "Fecha de cierre", "Tancament"])
def test_the_expected_close_is_recognised_by_its_usual_headings(load, heading):
    load(DEAL, f"Name,{heading}\nDeal,2030-03-05\n")

    assert str(Opportunity.objects.get().close_date) == "2030-03-05"
