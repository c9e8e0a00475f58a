"""Addresses about getting in."""

from django.urls import path

from clientela.access import profile, views

urlpatterns = [
    path("account/link/<str:token>/", views.signin_link_page, name="access_signin_link"),
    path("profile/", profile.profile, name="profile"),
    path("profile/theme/", profile.theme, name="profile_theme"),
]
