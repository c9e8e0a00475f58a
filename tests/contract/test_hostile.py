"""Hostile text in every text field of every kind of record: kept unharmed or refused in words, never run."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from clientela.access.models import User
from clientela.records import kinds, refs, registry, urlnames
from clientela.records.spec import Spec
from tests.cast import Cast
from tests.contract import naughty, samples, ways

pytestmark = pytest.mark.django_db
KEYS = sorted(spec.key for spec in samples.specs())
SignIn = Callable[[User], Client]
RUNS = ("<script>alert(", "<img src=x onerror", "<svg/onload", "onmouseover='alert(4)'")
"""What must not stand in a page as it was typed."""
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def fields(spec: Spec) -> list[str]:
    """The texts of a record, and the other fields that are written as text."""
    written = (kinds.Text, kinds.LongText, kinds.Email, kinds.Phone, kinds.Url, kinds.Currency, kinds.Country)
    known = refs.fields_of(spec)
    found = [name for name, ref in known.items() if ref.kind in written and not ref.read_only]
    return [name for name in found if name != "name" or "first_name" not in known]  # it follows its parts


def now(spec: Spec, record: Any, name: str) -> Any:
    state = ways.saved(spec, record.pk)
    assert state is not None
    return state[name]


@pytest.mark.parametrize("key", KEYS)
def test_programs_get_back_what_they_sent(key: str, cast: Cast) -> None:
    # given
    spec, program = registry.get(key), ways.Program(cast.admin)
    record = samples.make(spec, cast.owner)
    free = [ref.path for ref in ways.texts(spec) if is_free(ref) and ref.path in fields(spec)]
    for text in naughty.KEPT:
        # when
        response = program.patch(spec, record.pk, dict.fromkeys(free, text))
        # then
        assert response.status_code == 200, (text, response.content)
        answer = response.json()
        assert all(same(answer[name], text) for name in free), text
    state = ways.saved(spec, record.pk)
    assert state is not None
    assert program.get(spec, record.pk).json() == answer
    assert {name: state[name] for name in free} == {name: answer[name] for name in free}


@pytest.mark.parametrize("key", KEYS)
def test_programs_are_told_which_texts_a_field_does_not_take(key: str, cast: Cast) -> None:
    """A share of the texts to the strict fields of each kind of record: kept alike or refused by name."""
    # given
    spec, program = registry.get(key), ways.Program(cast.admin)
    record = samples.make(spec, cast.owner)
    for text in share(key, naughty.KEPT):
        before, given = ways.saved(spec, record.pk), dict.fromkeys(fields(spec), text)
        # when
        response = program.patch(spec, record.pk, given)
        while response.status_code == 422:
            # then nothing was written, and each field that is wrong is named
            assert ways.saved(spec, record.pk) == before, text
            refused = given.keys() & response.json()["errors"].keys()
            assert refused, text
            given = {name: value for name, value in given.items() if name not in refused}
            response = program.patch(spec, record.pk, given)
        # then
        assert response.status_code == 200, (text, response.content)
        state, answer = ways.saved(spec, record.pk), response.json()
        assert state is not None
        assert {name: answer[name] for name in given} == {name: state[name] for name in given}, text


SHARES = 5


def share(key: str, texts: tuple[str, ...]) -> tuple[str, ...]:
    """Every fifth text, others for the next kind of record: the code behind them is one."""
    return texts[KEYS.index(key) % SHARES :: SHARES]


def same(value: str, text: str) -> bool:
    """Blanks at the ends are nobody's meaning; accents may be composed."""
    return value.strip() == text.strip() or value == text


@pytest.mark.parametrize("key", KEYS)
def test_what_no_database_can_keep_is_refused_in_words(key: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    spec, program, client = registry.get(key), ways.Program(cast.admin), signed_in(cast.admin)
    record = samples.make(spec, cast.owner)
    before = ways.saved(spec, record.pk)
    for name in fields(spec):
        for text in naughty.REFUSED:
            body = json.dumps({name: text})
            # when
            response = program.client.patch(
                ways.api_url(spec, record.pk), body, content_type="application/json"
            )
            # then
            assert response.status_code in (400, 422), (name, text)
            assert response.json()["detail"] or response.json()["errors"], (name, text)
        by_page = client.post(urlnames.part_url(spec, record.pk, "field", name), {name: "NUL \x00 inside"})
        assert by_page.status_code == 422, name
    assert ways.saved(spec, record.pk) == before


@pytest.mark.parametrize("key", KEYS)
def test_an_edit_in_place_keeps_it_and_shows_it_escaped(key: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    spec, client = registry.get(key), signed_in(cast.admin)
    record = samples.make(spec, cast.owner)
    for name in [ref.path for ref in ways.texts(spec) if is_free(ref)][:2]:
        for text in (*naughty.KEPT[:5], *share(key, naughty.KEPT[5:16])):
            # when
            response = client.post(urlnames.part_url(spec, record.pk, "field", name), {name: text})
            # then
            shown = ways.body_of(response)
            assert response.status_code in (200, 422), (name, text)
            assert [each for each in RUNS if each in shown] == [], (name, text)
            if response.status_code == 200:
                assert same(now(spec, record, name), text), (name, text)


@pytest.mark.parametrize("key", KEYS)
def test_pages_show_it_escaped_and_files_without_formulas(key: str, cast: Cast, signed_in: SignIn) -> None:
    """One record for each text, made through the form; then every page that shows them."""
    # given
    spec, client, program = registry.get(key), signed_in(cast.admin), ways.Program(cast.admin)
    texts = [
        *naughty.KEPT[:5],
        naughty.KEPT[13],
        *(text for text in naughty.KEPT if text.startswith(FORMULAS)),
    ]
    before = set(spec.model._default_manager.values_list("pk", flat=True))
    for number, text in enumerate(texts):
        given = ways.form_data(spec, samples.sample_values(spec))
        free = {ref.path: f"{text}" for ref in ways.texts(spec) if is_free(ref)}
        # when
        made = client.post(urlnames.create_url(spec), {**given, **free})
        # then
        assert made.status_code in (302, 422), (number, text)
        assert [each for each in RUNS if each in ways.body_of(made)] == [], text
    records = list(spec.model._default_manager.exclude(pk__in=before).order_by("pk")[:6])
    assert records
    columns = ",".join(fields(spec))
    addresses = [url for name, url in ways.lists(spec).items() if name != "export"]
    addresses += [f"{urlnames.list_url(spec)}?view=all&columns={columns}&q=alert"]
    addresses += [urlnames.record_url(spec, record.pk) for record in records]
    for url in addresses:
        shown = ways.body_of(client.get(url, {} if "?" in url else {"view": "all"}))
        assert [each for each in RUNS if each in shown] == [], url
    file = client.get(urlnames.view_url(spec, "export", view="all", columns=columns))
    rows = list(csv.reader(io.StringIO(ways.body_of(file).lstrip("\ufeff")), delimiter=";"))
    assert len(rows) == spec.model._default_manager.count() + 1
    assert [cell for row in rows for cell in row if is_formula(cell)] == []
    assert len(program.items(spec, limit=200)) == len(rows) - 1


def is_free(ref: refs.FieldRef) -> bool:
    """Whether any words will do: not a code, nor what must be told from others."""
    field: Any = ref.field
    return ref.name not in ("code", "tax_id", "tax_country") and (field.max_length or 999) > 60


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would compute it; a plain number is none, nor a telephone."""
    bare = cell.lstrip("+-").replace(" ", "").replace(".", "")
    return cell.startswith(FORMULAS) and not (bare.isdigit() and cell[0] in "+-")


@pytest.mark.parametrize("key", KEYS)
def test_searching_for_it_fails_nowhere(key: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    spec, client, program = registry.get(key), signed_in(cast.admin), ways.Program(cast.admin)
    samples.make(spec, cast.owner)
    for text in (*share(key, naughty.KEPT)[::2], *naughty.REFUSED[:1]):
        leaf = json.dumps({"field": spec.title, "op": "contains", "value": text})
        # when
        page = client.get(urlnames.list_url(spec), {"view": "all", "q": text})
        filtered = client.get(urlnames.list_url(spec), {"filter": leaf})
        # then
        assert page.status_code == filtered.status_code == 200, text
        for shown in (ways.body_of(page), ways.body_of(filtered)):
            assert [each for each in RUNS if each in shown] == [], text
        assert program.get(spec, q=text).status_code == 200, text
        assert client.get(urlnames.options_url(spec), {"q": text}).status_code == 200, text


@pytest.mark.parametrize("key", KEYS)
def test_a_text_that_is_too_long_is_refused_and_a_long_one_kept(
    key: str, cast: Cast, signed_in: SignIn
) -> None:
    # given
    spec, client, program = registry.get(key), signed_in(cast.admin), ways.Program(cast.admin)
    record = samples.make(spec, cast.owner)
    megabyte = "ñ <b> " * 150_000
    for ref in ways.texts(spec):
        before = ways.saved(spec, record.pk)
        # when
        by_program = program.patch(spec, record.pk, {ref.path: megabyte})
        by_page = client.post(urlnames.part_url(spec, record.pk, "field", ref.path), {ref.path: megabyte})
        # then
        assert (by_program.status_code, by_page.status_code) in ((200, 200), (422, 422)), ref.path
        if by_program.status_code == 200:
            assert now(spec, record, ref.path).strip() == megabyte.strip(), ref.path
            assert client.get(urlnames.record_url(spec, record.pk)).status_code == 200
            assert (
                client.get(urlnames.list_url(spec), {"view": "all", "columns": ref.path}).status_code == 200
            )
        else:
            assert ways.saved(spec, record.pk) == before, ref.path


@pytest.mark.parametrize("key", KEYS)
def test_lines_stay_lines(key: str, cast: Cast, signed_in: SignIn) -> None:
    spec, client = registry.get(key), signed_in(cast.admin)
    record = samples.make(spec, cast.owner)
    for ref in ways.texts(spec):
        if ref.kind is not kinds.LongText:
            continue
        for text in naughty.LINES:
            # when
            response = client.post(urlnames.part_url(spec, record.pk, "field", ref.path), {ref.path: text})
            # then
            assert response.status_code == 200
            assert now(spec, record, ref.path).strip() == text.replace("\r\n", "\n").strip()
            assert html.unescape(ways.body_of(response)).count("two") <= 2
