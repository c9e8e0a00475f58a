"""Company accounts let in people who are here, by an e-mail that the provider has verified."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken

from clientela.access.models import User
from clientela.config import oidc
from clientela.config.environment import ConfigurationError
from tests.security.doors import browser, events, set_up_codes, sign_in, signed_in, who
from tests.security.provider import Provider

LOGIN, BACK = "/account/company/ebro/", "/account/company/ebro/callback/"


@pytest.fixture
def provider(settings, cast) -> Iterator[Provider]:
    made = Provider({"sub": "42", "email": cast.owner.email, "email_verified": True})
    settings.OIDC_PROVIDERS = [made.app()]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": settings.OIDC_PROVIDERS}}
    yield made
    made.close()


def come_back(client, provider: Provider):
    """Press the button, agree at the provider, and come back."""
    away = client.post(LOGIN)
    assert away.status_code == 302
    assert away.headers["Location"].startswith(f"{provider.url}/authorize?")
    return client.get(BACK, provider.authorise(away.headers["Location"]))


def refused(answer, words: str) -> None:
    assert answer.status_code == 403
    assert words in answer.content.decode()


def test_a_person_who_is_here_gets_in(provider, cast):
    assert "Sign in with Ebro" in browser().get("/account/login/").content.decode()
    client = browser()
    assert come_back(client, provider).headers["Location"] == "/"
    assert who(client) == cast.owner.pk
    assert events()[-1] == "signed_in"
    assert User.objects.count() == 6
    assert not SocialToken.objects.exists()
    assert sign_in(browser(), cast.owner).status_code == 302


def test_the_second_time_the_providers_own_id_counts(provider, cast):
    come_back(browser(), provider)
    provider.claims["email"] = "renamed@example.com"
    client = browser()
    come_back(client, provider)
    assert who(client) == cast.owner.pk


@pytest.mark.parametrize("verified", [False, None, "false", "true"])
def test_an_unverified_e_mail_is_not_believed(provider, verified):
    provider.claims["email_verified"] = verified
    client = browser()
    refused(come_back(client, provider), "does not say that your e-mail is verified")
    assert who(client) is None
    assert not SocialAccount.objects.exists()
    assert events() == ["sign_in_failed"]


def test_strangers_and_people_switched_off_stay_out(provider, cast):
    User.objects.filter(pk=cast.reader.pk).update(is_active=False)
    for email in ("stranger@example.com", cast.reader.email):
        provider.claims["email"] = email
        client = browser()
        refused(come_back(client, provider), "Nobody here has the e-mail")
        assert who(client) is None
    assert User.objects.count() == 6


def test_who_is_switched_off_later_stays_out(provider, cast):
    come_back(browser(), provider)
    User.objects.filter(pk=cast.owner.pk).update(is_active=False)
    client = browser()
    assert come_back(client, provider).headers["Location"] == "/account/inactive/"
    assert who(client) is None


def test_only_the_domains_of_the_company_count(provider, settings, cast):
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [provider.app(domains=["ebro.example"])]}}
    client = browser()
    refused(come_back(client, provider), "Nobody here has the e-mail")


@pytest.mark.parametrize(
    "wrong", [{"audience": "another"}, {"issuer": "https://evil.example"}, {"asked": {"sub": "43"}}]
)
def test_an_answer_for_somebody_else_is_refused(provider, wrong):
    for name, value in wrong.items():
        setattr(provider, name, value)
    client = browser()
    refused(come_back(client, provider), "did not confirm who you are")
    assert who(client) is None


def test_an_answer_nobody_asked_for_is_refused(provider):
    victim, attacker = browser(), browser()
    brought = provider.authorise(attacker.post(LOGIN).headers["Location"])
    refused(victim.get(BACK, brought), "did not confirm who you are")
    refused(victim.get(BACK, {"code": "x"}), "did not confirm who you are")
    refused(victim.get(BACK, {"error": "access_denied"}), "did not confirm who you are")
    assert who(victim) is None


def test_a_code_works_once(provider, cast):
    client = browser()
    brought = provider.authorise(client.post(LOGIN).headers["Location"])
    assert client.get(BACK, brought).status_code == 302
    assert who(client) == cast.owner.pk
    again = browser()
    refused(again.get(BACK, brought), "did not confirm who you are")


def test_opening_the_address_signs_nobody_in(provider):
    answer = browser().get(LOGIN)
    assert answer.status_code == 200
    assert provider.challenges == {}


def test_ones_own_second_factor_is_still_asked_for(provider, cast):
    set_up_codes(signed_in("203.0.113.1", cast.owner))
    client = browser()
    assert come_back(client, provider).headers["Location"] == "/account/code/"
    assert who(client) is None


def test_there_is_no_other_provider(provider):
    assert browser().post("/account/company/other/").status_code == 404


FILE = """
[ebro]
name = "Cuenta de Ebro"
issuer = "https://id.ebro.example/realm/"
client_id = "clientela"
client_secret_file = "{secret}"
domains = ["Ebro.example"]
"""


def test_providers_come_from_a_file(tmp_path):
    (tmp_path / "secret").write_text("hush\n")
    path = tmp_path / "oidc.toml"
    path.write_text(FILE.format(secret=tmp_path / "secret"))
    (app,) = oidc.providers(str(path))
    assert (app["provider_id"], app["name"], app["secret"]) == ("ebro", "Cuenta de Ebro", "hush")
    assert app["settings"]["server_url"] == "https://id.ebro.example/realm"
    assert app["settings"]["domains"] == ["ebro.example"]
    assert oidc.origins([app]) == ["https://id.ebro.example"]
    assert oidc.providers("") == []


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "[ebro]\nissuer='https://x.example'",
        "[ebro]\nissuer='http://x.example'\nclient_id='a'\nclient_secret='b'",
        "[ebro]\nissuer='https://x.example'\nclient_id='a'\nclient_secret='b'\nsurprise=1",
        "[ebro]\nissuer='https://x.example'\nclient_id='a'\nclient_secret_file='/nowhere/at/all'",
        "['Bad name']\nissuer='https://x.example'\nclient_id='a'\nclient_secret='b'",
    ],
)
def test_a_file_that_cannot_be_used_says_so(tmp_path, text):
    path = tmp_path / "oidc.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match="CLIENTELA_OIDC"):
        oidc.providers(str(path))


@pytest.mark.parametrize("wrong", ["key", "algorithm", "none", "nonce", "old", "missing", "redirect"])
def test_an_answer_that_is_not_signed_for_this_sign_in_is_refused(provider, wrong):
    provider.wrong = wrong
    client = browser()
    assert come_back(client, provider).status_code == 403
    assert who(client) is None
    assert not SocialAccount.objects.exists()
    assert events()[-1] == "sign_in_failed"


def test_a_provider_that_calls_itself_otherwise_is_refused(provider, settings):
    settings.OIDC_PROVIDERS = [provider.app(issuer="https://login.ebro.example")]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": settings.OIDC_PROVIDERS}}
    client = browser()
    assert client.post(LOGIN).status_code == 403
    assert who(client) is None


@pytest.mark.parametrize(
    "name", ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"]
)
def test_a_provider_is_asked_nowhere_in_the_clear(provider, name, caplog):
    provider.elsewhere = {name: "http://login.ebro.example/somewhere"}
    client = browser()
    assert client.post(LOGIN).status_code == 403
    assert name in caplog.text
    assert who(client) is None


def test_two_providers_that_use_one_id_speak_of_two_people(provider, settings, cast):
    # given another provider whose "42" is somebody else
    other = Provider({"sub": "42", "email": cast.teammate.email, "email_verified": True})
    apps = [provider.app(), {**other.app(), "provider_id": "jalon", "name": "Jalón"}]
    settings.OIDC_PROVIDERS = apps
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": apps}}
    # when both come in, and come again
    found = []
    for _round in range(2):
        client = browser()
        come_back(client, provider)
        found.append(who(client))
        client = browser()
        away = client.post("/account/company/jalon/").headers["Location"]
        client.get("/account/company/jalon/callback/", other.authorise(away))
        found.append(who(client))
    other.close()
    # then
    assert found == [cast.owner.pk, cast.teammate.pk] * 2


def test_a_provider_that_is_down_refuses_with_words(provider, caplog):
    provider.close()
    answer = browser().post(LOGIN)
    assert answer.status_code == 403
    assert "<h1>" in answer.content.decode()
    assert "Company account ebro" in caplog.text


def test_what_goes_to_the_provider_cannot_be_guessed(provider):
    found = [parse_qs(urlsplit(browser().post(LOGIN).headers["Location"]).query) for _n in range(2)]
    assert {each["code_challenge_method"][0] for each in found} == {"S256"}
    for name in ("state", "nonce", "code_challenge"):
        one, other = (each[name][0] for each in found)
        assert one != other
        assert len(one) >= 43, name
