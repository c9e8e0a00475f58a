"""Files in, records out: recognition, links, words on demand, duplicates, rejected rows, undo."""

from __future__ import annotations

import csv

import pytest
from django.utils import translation
from django.utils.translation import gettext as _

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account, AccountAddress, AccountPhone, Contact, Sector
from clientela.domain.sales.models import Opportunity, Stage
from clientela.platform.audit.models import Change
from clientela.platform.timeline.models import Note
from clientela.platform.transfer import services
from clientela.platform.transfer.models import SavedMapping, Status
from clientela.records import registry, write
from clientela.records.changes import PAGE
from clientela.records.errors import Invalid, Refused
from tests.transfer import files
from tests.transfer.results import counts

ACCOUNT, CONTACT, DEAL = (registry.get(key) for key in ("account", "contact", "opportunity"))


pytestmark = pytest.mark.usefixtures("english")


def test_an_export_of_another_system_comes_in_with_its_ties(load, cast):
    accounts = load(ACCOUNT, files.ACCOUNTS)
    deals = load(DEAL, files.DEALS)

    assert counts(accounts) == (3, 0, 0, 0)
    assert counts(deals) == (3, 0, 0, 0)
    workshop = Account.objects.get(external_id="001A")
    assert Account.objects.values_list("name", "parent__name", "sector__name").get(pk=workshop.pk) == (
        "Talleres Núñez",
        "Grupo Núñez",
        "Machinery",
    )
    assert (workshop.city, workshop.country, workshop.owner) == ("Zaragoza", "ES", cast.admin)
    lines = AccountPhone.objects.filter(account=workshop).order_by("position")
    assert list(lines.values_list("kind", "main")) == [("work", True), ("fax", False)]
    ties = Opportunity.objects.order_by("external_id").values_list("account__external_id", flat=True)
    assert list(ties) == ["001A", "001C", "001B"]


def test_unknown_stages_are_made_and_the_ends_of_the_pipeline_found(load):
    load(ACCOUNT, files.ACCOUNTS)
    load(DEAL, files.DEALS)

    made = Stage.objects.get(name="Qualification")
    assert (made.kind, made.probability) == ("open", 10)
    kinds = Opportunity.objects.order_by("external_id").values_list("stage__kind", flat=True)
    assert list(kinds) == ["open", "won", "lost"]
    assert not Stage.objects.filter(name__startswith="Closed").exists()


def test_the_same_file_twice_creates_nothing_new(load):
    load(ACCOUNT, files.ACCOUNTS)
    changes = Change.objects.count()

    again = load(ACCOUNT, files.ACCOUNTS)

    assert counts(again) == (0, 0, 3, 0)
    assert Account.objects.count() == 3
    assert Change.objects.count() == changes


def test_undoing_leaves_nothing_behind(load, cast):
    sectors, stages = Sector.objects.count(), Stage.objects.count()
    accounts, deals = load(ACCOUNT, files.ACCOUNTS), load(DEAL, files.DEALS)

    for job in (deals, accounts):
        assert services.undo_job(job, actor_of(cast.admin)).conflicts == []

    assert (Account.objects.count(), Opportunity.objects.count()) == (0, 0)
    assert (AccountAddress.objects.count(), AccountPhone.objects.count()) == (0, 0)
    assert (Sector.objects.count(), Stage.objects.count()) == (sectors, stages)
    job = services.job_for(accounts.pk, actor_of(cast.admin))
    assert job.status == Status.UNDONE


def test_undoing_keeps_what_somebody_else_hung_on_it(load, cast):
    job = load(ACCOUNT, files.ACCOUNTS)
    account = Account.objects.get(external_id="001C")
    deal = write.apply(
        DEAL, None, {"name": "Later", "account": account.pk}, actor=actor_of(cast.admin), source=PAGE
    )

    result = services.undo_job(job, actor_of(cast.admin))

    assert [title for title, _reasons in result.conflicts] == ["Áridos, S.L."]
    assert list(Account.objects.values_list("name", flat=True)) == ["Áridos, S.L."]
    assert Opportunity.objects.get() == deal


def test_words_of_nothing_are_empty_and_links_unknown_are_told(load):
    job = load(ACCOUNT, files.ACCOUNTS)

    assert Account.objects.get(external_id="001B").phone == ""
    assert Account.objects.get(external_id="001C").phone == ""
    assert job.report["warnings"]["OwnerId"] == {"count": 3, "examples": ["005X"]}
    assert job.report["left"] == ["Photo"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_spanish_headings_and_accents_in_any_encoding(load, encoding):
    text = "KeyCliente;CodigoCliente;NombreCliente;Ciudad;Pais\n7;ANATR;Ñandú é Hijos;Berlín;Alemania\n"

    job = load(ACCOUNT, text, encoding=encoding)

    assert counts(job) == (1, 0, 0, 0)
    found = Account.objects.get()
    assert (found.external_id, found.name, found.city, found.country) == (
        "ANATR",
        "Ñandú é Hijos",
        "Berlín",
        "DE",
    )


def test_amounts_and_dates_are_read_by_their_whole_column(load):
    load(
        DEAL,
        "Nombre;Importe;Cierre previsto\n"
        'Uno;"1.234,50 €";03/04/2024\nDos;1.000;25/12/2024\nTres;USD 7;1-2-24\n',
    )

    found = {deal.name: deal for deal in Opportunity.objects.all()}
    assert (str(found["Uno"].amount), str(found["Uno"].close_date)) == ("1234.50", "2024-04-03")
    assert (str(found["Dos"].amount), str(found["Dos"].close_date)) == ("1000.00", "2024-12-25")
    assert (found["Tres"].currency, str(found["Tres"].close_date)) == ("USD", "2024-02-01")


def test_ambiguous_dates_are_told_and_can_be_decided(load):
    text = "Name,Close date\nOne,03/04/2024\n"

    told = load(DEAL, text)
    decided = load(DEAL, text, options={"order": "mdy"})

    assert [each["ambiguous"] for each in told.mapping] == [False, True]
    days = Opportunity.objects.order_by("pk").values_list("close_date", flat=True)
    assert [str(day) for day in days] == ["2024-04-03", "2024-03-04"]
    assert counts(decided) == (1, 0, 0, 0)


def test_a_row_that_fails_is_kept_with_its_reason_and_can_be_mended(load):
    text = (
        "External id,Name,Email,Tax id\nA,Good,good@example.com,\nB,Bad mail,nobody,\n"
        "C,,no@name.example,\nD,Bad id,d@example.com,A123\n"
    )

    job = load(ACCOUNT, text)

    assert counts(job) == (1, 0, 0, 3)
    with open(job.rejects_path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert [row["clientela_row"] for row in rows] == ["3", "4", "5"]
    assert "nobody" in rows[0]["clientela_reason"]
    mended = "External id;Name;Email;Tax id;clientela_row;clientela_reason\nB;Bad mail;bad@example.com;;3;x\n"
    again = load(ACCOUNT, mended)
    assert counts(again) == (1, 0, 0, 0)
    assert Account.objects.get(external_id="B").email == "bad@example.com"


def test_the_reason_is_told_in_the_language_of_whoever_imports(load, cast):
    cast.admin.language = "ca"
    cast.admin.save()

    job = load(DEAL, "Name,Amount\n" + "Crane,12\n" * 3 + "Digger,a lot\n")

    with translation.override("ca"):
        reason = _("“%(text)s” is not a number.") % {"text": "a lot"}
    assert job.report["reasons"] == [[5, f"Amount: {reason}"]]
    assert reason != "“a lot” is not a number."


def test_duplicates_are_skipped_updated_or_created_as_chosen(load):
    load(ACCOUNT, "Name,Email,City\nAcme,acme@example.com,Zaragoza\n")
    changed = "Name,Email,City\nAcme,ACME@example.com,Huesca\n"

    skipped = load(ACCOUNT, changed)
    assert (counts(skipped), Account.objects.get().city) == ((0, 0, 1, 0), "Zaragoza")
    updated = load(ACCOUNT, changed, options={"twins": "update"})
    assert (counts(updated), Account.objects.get().city) == ((0, 1, 0, 0), "Huesca")
    unchanged = load(ACCOUNT, changed, options={"twins": "update"})
    assert counts(unchanged) == (0, 0, 1, 0)
    created = load(ACCOUNT, changed, options={"twins": "create"})
    assert (counts(created), Account.objects.count()) == ((1, 0, 0, 0), 2)


def test_two_ids_of_the_other_system_are_two_records(load):
    job = load(
        CONTACT,
        "Id,Name,Email\n1,Ana Gil,info@example.com\n2,Luis Gil,info@example.com\n1,Ana Gil,x@example.com\n",
    )

    assert counts(job) == (2, 0, 1, 0)
    assert set(Contact.objects.values_list("name", flat=True)) == {"Ana Gil", "Luis Gil"}


def test_columns_without_a_field_can_be_kept_as_a_note(load, cast):
    job = load(ACCOUNT, "Name,Stand,Shoe size\nAcme,7-B,\n", options={"keep": True})

    assert Note.objects.get().body == "Stand: 7-B"
    services.undo_job(job, actor_of(cast.admin))
    assert Note.objects.count() == 0


def test_a_mapping_said_by_hand_wins(load):
    load(ACCOUNT, "Alfa,Beta\nAcme,Zaragoza\n", choices={"name": "Alfa", "city": "2"})

    assert Account.objects.values_list("name", "city").get() == ("Acme", "Zaragoza")


def test_a_mapping_to_nowhere_is_refused_and_writes_nothing(load):
    with pytest.raises(Invalid) as unknown:
        load(ACCOUNT, "Alfa\nAcme\n", choices={"nmae": "Alfa"})
    with pytest.raises(Invalid):
        load(ACCOUNT, "Alfa\nAcme\n")

    assert unknown.value.errors == {"mapping": ["There is no field “nmae”."]}
    assert (Account.objects.count(), Change.objects.count()) == (0, 0)


def test_a_rehearsal_writes_nothing(load):
    job = load(ACCOUNT, files.ACCOUNTS, dry_run=True)

    assert counts(job) == (3, 0, 0, 0)
    assert (Account.objects.count(), Sector.objects.count(), Change.objects.count()) == (0, 0, 0)


def test_a_reader_may_not_import(load, cast):
    with pytest.raises(Refused):
        load(ACCOUNT, files.ACCOUNTS, user=cast.reader)

    assert Account.objects.count() == 0


def test_a_seller_makes_no_words_of_configuration(load, cast):
    job = load(ACCOUNT, files.ACCOUNTS, user=cast.owner)

    assert counts(job) == (3, 0, 0, 0)
    assert Sector.objects.count() == 0
    assert job.report["warnings"]["Industry"]["count"] == 3
    assert set(Account.objects.values_list("owner", flat=True)) == {cast.owner.pk}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"%PDF-1.7 something", "This file is no table. Clientela reads CSV, XLSX, ODS and XLS."),
        (b"Name\nA\x00me\n", "Row 2 has NUL characters: the file is damaged or is no text."),
        (b"Name,City\n", "The file has names of columns but no rows below them."),
        (
            (",".join(f"c{n}" for n in range(500)) + "\n" + "1," * 499 + "1\n").encode(),
            "The file has 500 columns; up to 300 can be read.",
        ),
    ],
)
def test_what_is_no_table_is_refused_in_words(cast, tmp_path, content, words):
    path = tmp_path / "file.csv"
    path.write_bytes(content)

    with pytest.raises(Invalid) as refused:
        services.run_file(ACCOUNT, path, actor=actor_of(cast.admin))

    assert refused.value.errors == {"file": [words]}
    assert Account.objects.count() == 0


def test_titles_above_and_a_second_header_are_left_out(load):
    text = (
        "Clientes de la feria,,\nName,City,Employees\n(texto),(texto),(número)\n"
        "Acme,Zaragoza,12\nBeta,Huesca,3\nGamma,Teruel,4\n"
    )

    job = load(ACCOUNT, text)

    assert counts(job) == (3, 0, 0, 0)
    assert set(Account.objects.values_list("name", flat=True)) == {"Acme", "Beta", "Gamma"}


@pytest.fixture
def quarry(load):
    load(ACCOUNT, 'Id,Name\nQ1,"Áridos del Jalón, S.L."\n,Maquinaria Ebro SA\n')


NEAR = "Name,City\nAridos del Jalon S.A.,Huesca\nMaquinaria  Ebre,Teruel\nGrúas Pirineo,Jaca\n"


def test_a_rehearsal_names_rows_that_look_like_records_there_are(load, quarry):
    job = load(ACCOUNT, NEAR, dry_run=True)

    assert job.report["near"] == {
        "count": 2,
        "examples": [
            ["Aridos del Jalon S.A.", "Áridos del Jalón, S.L."],
            ["Maquinaria  Ebre", "Maquinaria Ebro SA"],
        ],
    }
    assert (counts(job), Account.objects.count()) == ((3, 0, 0, 0), 2)


@pytest.mark.parametrize(
    ("near", "expected", "city"),
    [("create", (3, 0, 0, 0), ""), ("skip", (1, 0, 2, 0), ""), ("update", (1, 2, 0, 0), "Huesca")],
)
def test_near_names_are_created_left_or_updated_as_chosen(load, quarry, near, expected, city):
    job = load(ACCOUNT, NEAR, options={"near": near})

    assert counts(job) == expected
    assert Account.objects.get(external_id="Q1").city == city


def test_other_ids_make_two_of_near_names(load, quarry):
    job = load(ACCOUNT, "Id,Name\nQ2,Áridos del Jalón\n", options={"near": "skip"})

    assert counts(job) == (1, 0, 0, 0)


def test_a_saved_mapping_is_used_for_a_file_with_its_columns(load, cast):
    SavedMapping.objects.create(
        record="account", name="Fair", user=cast.admin, columns={"Name": "name", "Remarks": "description"}
    )

    load(ACCOUNT, "Remarks,Name,City\nMet at the fair,Áridos,Huesca\n")

    assert Account.objects.values_list("name", "description", "city").get() == (
        "Áridos",
        "Met at the fair",
        "Huesca",
    )


def test_an_opendocument_sheet_comes_in(cast, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    path = files.write_ods(tmp_path, [["Nombre", "Población"], ["Áridos, S.L.", "Huesca"]])

    job = services.run_file(ACCOUNT, path, actor=actor_of(cast.admin))

    assert counts(job) == (1, 0, 0, 0)
    assert Account.objects.values_list("name", "city").get() == ("Áridos, S.L.", "Huesca")
