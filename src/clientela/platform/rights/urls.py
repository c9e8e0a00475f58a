"""Addresses about rights; those of a record come before its own parts."""

from clientela.platform.rights import (
    received,
    role_views,
    scope_views,
    seeing_views,
    sharing_views,
    why_views,
)

urlpatterns = [
    *role_views.urlpatterns,
    *scope_views.urlpatterns,
    *seeing_views.urlpatterns,
    *why_views.urlpatterns,
    *received.urlpatterns,
    *sharing_views.urlpatterns,
]
