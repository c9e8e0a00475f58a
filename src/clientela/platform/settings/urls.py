from django.urls import path

from clientela.platform.settings import views

urlpatterns = [
    path("settings/", views.index, name="settings"),
    path("settings/words/<slug:plural>/<int:record_id>/", views.word, name="settings_word"),
    path("settings/words/<slug:plural>/<int:record_id>/<slug:name>/", views.word_at, name="settings_word_at"),
]
