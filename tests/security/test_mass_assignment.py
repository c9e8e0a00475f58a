"""A file of an import fills what its person may write, whatever its columns are called, and nothing else."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from clientela.access import rules
from clientela.access.actor import actor_of
from clientela.access.models import Role, User
from clientela.platform.attachments import cleaning
from clientela.platform.audit.models import Change, SecurityEvent
from clientela.platform.transfer import services as imports
from clientela.platform.transfer.models import ImportJob
from clientela.records import registry
from clientela.records.errors import Invalid, Refused
from tests.cast import Cast, give_roles
from tests.contract import samples, ways

pytestmark = pytest.mark.django_db
OWN: dict[str, Any] = {"see": "own", "create": True, "change": "own"}
HIDDEN, READ = "website", "city"
FIXED = (
    "created_by",
    "version",
    "updated_at",
    "is_superuser",
    "password",
    "account_set",
    "owner__is_superuser",
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def importer(cast: Cast) -> User:
    """Somebody who imports accounts of her own, does not see one field and only reads another."""
    return role(cast.owner, OWN | {"import": True}, {HIDDEN: "hidden", READ: "read"})


def role(user: User, verbs: dict[str, Any], fields: dict[str, str] | None = None) -> User:
    """A person with one role, of accounts only; read again, as the import's worker does."""
    kept = {"modules": {"*": True}, "records": {"account": verbs, "*": {"see": "all"}}}
    kept |= {"fields": {"account": fields or {}}}
    give_roles(user, Role.objects.create(name="Own", rules=rules.dump(kept)))
    return User.objects.get(pk=user.pk)


def table(tmp_path: Path, columns: dict[str, object]) -> Path:
    path = tmp_path / "file.csv"
    rows = (";".join(columns), ";".join(str(value) for value in columns.values()))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def run(path: Path, person: User, **options: Any) -> ImportJob:
    return imports.run_file(registry.get("account"), path, actor=actor_of(person), options=options)


def test_columns_of_what_nobody_sends_are_left(cast: Cast, importer: User, tmp_path: Path) -> None:
    # given a file whose columns are called as our own
    columns = {
        "name": "Nueva",
        "created_by": cast.admin.pk,
        "created_by_id": cast.admin.pk,
        "version": 99,
        "updated_at": "2001-01-01",
        "is_superuser": 1,
        HIDDEN: "https://evil.example",
        READ: "Teruel",
    }
    # when
    job = run(table(tmp_path, columns), importer)
    # then
    made: Any = registry.get("account").model._default_manager.get()
    assert (job.created, made.name) == (1, "Nueva")
    assert (made.created_by_id, made.owner_id) == (importer.pk, importer.pk)
    assert (made.website, made.city, made.version) == ("", "", 1)
    assert made.updated_at.year > 2001
    change = Change.objects.get(record="account", verb="create")
    assert {HIDDEN, READ}.isdisjoint(name for name, value in change.after.items() if value)


@pytest.mark.parametrize("target", [*FIXED, HIDDEN, READ])
def test_nobody_points_a_column_at_it(target: str, cast: Cast, importer: User, tmp_path: Path) -> None:
    # given
    path = table(tmp_path, {"name": "Nueva", "word": cast.admin.pk})
    job = imports.open_job(registry.get("account"), path, actor=actor_of(importer))
    # then neither as the page and the command line choose it
    with pytest.raises(Invalid):
        imports.choose(job, {target: "word"}, {}, actor_of(importer))
    # ... nor by a mapping that was kept when one still could
    job.refresh_from_db()
    job.mapping = [each | ({"target": target} if each["column"] == "word" else {}) for each in job.mapping]
    job.save()
    imports.run(job)
    for made in registry.get("account").model._default_manager.filter(name="Nueva"):
        kept = ways.saved(registry.get("account"), made.pk) or {}
        assert str(kept.get(target, "")) != str(cast.admin.pk)


@pytest.mark.parametrize("twins", ["update", "skip"])
def test_the_number_of_somebody_elses_record_opens_it_not(
    twins: str, cast: Cast, importer: User, tmp_path: Path
) -> None:
    # given
    spec = registry.get("account")
    theirs = samples.make(spec, cast.outsider)
    before = ways.saved(spec, theirs.pk)
    # when
    job = run(table(tmp_path, {"id": theirs.pk, "name": "Mía", "phone": "600111222"}), importer, twins=twins)
    # then
    assert ways.saved(spec, theirs.pk) == before
    assert job.updated == 0
    assert not Change.objects.filter(record="account", record_id=theirs.pk, source="import").exists()


def test_who_may_not_import_opens_no_file(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        run(table(tmp_path, {"name": "Nueva"}), role(cast.owner, OWN))
    assert (ImportJob.objects.count(), registry.get("account").model._default_manager.count()) == (0, 0)


def test_a_file_that_is_refused_leaves_nothing_but_an_event(
    cast: Cast, signed_in: Any, settings: Any
) -> None:
    # given a spreadsheet that is none
    file = SimpleUploadedFile("<b>bomb.xlsx", b"PK\x03\x04 nothing")
    # when
    answer = signed_in(cast.admin).post(reverse("transfer_import", args=["accounts"]), {"file": file})
    # then
    assert answer.status_code == 422
    assert ImportJob.objects.count() == 0
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []
    event = SecurityEvent.objects.get(kind="file_refused")
    assert (event.user, event.detail.partition(":")[0]) == (cast.admin, "import account <b>bomb.xlsx")


def test_files_of_imports_stay_as_long_as_they_can_be_undone(
    cast: Cast, importer: User, tmp_path: Path, settings: Any
) -> None:
    # given an upload of two days ago, one that is too old, and one that no import names
    made: list[Path] = []
    for days in (2, 100, 2):
        path = imports.folder() / f"upload-{len(made)}"
        path.write_text("name\nNueva\n", encoding="utf-8")
        if len(made) < 2:
            imports.open_job(registry.get("account"), path, actor=actor_of(importer), own_file=True)
        moment = time.time() - days * 24 * 3600
        os.utime(path, (moment, moment))
        made.append(path)
    # when
    cleaning.clean()
    # then
    assert [path.exists() for path in made] == [True, False, False]
