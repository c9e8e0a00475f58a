"""The history can only be added to; tampering shows; old rows go into files first."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone, translation

from clientela.access.actor import actor_of
from clientela.config.cli.main import main
from clientela.platform.audit import guard, policies, purging, sealing, security, verifying
from clientela.platform.audit.models import Change, Purge, Seal, SecurityEvent
from clientela.records import registry, write
from clientela.records.changes import PAGE, Operation

pytestmark = pytest.mark.django_db
ACCOUNT = registry.get("account")


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def written(cast, monkeypatch):
    """Seven changes in blocks of three, sealed."""
    monkeypatch.setattr(sealing, "BLOCK", 3)
    for number in range(7):
        write.create(ACCOUNT, {"name": f"Número {number}"}, operation=Operation(actor_of(cast.owner), PAGE))
    security.record_event(security.SIGNED_IN, user=cast.owner)
    sealing.seal(patience=20)
    return list(Change.objects.order_by("pk"))


def execute(statement, values=()):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def behind_the_back(statement, values=()):
    """As somebody with all rights on the database would do it."""
    on = " ON audit_change" if connection.vendor == "postgresql" else ""
    for name in guard._names(connection.vendor, "audit_change"):
        execute(f"DROP TRIGGER {name}{on}")
    execute(statement, values)


def broken():
    return [report.broken for report in verifying.verify() if report.broken]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_change SET title = 'x'",
        "DELETE FROM audit_change",
        "UPDATE audit_securityevent SET detail = 'x'",
        "DELETE FROM audit_securityevent",
        "UPDATE audit_seal SET digest = 'x'",
        "DELETE FROM audit_seal",
    ],
)
def test_the_database_refuses_to_change_the_history(written, statement):
    before = list(Change.objects.order_by("pk").values())

    with pytest.raises(DatabaseError, match="can only be added to"), transaction.atomic():
        execute(statement)

    assert list(Change.objects.order_by("pk").values()) == before


@pytest.mark.only_on("postgresql")  # SQLite has no TRUNCATE
def test_nor_to_empty_it(written):
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="can only be added to"), transaction.atomic():
        execute("TRUNCATE audit_change")


def test_an_untouched_history_is_whole(written):
    reports = verifying.verify()

    assert [(each.log, each.rows, each.blocks, each.unsealed, each.broken) for each in reports] == [
        ("changes", 7, 3, 0, ""),
        ("security", 1, 1, 0, ""),
    ]
    assert verifying.missing_guards() == []


def test_sealing_goes_on_where_it_stopped(written, cast):
    write.create(ACCOUNT, {"name": "Eight"}, operation=Operation(actor_of(cast.owner), PAGE))
    assert verifying.verify()[0].unsealed == 1

    assert sealing.seal(patience=20) == 1
    assert sealing.seal() == 0
    assert [seal.count for seal in Seal.objects.filter(log="changes").order_by("last")] == [3, 3, 1, 1]
    assert broken() == []


def test_an_altered_row_is_named(written):
    behind_the_back("UPDATE audit_change SET title = 'Another' WHERE id = %s", [written[4].pk])

    [words] = broken()
    assert words.endswith(f"row {written[4].pk} was altered.")
    assert len(verifying.missing_guards()) in (2, 3)


def test_a_deleted_row_is_named(written):
    behind_the_back("DELETE FROM audit_change WHERE id = %s", [written[1].pk])

    [words] = broken()
    assert words.endswith(f"row {written[1].pk} is missing.")


def test_two_rows_in_each_others_place_are_named(written):
    one, two = written[3].pk, written[5].pk
    behind_the_back("UPDATE audit_change SET id = -1 WHERE id = %s", [one])
    execute("UPDATE audit_change SET id = %s WHERE id = %s", [one, two])
    execute("UPDATE audit_change SET id = %s WHERE id = -1", [two])

    [words] = broken()
    assert words.endswith(f"row {one} was altered.")


def test_a_block_taken_out_with_its_rows_is_missed(written):
    seal = Seal.objects.filter(log="changes").order_by("last")[1]
    with guard.open_door():
        Change.objects.filter(pk__gte=seal.first, pk__lte=seal.last).delete()
        Seal.objects.filter(pk=seal.pk).delete()

    [words] = broken()
    assert words.startswith("A block is missing before block")


def test_doctor_names_it_and_fails(written, capsys, settings):
    settings.LANGUAGE_CODE = "en"
    assert main(["doctor", "--audit"]) == 0
    assert "History “changes”: 7 rows in 3 blocks" in capsys.readouterr().out

    behind_the_back("UPDATE audit_change SET actor_id = NULL WHERE id = %s", [written[0].pk])

    assert main(["doctor", "--audit"]) == 1
    assert f"row {written[0].pk} was altered" in capsys.readouterr().out


@pytest.fixture
def data_folder(tmp_path, settings):
    settings.DATA_FOLDER = tmp_path
    return tmp_path


def in_three_years(monkeypatch):
    moment = timezone.now() + timedelta(days=3 * 365)
    monkeypatch.setattr(timezone, "now", lambda: moment)


def test_by_default_everything_is_kept(written, data_folder, monkeypatch):
    in_three_years(monkeypatch)

    assert purging.purge() == 0
    assert Change.objects.count() == 7


def test_what_is_too_old_goes_into_a_file_first(written, cast, data_folder, monkeypatch):
    policies.change(12, 90, user=cast.admin)
    assert purging.purge() == 0
    in_three_years(monkeypatch)

    assert purging.purge() == 8

    assert Change.objects.count() == 0
    assert list(SecurityEvent.objects.order_by("pk").values_list("kind", flat=True)) == [
        "history_rule_changed",
        "audit_purged",
        "audit_purged",
    ]
    purge = Purge.objects.get(log="changes")
    file = data_folder / purge.file
    rows = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    assert [row["title"] for row in rows] == [f"Número {number}" for number in range(7)]
    assert file.stat().st_mode & 0o077 == 0
    assert broken() == []
    assert verifying.verify()[0].put_away == 7


def test_a_purged_history_is_still_verified(written, cast, data_folder, monkeypatch):
    policies.change(12, 90, user=cast.admin)
    with monkeypatch.context() as context:
        in_three_years(context)
        purging.purge()
    write.create(ACCOUNT, {"name": "Eight"}, operation=Operation(actor_of(cast.owner), PAGE))
    sealing.seal(patience=20)
    assert broken() == []

    file = data_folder / Purge.objects.get(log="changes").file
    kept = file.read_bytes()
    file.write_bytes(gzip.compress(gzip.decompress(kept).replace(b"mero 4", b"mero 5")))
    assert broken() == [f"The file {file.relative_to(data_folder)} is not as it was written."]

    file.unlink()
    assert broken() == []


def test_the_rule_never_reaches_into_what_can_be_undone(written, cast, data_folder, monkeypatch):
    policies.change(1, 2000, user=cast.admin)
    in_three_years(monkeypatch)

    assert purging.purge() == 0
