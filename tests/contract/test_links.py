"""Nobody learns over a link what he may not see: neither its values, nor its name, nor which record it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.records import refs
from tests.cast import Cast
from tests.contract import links, ways

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
EVERY = pytest.mark.parametrize(("key", "link"), links.PAIRS)


@EVERY
def test_no_answer_depends_on_a_hidden_record(key: str, link: str, cast: Cast, signed_in: SignIn) -> None:
    made = links.world(key, link, cast)
    client, program = signed_in(cast.owner), ways.Program(cast.owner)
    links.say(made, 2)
    links.say(made, 1)
    before = links.answers(made, client, program)
    # when they say something else, and are tied to others
    links.say(made, 2)
    links.tie(made, [made.hidden[1], None, made.hidden[0], None])
    afterwards = links.answers(made, client, program)
    assert {way for way in before if before[way] != afterwards[way]} == set()
    told = {way for way in before if links.MARKER in before[way] and links.MARKER not in way}
    assert told <= {"search", "options by name", "options of the target"}  # they repeat what was asked


@EVERY
def test_no_order_and_no_filter_depends_on_it(key: str, link: str, cast: Cast) -> None:
    made = links.world(key, link, cast)
    links.say(made, 2)
    links.say(made, 1)
    before = links.orders(made), links.matches(made)
    links.say(made, 2)
    assert (links.orders(made), links.matches(made)) == before


@EVERY
def test_what_is_hidden_counts_as_empty(key: str, link: str, cast: Cast) -> None:
    made = links.world(key, link, cast)
    found = links.matches(made)
    hidden = {made.rows[0].pk, made.rows[2].pk}
    for name in (path for path in made.paths() if not refs.resolve(made.spec, path).many):
        if "empty" in refs.resolve(made.spec, name).kind.operators:
            leaf = f'{{"field": "{name}", "op": "%s", "value": null}}'
            assert hidden <= set(found[leaf % "empty"])
            assert not hidden & set(found[leaf % "not_empty"])
    for sort, order in links.orders(made).items():
        if sort.lstrip("-") == f"{link}__{made.target.title}":
            assert all(order.index(made.rows[1].pk) < order.index(each) for each in hidden)


@EVERY
def test_who_sees_everything_is_told_as_before(key: str, link: str, cast: Cast, signed_in: SignIn) -> None:
    made = links.world(key, link, cast)
    made.reader = actor_of(cast.admin)
    client, program = signed_in(cast.admin), ways.Program(cast.admin)
    told = {way: url for way, url in links.addresses(made) if way in ("list", "export")}
    for way, url in told.items():
        assert links.MARKER in links.answer(client, url), way
    by_program = program.get(made.spec, fields=links.api_fields(made)).content.decode()
    assert links.MARKER in by_program
