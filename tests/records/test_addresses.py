"""A filter stands short in the address of a list, and every form of it is read."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.access.actor import actor_of
from clientela.domain.sales.models import Stage
from clientela.platform.lists import addresses, listing
from clientela.records.errors import ConditionError
from tests.cast import Cast
from tests.records.deals import deal, deals, names

FLAT = {"all": [{"field": "stage", "op": "in", "value": [3]}, {"field": "account.name", "op": "empty"}]}
values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.lists(st.integers())
)
leaves = st.fixed_dictionaries(
    {"field": st.text("abc._", min_size=1), "op": st.text("abc", min_size=1)}, optional={"value": values}
)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: {"all": parts})
        | st.lists(inner, max_size=3).map(lambda parts: {"any": parts})
        | inner.map(lambda part: {"not": part})
    ),
    max_leaves=6,
)


def test_parts_that_all_must_hold_are_written_as_rows() -> None:
    assert addresses.written(FLAT) == '[["stage","in",[3]],["account.name","empty"]]'
    query = addresses.query({"view": "all", "filter": addresses.written(FLAT)})
    assert (
        query
        == "view=all&filter=%5B%5B%22stage%22,%22in%22,%5B3%5D%5D,%5B%22account.name%22,%22empty%22%5D%5D"
    )
    assert parse_qs(query)["filter"] == [addresses.written(FLAT)]


@given(trees)
def test_what_is_written_is_read_as_it_was(tree: dict[str, object]) -> None:
    assert addresses.condition(addresses.written(tree)) == tree
    assert addresses.condition(json.dumps(tree)) == tree


@pytest.mark.parametrize(
    "text", ["{", "3", '"all"', "null", '"\\ud83d"', '[["name","is","\\ud83d"]]', "[" * 99_999]
)
def test_what_is_no_filter_is_none(text: str) -> None:
    assert addresses.condition(text) is None


@pytest.mark.django_db
def test_a_list_reads_rows_and_trees_alike(cast: Cast, stages: list[Stage]) -> None:
    # given
    deal(cast, stages[0], "Crane", 7000)
    deal(cast, stages[1], "Crane hire", 9000)
    deal(cast, stages[0], "Lathe", 1000)
    rows: list[tuple[str, str, object]] = [("amount", "gt", "5000"), ("stage", "in", [stages[0].pk])]
    tree = {"all": [{"field": field, "op": operator, "value": value} for field, operator, value in rows]}
    # when
    found = [names(cast, view="all", sort="name", filter=each) for each in (rows, tree)]
    # then
    assert found == [["Crane"], ["Crane"]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "rows", [[3], [["name"]], [["name", "is", "x", 4]], [[["name"], "is", "x"]], [[{}, {}]]]
)
def test_rows_that_are_none_are_refused_in_words(cast: Cast, rows: list[object]) -> None:
    # given
    state = listing.read(deals(), actor_of(cast.admin), f"view=all&filter={json.dumps(rows)}")
    # when, then
    with pytest.raises(ConditionError):
        state.rows(actor_of(cast.admin))
