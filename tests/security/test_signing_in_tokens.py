"""Tokens do what their scope says and nothing else."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.test import Client
from django.utils import timezone

from clientela.access.actor import actor_of
from clientela.config.cli.main import main
from clientela.platform.api import scopes, tokens
from clientela.platform.api.models import ApiToken
from clientela.platform.audit.models import SecurityEvent
from clientela.records import registry, write
from clientela.records.changes import SYSTEM, Operation
from tests.security.doors import confirm, events

LEAD = {"last_name": "Solé", "company": "Forns Solé", "email": "sole@example.com"}


class Program:
    """Something that calls the API with a token."""

    def __init__(self, secret: str) -> None:
        self.client = Client(headers={"authorization": f"Bearer {secret}"})

    def __call__(self, method: str, path: str, body: object = None) -> int:
        self.answer = self.client.generic(
            method, f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json"
        )
        return int(self.answer.status_code)


@pytest.fixture
def make(cast):
    operation = Operation(actor_of(cast.admin), SYSTEM)
    return lambda key, **values: write.create(registry.get(key), values, operation=operation)


def with_scope(user, scope) -> Program:
    return Program(tokens.issue(user, "tests", 1, scope)[1])


def test_a_token_that_only_adds_leads(cast, make):
    lead, account = make("lead", **LEAD), make("account", name="Acme")
    program = with_scope(cast.owner, {"lead": "create"})
    assert program("POST", "leads", LEAD) == 201, program.answer.content
    made = program.answer.json()["id"]
    before = registry.get("lead").model._default_manager.count()
    everything_else = [
        ("GET", "leads"),
        ("GET", f"leads/{made}"),
        ("GET", f"leads/{lead.pk}"),
        ("PATCH", f"leads/{made}"),
        ("DELETE", f"leads/{made}"),
        ("POST", f"leads/{lead.pk}/convert"),
        ("GET", "accounts"),
        ("POST", "accounts"),
        ("GET", f"accounts/{account.pk}"),
        ("PATCH", f"accounts/{account.pk}"),
        ("GET", "users"),
        ("POST", "opportunities"),
    ]
    for method, path in everything_else:
        body = {"name": "Mine"} if method in ("POST", "PATCH") else None
        assert program(method, path, body) in (403, 404), (method, path, program.answer.content)
    assert registry.get("lead").model._default_manager.count() == before
    account.refresh_from_db()
    assert account.name == "Acme"


def test_a_token_that_only_reads(cast, make):
    account = make("account", name="Acme", owner=cast.owner.pk)
    program = with_scope(cast.owner, {"*": "read"})
    assert program("GET", f"accounts/{account.pk}") == 200
    assert program("PATCH", f"accounts/{account.pk}", {"name": "Mine"}) == 403
    assert program("POST", "leads", LEAD) == 403
    account.refresh_from_db()
    assert account.name == "Acme"


def test_what_a_token_may_not_do_is_kept_once_a_minute(cast):
    token, secret = tokens.issue(cast.owner, "tests", 1, {"*": "read"})
    program = Program(secret)
    for _each in range(3):
        assert program("POST", "leads", LEAD) == 403
    found = SecurityEvent.objects.get(kind="access_refused")
    assert (found.user, found.detail) == (cast.owner, f"POST /api/v1/leads {token.prefix}")
    assert secret not in found.detail


def test_a_scope_by_kind_of_record(cast, make):
    account = make("account", name="Acme", owner=cast.owner.pk)
    program = with_scope(cast.owner, {"account": "write", "lead": "read"})
    assert program("PATCH", f"accounts/{account.pk}", {"name": "Acme S.L."}) == 200
    assert program("GET", "leads") == 200
    assert program("POST", "leads", LEAD) == 403
    assert program("GET", "opportunities") == 404
    assert program("GET", "users") == 200


def test_a_token_gives_no_right_its_person_lacks(cast, make):
    account = make("account", name="Acme", owner=cast.outsider.pk)
    program = with_scope(cast.reader, {"account": "write"})
    assert program("PATCH", f"accounts/{account.pk}", {"name": "Mine"}) == 403


@pytest.mark.parametrize(
    "scope", [{"lead": "everything"}, {"nothing": "read"}, {"*": "write"}, {"*": "read", "lead": "read"}]
)
def test_a_scope_that_says_nothing_is_not_taken(cast, scope):
    with pytest.raises(ValueError, match=r"[“«]"):
        tokens.issue(cast.owner, "x", 1, scope)
    assert not ApiToken.objects.exists()


def test_tokens_are_kept_hashed_and_every_step_is_noted(cast):
    token, secret = tokens.issue(cast.owner, "Web form", 1)
    assert secret not in str(ApiToken.objects.values().get())
    tokens.revoke(cast.owner, token.pk)
    assert Program(secret)("GET", "accounts") == 401
    assert Program("clt_forged")("GET", "accounts") == 401
    assert events() == ["token_made", "token_revoked", "token_refused"]


def test_an_expired_or_orphaned_token_opens_nothing(cast):
    token, secret = tokens.issue(cast.owner, "Old", 1)
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert Program(secret)("POST", "leads", LEAD) == 401
    _token, other = tokens.issue(cast.teammate, "Hers", 1)
    cast.teammate.is_active = False
    cast.teammate.save()
    assert Program(other)("POST", "leads", LEAD) == 401
    assert not registry.get("lead").model._default_manager.exists()


def test_a_session_is_no_token_and_a_token_no_session(cast, signed_in):
    assert signed_in(cast.owner).get("/api/v1/accounts").status_code == 401
    _token, secret = tokens.issue(cast.owner, "x", 1)
    assert Client(headers={"authorization": f"Bearer {secret}"}).get("/profile/").status_code == 302


def test_the_page_makes_a_token_with_a_scope(cast, signed_in):
    client = signed_in(cast.owner)
    given = {"name": "Web form", "days": "90", "width": "chosen", "lead": "create"}
    asked = client.post("/profile/tokens/", given)
    assert asked.headers["Location"].startswith("/account/reauthenticate/")
    assert not ApiToken.objects.exists()
    confirm(client)
    answer = client.post("/profile/tokens/", given)
    secret = answer.content.decode().partition('id="new-token">')[2].partition("<")[0]
    assert ApiToken.objects.get().scope == {"lead": "create"}
    assert Program(secret)("POST", "leads", LEAD) == 201
    assert "only add: Leads" in answer.content.decode()
    assert client.post("/profile/tokens/", {"name": "x", "days": "90", "width": "chosen"}).status_code == 422
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize("width", ["all", "read"])
def test_kinds_chosen_beside_a_wider_token_make_none(cast, signed_in, width):
    client = signed_in(cast.owner)
    confirm(client)

    given = {"name": "Web form", "days": "90", "width": width, "lead": "create"}
    answer = client.post("/profile/tokens/", given)

    assert answer.status_code == 422
    assert "or nothing below: this allows more." in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_an_administrator_sees_and_revokes_everybodys(cast, signed_in):
    token, secret = tokens.issue(cast.owner, "Web form", 1)
    admin = signed_in(cast.admin)
    page = admin.get("/settings/tokens/").content.decode()
    assert "Web form" in page
    assert secret not in page
    address = f"/settings/tokens/{token.pk}/revoke/"
    assert signed_in(cast.manager).post(address).status_code == 403
    assert Program(secret)("GET", "leads") == 200
    assert admin.post(address).status_code == 302
    assert Program(secret)("GET", "leads") == 401


def test_the_command_makes_limited_tokens(cast, capsys):
    assert main(["token", cast.owner.email, "--records", "leads:create,account:read", "--expires", "7"]) == 0
    token = ApiToken.objects.get()
    assert token.scope == {"lead": "create", "account": "read"}
    assert token.expires_at is not None
    assert Program(capsys.readouterr().out.strip())("POST", "leads", LEAD) == 201
    assert main(["token", cast.owner.email, "--read-only"]) == 0
    assert ApiToken.objects.first().scope == {"*": "read"}  # type: ignore[union-attr]
    for wrong, words in (
        (["--records", "nonsense"], "No existen los registros «nonsense»."),
        (["--records", "leads:fly"], "No existe el nivel «fly» para «lead»."),
        (["--records", "leads:write", "--read-only"], "Una clave que solo lee no tiene otro nivel."),
    ):
        capsys.readouterr()
        assert main(["token", cast.owner.email, *wrong]) == 1
        assert capsys.readouterr().err == f"{words}\n"
    assert ApiToken.objects.count() == 2


def test_words_of_the_command():
    assert scopes.of_words(["leads", " accounts:read "]) == {"lead": "write", "account": "read"}
    assert scopes.of_words(["leads"], read_only=True) == {"lead": "read"}
    assert scopes.of_words([]) == {}
