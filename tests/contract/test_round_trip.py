"""What is exported and imported again is what it was, whatever the kind of record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clientela.access.actor import actor_of
from clientela.platform.transfer import exporting, services
from clientela.records import refs, registry, values, write
from clientela.records.changes import PAGE, Operation
from clientela.records.spec import Spec
from tests.cast import Cast
from tests.contract import samples, ways

pytestmark = pytest.mark.django_db
KEYS = sorted(spec.key for spec in samples.specs() if spec.import_key)
HARD = ('=1+1;"x"', "Núñez, S.L.\t", "-5 <b>")


def picture(spec: Spec) -> list[str]:
    """Every record by the values that people may write; lines have new numbers."""
    known = {name: ref for name, ref in refs.fields_of(spec).items() if _is_kept(ref)}
    found = []
    for instance in spec.model._default_manager.all():
        now = values.snapshot(spec, instance, known)
        for name, ref in known.items():
            if ref.lines is not None:
                now[name] = [{**line, "id": 0} for line in now[name]]
        found.append(json.dumps(now, sort_keys=True, ensure_ascii=False))
    return sorted(found)


def _is_kept(ref: refs.FieldRef) -> bool:
    return ref.expression is None and not ref.read_only and not (ref.lines and ref.lines.read_only)


def made(spec: Spec, cast: Cast) -> list[Any]:
    """Records whose texts are hard to write down, where a text may be anything."""
    found = []
    for text in HARD:
        free = [ref.path for ref in ways.texts(spec) if ref.kind.name == "longtext"]
        found.append(samples.make(spec, cast.owner, **dict.fromkeys(free, f"{text}\nsecond line")))
    return found


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("key", KEYS)
def test_an_export_imported_again_is_the_identity(
    key: str, form: str, cast: Cast, tmp_path: Path, settings: Any
) -> None:
    # given
    settings.MEDIA_ROOT = tmp_path / "media"
    spec, actor = registry.get(key), actor_of(cast.admin)
    records, path = made(spec, cast), tmp_path / f"all.{form}"
    before = picture(spec)
    with path.open("wb") as file:
        exporting.everything(spec, actor).write(file, form)
    write.delete(spec, records, operation=Operation(actor, PAGE))
    # when
    job = services.run_file(spec, path, actor=actor)
    # then
    assert (job.created, job.rejected) == (len(records), 0)
    assert picture(spec) == before
    # and once more creates nothing
    again = services.run_file(spec, path, actor=actor)
    assert (again.created, again.rejected) == (0, 0)
    assert picture(spec) == before
