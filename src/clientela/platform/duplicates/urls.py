from django.urls import path

from clientela.platform.duplicates import views

urlpatterns = [
    path("duplicates/", views.index, name="duplicates"),
    path("duplicates/<slug:plural>/", views.queue_page, name="duplicates_of"),
    path("duplicates/<slug:plural>/search/", views.search_again, name="duplicates_search"),
    path("duplicates/<slug:plural>/decide/<int:pair_id>/", views.decide, name="duplicates_decide"),
    path("duplicates/<slug:plural>/merge/", views.merge_page, name="duplicates_merge"),
    path("duplicates/<slug:plural>/unmerge/<int:merge_id>/", views.unmerge_page, name="duplicates_unmerge"),
]
