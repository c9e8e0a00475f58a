"""What happened at the door is kept."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from clientela.platform.audit import security
from clientela.platform.audit.models import SecurityEvent

pytestmark = pytest.mark.django_db


def test_an_event_keeps_who_from_where_and_with_what(cast):
    request = RequestFactory(headers={"user-agent": "Firefox 130"}).post("/", REMOTE_ADDR="10.0.0.7")

    security.record_event(security.SIGNED_IN, user=cast.owner, request=request, detail="passkey")

    event = SecurityEvent.objects.get()
    assert (event.kind, event.user, event.address) == ("signed_in", cast.owner, "10.0.0.7")
    assert (event.user_agent, event.detail) == ("Firefox 130", "passkey")


def test_an_event_takes_any_header_without_failing(db):
    security.record_event("sign_in_failed", address="x" * 99, user_agent="a\x00" * 400, detail="é" * 999)

    event = SecurityEvent.objects.get()
    assert (len(event.address), len(event.user_agent), len(event.detail)) == (45, 300, 300)
    assert event.user is None
