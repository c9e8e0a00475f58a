"""Addresses of personal data."""

from __future__ import annotations

from clientela.platform.privacy import views

urlpatterns = views.urls
