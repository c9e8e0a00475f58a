"""Addresses of the interface itself."""

from django.urls import path

from clientela.ui import views

urlpatterns = [
    path("help/shortcuts/", views.shortcuts, name="ui_shortcuts"),
    path("help/offline/", views.offline, name="ui_offline"),
]
