from django.urls import path

from clientela.platform.editing import bulk, creating, inline, progress

urlpatterns = [
    path("bulk/<int:job_id>/", progress.bulk_job, name="bulk_job"),
    path("bulk/<int:job_id>/undo/", progress.undo, name="bulk_undo"),
    path("bulk/<int:job_id>/go-on/", progress.go_on, name="bulk_go_on"),
    path("<slug:plural>/new/", creating.create, name="record_create"),
    path("<slug:plural>/duplicates/", creating.alike, name="record_duplicates"),
    path("<slug:plural>/options/", creating.options, name="record_options"),
    path("<slug:plural>/bulk/", bulk.bulk, name="record_bulk"),
    path("<slug:plural>/<int:record_id>/field/<slug:name>/", inline.field, name="record_field"),
]
