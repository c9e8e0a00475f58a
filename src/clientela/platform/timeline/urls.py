"""Addresses of timelines and notes."""

from __future__ import annotations

from clientela.platform.timeline import views

urlpatterns = views.urls
