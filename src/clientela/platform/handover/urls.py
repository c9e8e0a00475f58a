"""Addresses of hand-overs."""

from django.urls import path

from clientela.platform.handover import views

urlpatterns = [
    path("settings/people/<int:person_id>/hand-over/", views.share_out, name="handover"),
    path("settings/hand-overs/<int:job_id>/", views.result, name="handover_result"),
    path("settings/hand-overs/<int:job_id>/undo/", views.undo, name="handover_undo"),
    path("settings/hand-overs/<int:job_id>/cancel/", views.cancel, name="handover_cancel"),
    path("settings/hand-overs/<int:job_id>/go-on/", views.go_on, name="handover_go_on"),
    path("settings/hand-overs/<int:job_id>/deactivate/", views.deactivate, name="handover_deactivate"),
]
