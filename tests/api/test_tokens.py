"""Tokens: shown once, kept hashed, with the rights of their person until they end."""

from __future__ import annotations

import argparse
import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from clientela.config.cli.main import main
from clientela.platform.api import commands, tokens
from clientela.platform.api.models import ApiToken
from tests.security.doors import confirm


def works(client, secret: str) -> bool:
    return bool(
        client.get("/api/v1/accounts", headers={"authorization": f"Bearer {secret}"}).status_code == 200
    )


def test_only_the_hash_is_kept(client, cast):
    token, secret = tokens.issue(cast.owner, "Import")
    assert secret.startswith("clt_")
    assert len(secret) > 45
    stored = ApiToken.objects.values().get(pk=token.pk)
    assert secret not in map(str, stored.values())
    assert secret.startswith(stored["prefix"])
    assert works(client, secret)


def test_the_last_use_is_noted_now_and_then(client, cast):
    token, secret = tokens.issue(cast.owner, "Import")
    assert works(client, secret)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    assert works(client, secret)
    token.refresh_from_db()
    assert token.last_used_at == first


def test_an_ended_token_opens_nothing(client, cast):
    expired, secret = tokens.issue(cast.owner, "Old", days=1)
    assert works(client, secret)
    ApiToken.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert not works(client, secret)
    revoked, secret = tokens.issue(cast.owner, "Lost")
    assert tokens.revoke(cast.owner, revoked.pk)
    assert not works(client, secret)
    _token, secret = tokens.issue(cast.owner, "Gone")
    cast.owner.is_active = False
    cast.owner.save()
    assert not works(client, secret)


def test_the_command_prints_a_token_that_works(client, cast, capsys):
    assert main(["token", "OWNER@example.com"]) == 0
    assert works(client, capsys.readouterr().out.strip())


def test_the_command_knows_who_is_not_there(cast, capsys):
    cast.owner.is_active = False
    cast.owner.save()
    for email in ("nobody@example.com", "owner@example.com"):
        assert commands.run_token(argparse.Namespace(email=email)) == 1
        assert email in capsys.readouterr().err
    assert ApiToken.objects.count() == 0


def test_a_token_made_on_the_page_is_shown_once(cast, client, signed_in):
    browser = signed_in(cast.owner)
    confirm(browser)
    answer = browser.post(reverse("api_tokens"), {"name": "Accounting", "days": "30"})
    secret = answer.content.decode().partition('id="new-token">')[2].partition("<")[0]
    assert works(client, secret)
    token = ApiToken.objects.get()
    assert token.name == "Accounting"
    assert token.expires_at is not None
    assert abs(token.expires_at - timezone.now() - dt.timedelta(days=30)) < dt.timedelta(minutes=1)
    later = browser.get(reverse("api_tokens")).content.decode()
    assert secret not in later
    assert "Accounting" in later


def test_a_token_without_a_name_is_not_made(cast, signed_in):
    browser = signed_in(cast.owner)
    confirm(browser)
    for given in ({"name": "", "days": "30"}, {"name": "x", "days": "7"}):
        assert browser.post(reverse("api_tokens"), given).status_code == 422
    assert ApiToken.objects.count() == 0


def test_one_revokes_only_ones_own(cast, signed_in):
    token, _secret = tokens.issue(cast.owner, "Import")
    address = reverse("api_token_revoke", args=[token.pk])
    assert signed_in(cast.outsider).post(address).status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None
    assert signed_in(cast.owner).get(address).status_code == 405
    assert signed_in(cast.owner).post(address).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None


@pytest.mark.parametrize("name", ["api_tokens"])
def test_visitors_have_no_tokens(client, db, name):
    assert client.get(reverse(name)).status_code == 302
