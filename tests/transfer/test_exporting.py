"""Lists as files: rows and columns as seen, nothing hidden, nothing that runs, and back again unchanged."""

from __future__ import annotations

import csv
import io

import pytest

from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.domain.parties.models import Account, Sector, Tag
from clientela.kit.tables import open_table
from clientela.platform.audit.models import Change
from clientela.platform.transfer import exporting, services
from clientela.records import refs, registry, values, write
from clientela.records.changes import PAGE
from clientela.records.errors import Refused

ACCOUNT, DEAL = registry.get("account"), registry.get("opportunity")
NASTY = '=HYPERLINK("x")'
DERIVED = {
    "id",
    "version",
    "created_at",
    "updated_at",
    "created_by",
    "closed_at",
    "stage_since",
    "stage_spans",
}


@pytest.fixture
def company(cast):
    """Three accounts and two deals with everything that is hard to write down."""
    actor = actor_of(cast.admin)
    tags = [Tag.objects.create(name=name).pk for name in ("Builder, big", "Rental")]
    sector = Sector.objects.create(name="Quarries")

    def make(spec, **given):
        return write.apply(spec, None, given, actor=actor, source=PAGE)

    first = make(
        ACCOUNT, name=NASTY, sector=sector.pk, tags=tags, annual_revenue="1234.50", external_id="E1",
        phones=[{"phone": "+34976550182", "main": True}, {"phone": "+34600112233", "kind": "mobile"}],
        addresses=[{"street": "Calle; Mayor\n1", "city": "León", "country": "ES"}], owner=cast.owner.pk,
        description='Says "hello"; then\nleaves',
    )  # fmt: skip
    second = make(
        ACCOUNT, name="Branch", parent=first.pk, external_id="E2", kind="customer", owner=cast.admin.pk
    )
    make(ACCOUNT, name="-5", external_id="E3")
    make(DEAL, name="Deal", account=second.pk, amount="10.05", close_date="2026-03-31", external_id="D1")
    make(
        DEAL, name="Deal", account=first.pk, currency="USD", amount="7", probability="33.3", external_id="D2"
    )


def picture(spec):
    """Every kept value of every record by external id; what follows from the others left out."""
    found = {}
    for instance in spec.model.objects.order_by("external_id"):
        values_now = {k: v for k, v in values.snapshot(spec, instance).items() if k not in DERIVED}
        for name, ref in refs.fields_of(spec).items():
            if ref.lines is not None and name in values_now:
                values_now[name] = [{**line, "id": 0} for line in values_now[name]]
        found[instance.external_id] = values_now
    return found


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("key", ["account", "opportunity"])
def test_what_is_exported_comes_back_the_same(company, cast, tmp_path, settings, key, form):
    settings.MEDIA_ROOT = tmp_path / "media"
    spec, actor = registry.get(key), actor_of(cast.admin)
    before = picture(spec)
    path = tmp_path / f"all.{form}"
    with path.open("wb") as file:
        exporting.everything(spec, actor).write(file, form)
    dead = dict(spec.model._default_manager.values_list("pk", "external_id"))
    write.delete(spec, list(spec.model._default_manager.all()), operation=operation(actor))

    job = services.run_file(spec, path, actor=actor)

    assert (job.created, job.rejected) == (len(before), 0)
    after = picture(spec)
    if key == "account":
        parent = Account.objects.get(children__external_id="E2")
        assert parent.external_id == dead[before["E2"]["parent"]]
        before["E2"].pop("parent"), after["E2"].pop("parent")
    assert after == before


def everything_kept(spec):
    return [values.snapshot(spec, each) for each in spec.model._default_manager.order_by("pk")]


def operation(actor):
    from clientela.records.changes import Operation

    return Operation(actor, PAGE)


def test_importing_an_export_over_its_records_changes_nothing(company, cast, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    actor = actor_of(cast.admin)
    for spec in (ACCOUNT, DEAL):
        path = tmp_path / f"{spec.key}.csv"
        with path.open("wb") as file:
            exporting.everything(spec, actor).write(file, "csv")
        before = everything_kept(spec)

        job = services.run_file(spec, path, actor=actor, options={"twins": "update"})

        assert (job.created, job.updated, job.rejected) == (0, 0, 0)
        assert everything_kept(spec) == before
        assert not Change.objects.filter(operation=job.operation).exists()


def test_a_list_is_exported_as_it_is_filtered_sorted_and_laid_out(company, cast, signed_in):
    query = {
        "columns": "name,city,annual_revenue",
        "sort": "-name",
        "filter": '{"field":"external_id","op":"is_not","value":"E2"}',
    }

    response = signed_in(cast.admin).get("/accounts/export/", query)

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="accounts-')
    rows = list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig")), delimiter=";"))
    assert rows == [["Name", "City", "Annual revenue"], [f"'{NASTY}", "León", "1234.50"], ["-5", "", ""]]


def test_a_list_is_exported_as_xlsx(company, cast, signed_in, tmp_path):
    response = signed_in(cast.admin).get(
        "/accounts/export/", {"format": "xlsx", "columns": "name", "view": "all"}
    )

    path = tmp_path / "list.xlsx"
    path.write_bytes(response.getvalue())
    assert sorted(row[0] for row in open_table(path).rows()) == sorted([NASTY, "Branch", "-5"])


def test_others_records_are_not_exported(company, cast, signed_in):
    response = signed_in(cast.outsider).get("/accounts/export/", {"columns": "name", "view": "all"})

    assert NASTY not in response.getvalue().decode()
    assert "Branch" not in response.getvalue().decode()


def test_who_may_not_export_is_refused(company):
    without_roles = User.objects.create_user("guest@example.com", name="Guest", roles=())

    with pytest.raises(Refused):
        exporting.everything(ACCOUNT, actor_of(without_roles))
