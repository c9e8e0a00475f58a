"""Erasing on the command line, and again after a backup was put back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clientela.platform.audit.models import Change
from clientela.platform.privacy import erasures
from clientela.records import registry
from tests.privacy.test_every_trace import HERS
from tests.privacy.test_personal_data import NAME, erase, person, traces

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings) -> Path:
    """A data folder of the test's own."""
    settings.DATA_FOLDER = tmp_path
    return tmp_path


def test_erased_again_after_a_backup_was_put_back(
    cast, folder: Path, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    # given somebody erased, and the base as it was before, with the list kept apart
    record = person(cast)
    list_kept = folder / "apart" / "erasures.jsonl"
    list_kept.parent.mkdir()
    line = {
        "record": "contact",
        "id": record.pk,
        "made": erasures.made_at(registry.get("contact"), record.pk),
        "notes": True,
        "files": True,
        "at": "2026-11-01T10:00:00+00:00",
        "operation": "0" * 32,
    }
    other = line | {"id": record.pk + 1000}
    older = line | {"made": "2020-01-01T00:00:00+00:00"}
    list_kept.write_text("".join(json.dumps(each) + "\n" for each in (older, other, line)))
    # when
    with django_capture_on_commit_callbacks(execute=True):
        call_command("erase_again", str(list_kept))
    # then
    assert traces() == []
    kept = [json.loads(text) for text in erasures.path().read_text().splitlines()]
    assert [(each["record"], each["id"], each["made"]) for each in kept] == [
        ("contact", record.pk, line["made"])
    ]
    assert not any(word in erasures.path().read_text().lower() for word in HERS)
    # and once is enough
    before = Change.objects.count()
    call_command("erase_again", str(list_kept))
    assert Change.objects.count() == before


def test_the_list_names_nobody_and_is_for_its_owner(
    cast, signed_in, folder: Path, django_capture_on_commit_callbacks
) -> None:
    record = person(cast)
    with django_capture_on_commit_callbacks(execute=True):
        erase(signed_in(cast.admin), record, notes="", files="1")
    (line,) = (json.loads(text) for text in erasures.path().read_text().splitlines())
    assert (line["record"], line["id"], line["notes"], line["files"]) == ("contact", record.pk, False, True)
    assert erasures.path().stat().st_mode & 0o777 == 0o600


def test_the_command_erases_with_the_name_only(cast, capsys) -> None:
    # given
    record = person(cast)
    # then
    for kind, name, words in (
        ("contact", "Somebody else", "name exactly"),
        ("account", NAME, "no such records"),
        ("nothing", NAME, "no such records"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("erase_person", kind, str(record.pk), name=name)
    with pytest.raises(CommandError, match="no such record"):
        call_command("erase_person", "contact", "987654", name=NAME)
    record.refresh_from_db()
    assert record.name == NAME
    # when
    call_command("erase_person", "contact", str(record.pk), name=NAME)
    # then
    assert traces() == []
    assert "1 notes, 1 files" in capsys.readouterr().out
    change = Change.objects.filter(record="contact", record_id=record.pk).latest("id")
    assert (change.actor, change.source, change.reference) == (None, "erasure", "command")
