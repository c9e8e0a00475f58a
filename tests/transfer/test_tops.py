"""Where a file begins: a second row of names, headings over groups, and what a person says about it."""

from __future__ import annotations

import json

import pytest
from django.conf import settings as product
from django.utils import translation

from clientela.access.actor import actor_of
from clientela.config.cli import main
from clientela.domain.parties.models import Account
from clientela.platform.transfer import services
from clientela.platform.transfer.commands import remarks
from clientela.platform.transfer.models import ImportJob
from clientela.records import registry
from tests.transfer import files
from tests.transfer.test_wizard import form_of, upload

ACCOUNT = registry.get("account")
TWO_RECORDS = "Talleres Gil,Huesca,Metal\nÁridos Sur,Jaca,Obra\n"
TWO_LANGUAGES = f"Nombre,Ciudad,Sector\nName,City,Industry\n{TWO_RECORDS}"


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setattr(product, "LANGUAGE_CODE", "en")
    with translation.override("en"):
        yield


@pytest.fixture
def load(cast, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"

    def run(text, **options):
        path = files.write(tmp_path, text)
        return services.run_file(ACCOUNT, path, actor=actor_of(cast.admin), options=options)

    return run


def names():
    return set(Account.objects.values_list("name", flat=True))


@pytest.mark.parametrize(
    ("text", "skipped"),
    [
        (TWO_LANGUAGES, [2]),
        (
            f"Empresa,Empresa,Datos\nNombre,Ciudad,Sector\n{TWO_RECORDS}",
            [1],
        ),
        (f"Datos,,\nNombre,Ciudad,Sector\n{TWO_RECORDS}", [1]),
        (
            "Listado de clientes,,\n\n" + TWO_LANGUAGES,
            [1, 4],
        ),
    ],
)
def test_two_rows_of_names_made_of_words_are_recognised_and_said(load, text, skipped):
    job = load(text)

    assert (job.created, job.rejected) == (2, 0)
    assert names() == {"Talleres Gil", "Áridos Sur"}
    assert set(Account.objects.values_list("city", flat=True)) == {"Huesca", "Jaca"}
    assert job.report["shape"]["skipped_rows"] == skipped
    said = ", ".join(map(str, skipped))
    assert remarks(job)[0] == f"Rows taken as titles and left out: {said}."


def test_equal_names_under_repeated_headings_are_told_apart(load):
    job = load(
        "Empresa,Empresa,Contacto,Contacto\nNombre,Ciudad,Nombre,Cargo\nTalleres Gil,Huesca,Eva,Jefa\n"
    )

    assert [each["column"] for each in job.mapping] == [
        "Empresa Nombre",
        "Ciudad",
        "Contacto Nombre",
        "Cargo",
    ]
    assert names() == {"Talleres Gil"}


@pytest.mark.parametrize(
    "text",
    [
        "Nombre,Ciudad\nPablo Ciudad,Huesca\nTalleres Gil,Jaca\n",
        "Nombre,Ciudad\nName,Huesca\nTalleres Gil,Jaca\n",
        "Nombre\nCity\nTalleres Gil\n",
    ],
)
def test_a_record_with_words_like_names_of_fields_stays_a_record(load, text):
    job = load(text)

    assert (job.created, job.report["shape"]["skipped_rows"]) == (2, [])


def test_the_command_is_told_where_names_and_records_stand(load):
    job = load("x,y\nNombre,Ciudad\nobligatorio,opcional\nTalleres Gil,Jaca\n", header_row=2, data_row=4)

    assert (names(), job.created) == ({"Talleres Gil"}, 1)
    assert job.report["shape"]["skipped_rows"] == [1, 3]


def test_only_the_first_record_may_be_told(load):
    job = load("Nombre,Ciudad\nobligatorio,opcional\nTalleres Gil,Jaca\n", data_row=3)

    assert (names(), job.report["shape"]["header_row"]) == ({"Talleres Gil"}, 1)


def test_a_rejected_row_says_the_row_of_the_file(load):
    job = load("Nombre,Correo\nName,Email\nTalleres Gil,nadie\n")

    assert [number for number, _reason in job.report["reasons"]] == [3]


def test_the_wizard_shows_the_first_rows_and_takes_others(cast, signed_in, run_jobs, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    client = signed_in(cast.admin)
    upload(client, "Nombre,Ciudad\nobligatorio,opcional\nTalleres Gil,Jaca\n")
    job = ImportJob.objects.get()
    page = client.get(f"/imports/{job.pk}/").content.decode()
    assert '<option value="2" selected>2: obligatorio · opcional</option>' in page

    client.post(f"/imports/{job.pk}/", form_of(job, do="check", header_row="1", data_row="3"))

    job.refresh_from_db()
    assert (job.rows_total, job.report["shape"]["skipped_rows"], job.status) == (1, [2], "mapping")
    page = client.get(f"/imports/{job.pk}/").content.decode()
    assert "Rows taken as titles and left out: 2." in page
    assert '<option value="3" selected>3: Talleres Gil · Jaca</option>' in page
    assert json.dumps(job.mapping).count('"name"') == 1


@pytest.mark.parametrize(
    ("header", "data"), [("2", "2"), ("0", "1"), ("1", "9999999"), ("x", "2"), ("1", "40")]
)
def test_rows_that_cannot_be_are_refused_in_words(cast, signed_in, settings, tmp_path, header, data):
    settings.MEDIA_ROOT = tmp_path / "media"
    client = signed_in(cast.admin)
    upload(client)
    job = ImportJob.objects.get()

    answer = client.post(f"/imports/{job.pk}/", form_of(job, do="rows", header_row=header, data_row=data))

    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert ImportJob.objects.get().report == job.report


def test_the_command_takes_the_rows_and_a_rehearsal_names_no_import(cast, tmp_path, settings, capsys):
    settings.MEDIA_ROOT = tmp_path / "media"
    path = files.write(tmp_path, "Nombre,Ciudad\nobligatorio,opcional\nTalleres Gil,Jaca\n")

    assert main(["import", str(path), "--as", "account", "--data-row", "3", "--dry-run"]) == 0

    told = capsys.readouterr()
    words = "Rehearsal, nothing was written: 1 rows read, 1 to create, 0 to update, 0 to skip, 0 to reject."
    assert told.out.strip() == words
    assert "Rows taken as titles and left out: 2." in told.err
    assert (Account.objects.count(), ImportJob.objects.count()) == (0, 0)


def test_a_row_that_is_no_number_is_refused_by_the_command(tmp_path, capsys):
    path = files.write(tmp_path, "Nombre\nGil\n")

    with pytest.raises(SystemExit):
        main(["import", str(path), "--as", "account", "--header-row", "0"])

    assert "A row is a number from 1 to 1000." in capsys.readouterr().err
