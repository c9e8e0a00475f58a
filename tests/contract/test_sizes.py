"""What a browser is sent for a list of fifty full rows stays small."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from clientela.access.models import User
from clientela.records import kinds, refs, registry, urlnames
from clientela.records.spec import Spec
from clientela.ui import bundle
from tests.cast import Cast
from tests.contract import samples, ways

pytestmark = pytest.mark.django_db
KEYS = sorted(spec.key for spec in samples.specs())
ROWS = 50
PAGE, FIRST_VISIT, FIRST_VISIT_COMPRESSED = 50_000, 200_000, 60_000
STATIC = re.compile(r'(?:href|src)="/static/([^"#?]+)')


def fill(spec: Spec, cast: Cast) -> None:
    """Fifty records with something in every column."""
    links = {
        name: [samples.make(ref.target, cast.owner).pk for _each in range(5)]
        for name, ref in refs.fields_of(spec).items()
        if name in spec.columns and ref.kind is kinds.Link and _is_empty(ref) and ref.target
    }
    for number in range(ROWS):
        samples.make(spec, cast.owner, **{name: ids[number % len(ids)] for name, ids in links.items()})


def _is_empty(ref: Any) -> bool:
    """Whether samples leave this link empty, though it can be set."""
    return ref.target.key not in samples.NOT_MADE and not (ref.read_only or ref.required)


@pytest.mark.parametrize("key", KEYS)
def test_a_list_of_fifty_rows_is_light(key: str, cast: Cast, signed_in: Callable[[User], Client]) -> None:
    # given
    spec = registry.get(key)
    fill(spec, cast)
    # when
    html = ways.body_of(signed_in(cast.admin).get(urlnames.list_url(spec, view="all")))
    # then
    assert len(set(re.findall(rf'href="{urlnames.list_url(spec)}(\d+)/"', html))) == ROWS
    assert len(html.encode()) <= PAGE


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("built")
    bundle.build(target)
    return target


def files(html: str, built: Path) -> dict[str, bytes]:
    """Every file that a page asks for, modules with what they import before they run."""
    found: dict[str, bytes] = {}
    wanted = set(STATIC.findall(html))
    while wanted:
        name = wanted.pop()
        found[name] = _content(name, built)
        if name.endswith(".js"):
            folder = name.rpartition("/")[0]
            text = found[name].decode()
            others = re.findall(r"(?:from|import) '\./([^']+)'", text)
            wanted |= {f"{folder}/{other}" for other in others} - found.keys()
    return found


def _content(name: str, built: Path) -> bytes:
    own = name.removeprefix("built/")
    if own != name:
        return (built / own).read_bytes()
    place = finders.find(name)
    assert isinstance(place, str), name
    return Path(place).read_bytes()


@pytest.mark.parametrize("key", sorted(spec.key for spec in samples.specs() if spec.menu))
def test_a_first_visit_is_light(
    key: str, built: Path, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    # given
    spec = registry.get(key)
    fill(spec, cast)
    # when
    html = ways.body_of(signed_in(cast.admin).get(urlnames.list_url(spec, view="all")))
    parts = [html.encode(), *files(html, built).values()]
    # then
    assert len(parts) > 3
    assert sum(map(len, parts)) <= FIRST_VISIT
    assert sum(len(gzip.compress(part)) for part in parts) <= FIRST_VISIT_COMPRESSED
