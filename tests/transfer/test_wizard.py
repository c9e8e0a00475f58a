"""The import wizard in a browser's place: upload, columns, rehearsal, import, result, undo."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from clientela.domain.parties.models import Account
from clientela.domain.sales.models import Opportunity
from clientela.platform.audit.models import Change
from clientela.platform.transfer import uploads
from clientela.platform.transfer.models import ImportJob, SavedMapping, Status
from tests.transfer import files


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def upload(client, text=files.ACCOUNTS, name="accounts.csv"):
    given = SimpleUploadedFile(name, text.encode())
    return client.post("/accounts/import/", {"file": given})


def form_of(job, **changes):
    """The mapping page's form as it stands."""
    targets = {f"target-{each['position']}": each["target"] for each in job.mapping}
    return {**targets, "twins": "skip", "create_words": "1", **changes}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_whole_way(cast, signed_in, run_jobs):
    client = signed_in(cast.admin)

    response = upload(client)
    job = ImportJob.objects.get()
    assert (response.status_code, response.url) == (302, f"/imports/{job.pk}/")
    page = client.get(response.url).content.decode()
    assert "BillingCity" in page
    assert "accounts.csv" in page
    assert Account.objects.count() == 0

    client.post(response.url, form_of(job, do="check"))
    run_jobs()
    page = client.get(response.url).content.decode()
    assert "Will be created" in page
    assert Account.objects.count() == 0

    client.post(response.url, form_of(job, do="run", save_as="Fair"))
    assert client.get(f"/imports/{job.pk}/progress/").status_code == 200
    run_jobs()
    done = client.get(f"/imports/{job.pk}/progress/", headers={"hx-request": "true"})
    assert (done.status_code, done["HX-Redirect"]) == (204, f"/imports/{job.pk}/")
    assert "Import finished" in client.get(response.url).content.decode()
    assert Account.objects.count() == 3
    assert SavedMapping.objects.get().columns["Name"] == "name"

    client.post(f"/imports/{job.pk}/undo/", REMOTE_ADDR="10.0.0.9")
    run_jobs()
    assert "Import undone" in client.get(response.url).content.decode()
    assert Account.objects.count() == 0
    sources = Change.objects.values_list("source", "reference", "address").distinct().order_by("source")
    number = str(job.pk)
    assert list(sources) == [("import", number, "127.0.0.1"), ("undo", number, "10.0.0.9")]


def test_dates_that_can_be_read_in_two_ways_are_confirmed_before_they_are_read(
    cast, signed_in, run_jobs, django_capture_on_commit_callbacks
):
    # given
    client = signed_in(cast.admin)
    file = SimpleUploadedFile("deals.csv", b"Name,Close date\nCrane,03/04/2027\n")
    url = client.post("/opportunities/import/", {"file": file}).url
    job = ImportJob.objects.get()
    # then
    page = client.get(url).text
    assert "To confirm" in page
    assert 'name="reading-1"' in page
    # when
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, form_of(job, **{"reading-1": "mdy", "do": "run"}))
    run_jobs()
    # then
    assert str(Opportunity.objects.get().close_date) == "2027-03-04"


def test_no_spreadsheet_is_refused_in_words(cast, signed_in):
    response = upload(signed_in(cast.admin), '{"a": [1]}', "data.json")

    assert response.status_code == 422
    assert "This file is no table" in response.content.decode()
    assert ImportJob.objects.count() == 0


def test_a_file_too_large_is_refused_in_words(cast, signed_in, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_BYTES", 10)

    response = upload(signed_in(cast.admin))

    assert response.status_code == 422
    assert "can be read. Split it in parts." in response.content.decode()


def test_two_columns_into_one_field_are_refused(cast, signed_in):
    client = signed_in(cast.admin)
    upload(client)
    job = ImportJob.objects.get()

    response = client.post(f"/imports/{job.pk}/", form_of(job, **{"target-0": "name", "do": "run"}))

    assert response.status_code == 422
    assert "Two columns go to “Name”. Choose one." in response.content.decode()
    assert ImportJob.objects.get().status == Status.MAPPING


def test_rejected_rows_are_downloaded(cast, signed_in, run_jobs, django_capture_on_commit_callbacks):
    client = signed_in(cast.admin)
    upload(client, "Name,Email\nAcme,nobody\n")
    job = ImportJob.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/imports/{job.pk}/", form_of(job, do="run"))
    run_jobs()

    response = client.get(f"/imports/{job.pk}/rejects/")

    assert b"Acme;nobody;2;" in response.getvalue()


@pytest.mark.parametrize(
    ("person", "status"), [("outsider", 404), ("reader", 404), ("admin", 200), ("owner", 200)]
)
def test_an_import_is_its_owners_and_the_administrators(cast, signed_in, person, status):
    upload(signed_in(cast.owner))
    job = ImportJob.objects.get()

    assert signed_in(getattr(cast, person)).get(f"/imports/{job.pk}/").status_code == status


def test_a_reader_may_not_open_the_wizard(cast, signed_in):
    client = signed_in(cast.reader)

    assert client.get("/accounts/import/").status_code == 403
    assert upload(client).status_code == 403
    assert ImportJob.objects.count() == 0


def test_all_imports_are_listed(cast, signed_in):
    upload(signed_in(cast.owner))

    assert "accounts.csv" in signed_in(cast.owner).get("/imports/").content.decode()
    assert "accounts.csv" not in signed_in(cast.outsider).get("/imports/").content.decode()


@pytest.mark.parametrize(("person", "shown"), [("admin", True), ("reader", False)])
def test_each_list_leads_to_the_imports_there_were(cast, signed_in, person, shown):
    html = signed_in(getattr(cast, person)).get("/accounts/").content.decode()

    assert ('href="/imports/"' in html) is shown


@pytest.mark.parametrize(("person", "may"), [("admin", True), ("owner", False)])
def test_who_may_not_create_words_is_told_beforehand(cast, signed_in, person, may):
    client = signed_in(getattr(cast, person))
    upload(client)

    page = client.get(f"/imports/{ImportJob.objects.get().pk}/").content.decode()

    assert ('name="create_words"' in page, "Create what is not there: " in page) == (may, may)
    assert ("You may not create these; ask an administrator to do it before: " in page) is not may
