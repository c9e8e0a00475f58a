"""What the tests of the API share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.platform.api import tokens
from clientela.records import registry, write
from clientela.records.changes import SYSTEM, Operation


@dataclass
class Caller:
    """A program with somebody's token."""

    secret: str

    def __post_init__(self) -> None:
        self.client = Client(headers={"authorization": f"Bearer {self.secret}"}, raise_request_exception=True)

    def get(self, path: str, **parameters: Any):
        return self.client.get(f"/api/v1/{path}", parameters)

    def listed(self, path: str, **parameters: Any) -> dict[str, Any]:
        answer = self.get(path, **parameters)
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def post(self, path: str, body: Any = None):
        return self.client.post(
            f"/api/v1/{path}", json.dumps({} if body is None else body), content_type="application/json"
        )

    def patch(self, path: str, body: Any):
        return self.client.patch(f"/api/v1/{path}", json.dumps(body), content_type="application/json")

    def delete(self, path: str):
        return self.client.delete(f"/api/v1/{path}")


@pytest.fixture
def calling(db):
    """A caller for a person: `calling(cast.owner).get("accounts")`."""

    def call(user: User) -> Caller:
        return Caller(tokens.issue(user, "tests")[1])

    return call


@pytest.fixture
def operation(cast) -> Operation:
    """An act of the administrator."""
    return Operation(actor_of(cast.admin), SYSTEM)


@pytest.fixture
def make(operation):
    """Make a record: `make("account", name="Acme")`."""

    def create(key: str, **values: Any):
        return write.create(registry.get(key), values, operation=operation)

    return create
