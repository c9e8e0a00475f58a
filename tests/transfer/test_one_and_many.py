"""The set-based door writes what the single one writes: the same rows, the same history."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clientela.access.actor import actor_of
from clientela.platform.audit.models import Change
from clientela.records import registry, values, write
from clientela.records.changes import PAGE, Operation
from clientela.records.errors import Invalid

MOMENTS = {"id", "created_at", "updated_at", "stage_since", "closed_at", "entered_at", "left_at", "version"}
TEXT = st.text(alphabet="aÑé '\"\\;,\n\t=", max_size=12)
ACCOUNTS = st.fixed_dictionaries(
    {"name": TEXT},
    optional={
        "email": st.sampled_from(["", "a@example.com", "nobody", "b@example.com"]),
        "phone": st.sampled_from(["", "976550182", "not a number", "+34600112233"]),
        "country": st.sampled_from(["", "ES", "fr", "Spain"]),
        "tax_id": st.sampled_from(["", "B22319073", "A50048719", "x"]),
        "annual_revenue": st.sampled_from([None, "1", "12.345", "1e30", "-5.10"]),
        "employees": st.sampled_from([None, 0, 7, -1]),
        "kind": st.sampled_from(["customer", "prospect", "friend"]),
        "description": TEXT,
        "phones": st.lists(
            st.fixed_dictionaries(
                {"phone": st.sampled_from(["", "976550182", "1"])}, optional={"main": st.booleans()}
            ),
            max_size=2,
        ),
    },
)
DEALS = st.fixed_dictionaries(
    {"name": TEXT},
    optional={
        "amount": st.sampled_from([None, "10", "10.555", "99999999999999999999"]),
        "currency": st.sampled_from(["", "EUR", "usd", "XXX"]),
        "probability": st.sampled_from([None, "50", "1000"]),
        "close_date": st.sampled_from([None, "2026-03-31", "tomorrow"]),
        "stage": st.sampled_from([None, 1, 2, 6, 999_999]),
    },
)


def outcome(spec, instance) -> dict[str, Any]:
    """Its kept values without what the moment and the number decide."""
    found = {name: value for name, value in values.snapshot(spec, instance).items() if name not in MOMENTS}
    return {name: _bare(value) for name, value in found.items()}


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        return [_bare(each) for each in value]
    return {k: v for k, v in value.items() if k not in MOMENTS} if isinstance(value, dict) else value


def history(spec, instance) -> list[tuple[str, dict[str, Any]]]:
    rows = Change.objects.filter(record=spec.key, record_id=instance.pk).order_by("id")
    return [
        (row.verb, {name: _bare(value) for name, value in row.after.items() if name not in MOMENTS})
        for row in rows
    ]


def one_by_one(spec, items, actor):
    for item in items:
        try:
            yield write.apply(spec, None, item, actor=actor, source=PAGE)
        except Invalid as error:
            yield error.errors


@pytest.mark.parametrize(("key", "rows"), [("account", ACCOUNTS), ("opportunity", DEALS)])
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_one_and_many_agree(cast, key, rows, data):
    spec, actor = registry.get(key), actor_of(cast.admin)
    items = data.draw(st.lists(rows, min_size=1, max_size=4))

    single = list(one_by_one(spec, items, actor))
    many = write.apply_many(spec, [(None, item) for item in items], operation=Operation(actor, PAGE))

    for place, alone in enumerate(single):
        if isinstance(alone, dict):
            assert many.errors[place] == alone
        else:
            together = many.instances[place]
            alone.refresh_from_db()
            together.refresh_from_db()
            assert outcome(spec, together) == outcome(spec, alone)
            assert history(spec, together) == history(spec, alone)
