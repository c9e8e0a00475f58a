"""Addresses about people."""

from django.urls import path

from clientela.platform.people import seeing

urlpatterns = [
    path("see-as/<int:person_id>/", seeing.start_view, name="people_see_as"),
    path("see-as/stop/", seeing.stop_view, name="people_see_as_stop"),
]
