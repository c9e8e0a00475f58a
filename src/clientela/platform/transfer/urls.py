"""Addresses of imports and exports."""

from __future__ import annotations

from django.urls import path

from clientela.platform.transfer import downloads, views

urlpatterns = [
    path("imports/", views.imports, name="transfer_imports"),
    path("imports/<int:job_id>/", views.job_page, name="transfer_job"),
    path("imports/<int:job_id>/progress/", views.progress, name="transfer_progress"),
    path("imports/<int:job_id>/rejects/", downloads.rejects, name="transfer_rejects"),
    path("imports/<int:job_id>/undo/", views.undo, name="transfer_undo"),
    path("imports/<int:job_id>/continue/", views.go_on, name="transfer_continue"),
    path("<str:plural>/import/", views.upload, name="transfer_import"),
    path("<str:plural>/export/", downloads.export, name="record_export"),
]
