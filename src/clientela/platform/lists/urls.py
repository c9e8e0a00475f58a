"""Addresses of lists and their parts."""

from clientela.platform.lists.views import urlpatterns

__all__ = ["urlpatterns"]
