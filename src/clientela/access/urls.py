"""Addresses about getting in."""

from django.urls import path

from clientela.access import profile

urlpatterns = [
    path("profile/", profile.profile, name="profile"),
    path("profile/theme/", profile.theme, name="profile_theme"),
]
