"""What only PostgreSQL has: roles without the right to change the history, writers beside each other."""

from __future__ import annotations

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from clientela.platform.audit import sealing, verifying
from clientela.platform.audit.models import Change, Seal

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.only_on("postgresql"),
]
ROW = (
    "INSERT INTO audit_change (operation, at, source, reference, address, label, record, record_id, verb,"
    " title, before, after)"
    " VALUES (gen_random_uuid(), now(), 'page', '', '', '', 'account', 1, 'update', %s, '{}', '{}')"
)


def connect(user=None):
    known = connection.get_connection_params()
    given = {name: known[name] for name in ("host", "port", "dbname", "password") if known.get(name)}
    return psycopg.connect(**given, user=user or known["user"])


@pytest.fixture
def role():
    name = f"{connection.settings_dict['NAME']}_app"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP ROLE IF EXISTS {name}")
        cursor.execute(f"CREATE ROLE {name} LOGIN")
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {name}")
    yield name
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {name}")
        cursor.execute(f"DROP ROLE {name}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_change SET title = 'x'",
        "DELETE FROM audit_change",
        "TRUNCATE audit_change",
        "DELETE FROM audit_seal",
        "UPDATE audit_securityevent SET detail = ''",
        "DROP TRIGGER audit_change_no_delete ON audit_change",
        "ALTER TABLE audit_change DISABLE TRIGGER ALL",
    ],
)
def test_the_role_of_the_application_cannot_change_the_history(role, statement):
    call_command("seal_audit", role=role)

    with connect(role) as database:
        database.execute(ROW, ["kept"])
    # then not even through the door that the purge goes through
    with connect(role) as database:
        database.execute("SET LOCAL clientela.audit_door = 'open'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.execute(statement)

    assert Change.objects.get().title == "kept"


def test_no_role_is_sealed_that_would_stay_able_to(role):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE audit_change OWNER TO {role}")
    try:
        with pytest.raises(CommandError, match=role):
            call_command("seal_audit", role=role)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_change OWNER TO CURRENT_USER")
    with pytest.raises(CommandError):
        call_command("seal_audit", role=connection.settings_dict["USER"])
    with pytest.raises(CommandError):
        call_command("seal_audit", role="nobody at all")


def test_a_row_that_comes_late_with_a_lower_number_is_waited_for():
    with connect() as slow, connect() as quick:
        slow.execute(ROW, ["slow"])
        quick.execute(ROW, ["quick"])
        quick.commit()
        # when the higher number is there and the lower is not
        assert sealing.seal() == 0
        slow.commit()
    # then both are sealed together
    assert sealing.seal(patience=20) == 2
    assert list(Change.objects.order_by("pk").values_list("title", flat=True)) == ["slow", "quick"]
    assert [seal.count for seal in Seal.objects.filter(log="changes")] == [2]
    assert [report.broken for report in verifying.verify()] == ["", ""]
