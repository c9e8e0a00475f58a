"""Nothing that anybody sends is answered by a failure of the server."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from clientela.platform.api import tokens
from clientela.records import refs, registry
from clientela.records.conditions import OPERATORS

QUICK = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
RECORDS = ("accounts", "contacts", "leads", "opportunities", "stages", "notes", "users")
DESCRIBED = ("accounts", "opportunities", "notes", "users")
"""Those of whose whole description calls are made here; `test_fuzz` takes all."""

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["2026-02-30", "me", "today", "1e400", "-0", "\x00", 10**400, 2**63, -(2**63), 1e308]),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3),
    max_leaves=6,
)


def field_names(plural: str) -> list[str]:
    spec = registry.by_plural(plural)
    assert spec is not None
    return [*refs.fields_of(spec), "account__name", "owner__email", "stage__kind", "nope", "id__id", ""]


def leaves(plural: str) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {
            "field": st.sampled_from(field_names(plural)),
            "op": st.sampled_from([*OPERATORS, "nope"]),
            "value": values,
        }
    )


def trees(plural: str) -> st.SearchStrategy[Any]:
    def around(inside: Any) -> st.SearchStrategy[Any]:
        groups = st.fixed_dictionaries({"all": st.lists(inside, max_size=3)})
        return (
            groups
            | st.fixed_dictionaries({"any": values | st.lists(inside, max_size=2)})
            | st.fixed_dictionaries({"not": inside})
        )

    return st.recursive(leaves(plural), around, max_leaves=4)


@pytest.fixture
def clients(cast, make) -> list[Client]:
    """An administrator's and a reader's programs, and something to read."""
    account = make("account", name="Áridos del Jalón", annual_revenue="10.5", currency="EUR")
    make("opportunity", name="Flota", account=account.pk, amount="99.95", currency="EUR")
    make("contact", first_name="Ana", last_name="Gil", account=account.pk)
    secrets = [tokens.issue(user, "tests")[1] for user in (cast.admin, cast.reader)]
    return [Client(headers={"authorization": f"Bearer {secret}"}) for secret in secrets]


@pytest.mark.parametrize("plural", RECORDS)
def test_no_list_fails(clients, plural):
    texts = st.text(max_size=15) | st.sampled_from(field_names(plural))

    @QUICK
    @given(
        tree=trees(plural) | values,
        sort=st.lists(texts, max_size=3),
        fields=st.lists(texts, max_size=3),
        rest=st.dictionaries(st.sampled_from(["q", "cursor", "limit"]), texts, max_size=2),
    )
    def ask(tree: Any, sort: list[str], fields: list[str], rest: dict[str, str]) -> None:
        parameters = {"filter": json.dumps(tree), **rest}
        parameters |= {name: ",".join(each) for name, each in (("sort", sort), ("fields", fields)) if each}
        for chosen in (parameters, {"filter": parameters["filter"]}):
            usable = {name: text.encode("utf-8", "surrogatepass") for name, text in chosen.items()}
            for client in clients:
                assert client.get(f"/api/v1/{plural}", usable).status_code in (200, 400)

    ask()


@pytest.mark.parametrize("plural", RECORDS)
def test_no_write_fails(clients, plural):
    bodies = st.dictionaries(st.sampled_from(field_names(plural)) | st.text(max_size=5), values, max_size=5)

    @QUICK
    @given(body=bodies | values)
    def send(body: Any) -> None:
        raw = json.dumps(body)
        for client, method, path in (
            (clients[0], "POST", plural),
            (clients[0], "PATCH", f"{plural}/1"),
            (clients[1], "POST", plural),
        ):
            answer = client.generic(method, f"/api/v1/{path}", raw, content_type="application/json")
            assert answer.status_code in (200, 201, 204, 400, 403, 404, 409, 422)

    send()


def send_case(client: Client, case: Any) -> int:
    """The status of a call that schemathesis made up, sent in the test's own transaction."""
    wanted = case.as_transport_kwargs(base_url="http://localhost")
    kept = {name: wanted[name] for name in ("method", "url", "params", "json", "data") if name in wanted}
    prepared = requests.Request(**kept).prepare()
    address = urlsplit(str(prepared.url))
    answer = client.generic(
        str(prepared.method),
        address.path,
        prepared.body or b"",
        content_type=str(prepared.headers.get("Content-Type", "application/json")),
        QUERY_STRING=address.query,
    )
    return answer.status_code


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_what_schemathesis_makes_of_the_document_is_answered(clients, mode):
    """A few hundred calls, as the document has them and just not so, by an administrator and a reader."""
    document = clients[0].get("/api/v1/openapi.json").json()
    chosen = {path: item for path, item in document["paths"].items() if path.split("/")[3] in DESCRIBED}
    schema = schemathesis.openapi.from_dict({**document, "paths": chosen})
    statuses: list[int] = []
    for found in schema.get_all_operations():
        operation: Any = found

        @settings(QUICK, max_examples=4)
        @given(case=operation.ok().as_strategy(generation_mode=mode))
        def call(case: Any) -> None:
            statuses.extend(send_case(client, case) for client in clients)

        call()
    assert len(statuses) > 200
    assert [status for status in statuses if status >= 500] == []
