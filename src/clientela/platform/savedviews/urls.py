"""Addresses of saved views."""

from clientela.platform.savedviews.views import urlpatterns

__all__ = ["urlpatterns"]
