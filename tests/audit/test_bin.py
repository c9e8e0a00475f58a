"""The bin: what was deleted, restored with what hung on it."""

from __future__ import annotations

import pytest

from clientela.access import policy
from clientela.domain.parties.models import Account
from clientela.records import write
from tests.audit.acting import ACCOUNT, act, delete

pytestmark = pytest.mark.django_db


def test_a_deleted_record_comes_back_with_what_hung_on_it_and_no_more(cast, signed_in, account):
    other = write.create(ACCOUNT, {"name": "Other", "owner": cast.owner.pk}, operation=act(cast.owner))
    kept = Account.objects.filter(pk=account.pk).values().get()
    delete(cast.owner, account, other)
    client = signed_in(cast.owner)

    page = client.get("/bin/accounts/").content.decode()
    assert "Áridos" in page
    assert "Other" in page
    assert "Áridos" not in client.get("/bin/accounts/?q=other").content.decode()

    assert client.post(f"/bin/accounts/{account.pk}/restore/").status_code == 302
    back = Account.objects.filter(pk=account.pk).values().get()
    left_out = {"version", "updated_at"}
    assert {k: v for k, v in back.items() if k not in left_out} == {
        k: v for k, v in kept.items() if k not in left_out
    }
    assert not Account.objects.filter(pk=other.pk).exists()
    assert "Áridos" not in client.get("/bin/accounts/").content.decode()
    assert client.post(f"/bin/accounts/{account.pk}/restore/").status_code == 404


@pytest.mark.parametrize(
    ("who", "status"), [("outsider", 404), ("reader", 404), ("manager", 302), ("admin", 302)]
)
def test_who_could_see_and_may_delete_it_restores_it(cast, signed_in, account, who, status):
    delete(cast.owner, account)
    client = signed_in(getattr(cast, who))

    page = client.get("/bin/accounts/")
    assert ("Áridos" in page.content.decode()) is (status == 302)
    assert client.post(f"/bin/accounts/{account.pk}/restore/").status_code == status
    assert Account.objects.filter(pk=account.pk).exists() is (status == 302)


def test_the_bin_opens_at_a_kind_of_the_menu(cast, signed_in):
    answer = signed_in(cast.admin).get("/bin/")
    assert (answer.status_code, answer["Location"]) == (302, "/bin/accounts/")


def test_the_bin_is_not_searched_by_titles_that_are_hidden(cast, signed_in, account, monkeypatch):
    delete(cast.owner, account)
    hidden = {ACCOUNT: frozenset({"name"})}
    real = policy.hidden_fields
    monkeypatch.setattr(
        policy,
        "hidden_fields",
        lambda actor, spec: real(actor, spec) if actor.is_admin else hidden.get(spec, frozenset()),
    )
    client = signed_in(cast.owner)

    assert "/restore/" in client.get("/bin/accounts/").content.decode()
    for words in ("ridos", "Áridos", "nothing like it"):
        page = client.get("/bin/accounts/", {"q": words}).content.decode()
        assert "/restore/" not in page
        assert 'role="search" aria-label="Search the bin"' not in page
        assert "Áridos" not in page
    assert "/restore/" in signed_in(cast.admin).get("/bin/accounts/", {"q": "ridos"}).content.decode()
