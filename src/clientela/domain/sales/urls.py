from django.urls import path

from clientela.domain.sales import setup_pages, views

urlpatterns = [
    path("leads/<int:record_id>/convert/", views.convert, name="lead_convert"),
    path("settings/pipelines/", setup_pages.pipelines, name="sales_pipelines"),
    path("settings/pipelines/new/", setup_pages.new_pipeline, name="sales_pipeline_new"),
    path("settings/pipelines/<int:pipeline_id>/", setup_pages.stages, name="sales_stages"),
    path("settings/pipelines/<int:pipeline_id>/new/", setup_pages.new_stage, name="sales_stage_new"),
    path("settings/pipelines/<int:pipeline_id>/order/", setup_pages.order, name="sales_stage_order"),
    path(
        "settings/pipelines/<int:pipeline_id>/default/",
        setup_pages.make_default,
        name="sales_pipeline_default",
    ),
    path(
        "settings/pipelines/<int:pipeline_id>/delete/",
        setup_pages.delete_pipeline,
        name="sales_pipeline_delete",
    ),
    path("settings/stages/<int:stage_id>/", setup_pages.edit_stage, name="sales_stage_edit"),
    path("settings/stages/<int:stage_id>/delete/", setup_pages.delete_stage, name="sales_stage_delete"),
]
