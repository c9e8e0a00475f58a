"""`clientela import`, `undo-import` and `export`: what they print and the status they end with."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.conf import settings as product
from django.utils import translation

from clientela.config.cli import main
from clientela.domain.parties.models import Account
from clientela.domain.sales.models import Opportunity
from clientela.kit.tables import open_table
from clientela.platform.transfer import tasks
from clientela.platform.transfer.models import ImportJob
from tests.cast import make_cast
from tests.transfer import files

DEALS = (
    "Deal,Account,Owner,Amount,Close date\n"
    "Crane,  talleres NUÑEZ ,Teammate@Example.com,1000,2031-03-31\n"
    "Lathe,Áridos,Owner,,\n"
    "Press,Nobody knows it,stranger@example.com,,\n"
)


@pytest.fixture(autouse=True)
def _given(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(product, "LANGUAGE_CODE", "en")
    with translation.override("en"):
        yield


def test_an_import_prints_one_object_and_ties_by_name_and_by_e_mail(cast, tmp_path, capsys):
    # given
    Account.objects.create(name="Talleres Núñez")
    Account.objects.create(name="Áridos")
    path = files.write(tmp_path, DEALS)
    # when
    status = main(["import", str(path), "--as", "opportunity", "--map", "name=Deal", "--json"])
    # then
    told = capsys.readouterr()
    assert status == 0
    assert json.loads(told.out) == {
        "import": ImportJob.objects.get().pk,
        "read": 3,
        "created": 3,
        "updated": 0,
        "skipped": 0,
        "rejected": 0,
        "rejects_file": None,
    }
    ties = Opportunity.objects.order_by("pk").values_list("name", "account__name", "owner__email")
    assert list(ties[:2]) == [
        ("Crane", "Talleres Núñez", cast.teammate.email),
        ("Lathe", "Áridos", cast.owner.email),
    ]
    assert Opportunity.objects.get(name="Press").account is None
    assert "Nobody knows it" in told.err


def test_a_rehearsal_has_no_number_and_writes_nothing(cast, tmp_path, capsys):
    path = files.write(tmp_path, files.ACCOUNTS)

    assert main(["import", str(path), "--as", "accounts", "--dry-run", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert (told["import"], told["read"], told["created"]) == (None, 3, 3)
    assert (Account.objects.count(), ImportJob.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--as", "nothing"], "There is no kind of record “nothing”."),
        (["--as", "account", "--map", "name"], "“name” is not FIELD=COLUMN."),
        (["--as", "account", "--map", "name=Nowhere"], "Nowhere"),
        (["--as", "account", "--user", "nobody@example.com"], "Nobody active has the e-mail"),
        (["--as", "account", "--user", "reader@example.com"], ""),
    ],
)
def test_what_cannot_be_done_is_said_and_writes_nothing(cast, tmp_path, capsys, given, words):
    path = files.write(tmp_path, files.ACCOUNTS)

    assert main(["import", str(path), *given, "--json"]) == 1

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.strip()
    assert words in told.err
    assert Account.objects.count() == 0


def test_an_import_is_undone_once(cast, tmp_path, capsys):
    path = files.write(tmp_path, files.ACCOUNTS)
    main(["import", str(path), "--as", "account"])
    number = str(ImportJob.objects.get().pk)
    capsys.readouterr()

    assert main(["undo-import", number, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kept"] == 0
    assert Account.objects.count() == 0
    assert main(["undo-import", number]) == 1
    assert capsys.readouterr().err == "This was undone already.\n"
    assert main(["undo-import", "999999"]) == 1
    assert capsys.readouterr().err == "There is no such import.\n"


def test_an_export_goes_where_it_is_told(cast, tmp_path, capsysbinary):
    Account.objects.create(name="Áridos; S.L.", city="=1+1")
    path = tmp_path / "accounts.csv"

    assert main(["export", "account", "--output", str(path)]) == 0
    assert main(["export", "accounts"]) == 0

    written = capsysbinary.readouterr().out
    assert written == path.read_bytes()
    rows = list(csv.DictReader(io.StringIO(written.decode("utf-8-sig")), delimiter=";"))
    assert [(row["name"], row["city"]) for row in rows] == [("Áridos; S.L.", "'=1+1")]
    assert main(["export", "account", "--format", "xlsx"]) == 0
    workbook = tmp_path / "accounts.xlsx"
    workbook.write_bytes(capsysbinary.readouterr().out)
    assert [row[6] for row in open_table(workbook).rows()] == ["Áridos; S.L."]


def test_a_workbook_is_not_poured_over_a_terminal(cast, capsysbinary, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    assert main(["export", "account", "--format", "xlsx"]) == 1
    assert b"An XLSX file needs a place: --output FILE" in capsysbinary.readouterr().err


def test_a_base_without_people_takes_an_import_and_gives_it_back(db, tmp_path, capsys):
    # given
    path = files.write(tmp_path, files.ACCOUNTS)
    # when
    assert main(["import", str(path), "--as", "account", "--json"]) == 0
    # then
    number = json.loads(capsys.readouterr().out)["import"]
    assert Account.objects.filter(owner=None, created_by=None).count() == Account.objects.count() == 3
    assert main(["undo-import", str(number), "--json"]) == 0
    assert Account.objects.count() == 0


def test_what_was_imported_before_there_were_people_is_the_administrator_s_to_undo(
    db, tmp_path, capsys, signed_in
):
    # given
    main(["import", str(files.write(tmp_path, files.ACCOUNTS)), "--as", "account"])
    job = ImportJob.objects.get()
    cast = make_cast()
    admin = signed_in(cast.admin)
    # when
    page = admin.get("/imports/")
    # then
    assert f'href="/imports/{job.pk}/"' in page.text
    assert signed_in(cast.owner).get(f"/imports/{job.pk}/").status_code == 404
    tasks.undo_import.func(job.pk, None)
    assert Account.objects.count() == 0
