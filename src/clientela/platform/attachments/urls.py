"""Addresses of files, for people and for programs."""

from __future__ import annotations

from clientela.platform.attachments import api, views

urlpatterns = [*views.urls, *api.urls]
