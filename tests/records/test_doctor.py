"""Lists that lack an index are named."""

from __future__ import annotations

import pytest
from django.db import connection

from clientela.domain.parties.models import Account
from clientela.platform.lists import doctor

pytestmark = pytest.mark.django_db
FAKE = "thing: "


def missing() -> list[str]:
    """Of the real records; the one of the tests has no index."""
    return [each for each in doctor.missing_indexes() if not each.startswith(FAKE)]


def test_every_default_sort_and_filter_has_its_index():
    assert missing() == []


@pytest.mark.parametrize(
    ("lost", "named"), [("account_by_name", "account: name"), ("account_by_kind", "account: kind")]
)
def test_a_lost_index_is_named(lost: str, named: str):
    index = next(each for each in Account._meta.indexes if each.name == lost)
    with connection.cursor() as cursor:
        cursor.execute(f'DROP INDEX "{index.name}"')

    assert missing() == [named]


def test_filters_of_a_record_without_indexes_are_named():
    assert f"{FAKE}day" in doctor.missing_indexes()
