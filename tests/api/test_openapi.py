"""The document says what the API does.

`CLIENTELA_TEST_UPDATE_OPENAPI=1` writes the surface of this run into openapi.json, where a change is meant.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from django.urls import reverse

from clientela.access import policy
from clientela.records import registry

SNAPSHOT = Path(__file__).with_name("openapi.json")


def document(client) -> dict[str, Any]:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def compact(found: dict[str, Any]) -> dict[str, Any]:
    """Addresses with their methods, and schemas with the names of their fields."""
    methods = ("get", "post", "patch", "delete")
    return {
        "paths": {path: [each for each in methods if each in item] for path, item in found["paths"].items()},
        "schemas": {
            name: sorted(each.get("properties", {})) for name, each in found["components"]["schemas"].items()
        },
    }


def test_the_surface_is_the_one_that_was_agreed(client, cast):
    client.force_login(cast.admin)
    found = compact(document(client))
    if os.environ.get("CLIENTELA_TEST_UPDATE_OPENAPI") == "1":
        SNAPSHOT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_it_is_openapi_31_whose_references_all_lead_somewhere(client, db):
    found = document(client)
    assert found["openapi"] == "3.1.0"

    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [ref for each in value.values() for ref in references(each)]
        return [ref for each in value for ref in references(each)] if isinstance(value, list) else []

    for reference in set(references(found)):
        place: Any = found
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
        assert place
    operations = [
        operation["operationId"]
        for item in found["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
    ]
    assert len(operations) == len(set(operations))


def test_hidden_fields_are_not_told_of(client, cast, monkeypatch):
    monkeypatch.setattr(
        policy,
        "hidden_fields",
        lambda actor, subject: frozenset() if actor.is_admin else frozenset({"employees"}),
    )
    assert "employees" not in client.get("/api/v1/openapi.json").content.decode()
    client.force_login(cast.reader)
    assert "employees" not in client.get("/api/v1/openapi.json").content.decode()
    client.force_login(cast.admin)
    assert "employees" in client.get("/api/v1/openapi.json").content.decode()


def test_the_page_reads_it_aloud_without_scripts_or_styles_of_its_own(client, cast, signed_in):
    for browser in (client, signed_in(cast.reader)):
        answer = browser.get(reverse("api_docs"))
        assert answer.status_code == 200
        html = answer.content.decode()
        assert "/api/v1/opportunities/{id}/win" in html
        assert "<script>" not in html
        assert " style=" not in html
        assert "onclick" not in html


def test_every_record_is_in_it(client, cast):
    client.force_login(cast.admin)
    paths = document(client)["paths"]
    assert [spec.plural for spec in registry.every() if f"/api/v1/{spec.plural}" not in paths] == []
