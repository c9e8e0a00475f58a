"""Addresses of the interface itself."""

from django.urls import path

from clientela.ui import views

urlpatterns = [
    path("help/shortcuts/", views.shortcuts, name="ui_shortcuts"),
    path("help/signed-out/", views.signed_out, name="ui_signed_out"),
    path("help/offline/", views.offline, name="ui_offline"),
]
