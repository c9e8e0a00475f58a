from django.urls import path

from clientela.platform.pages import actions, page

urlpatterns = [
    path("<slug:plural>/<int:record_id>/", page.record, name="record_page"),
    path("<slug:plural>/<int:record_id>/near/", page.near, name="record_near"),
    path("<slug:plural>/<int:record_id>/move/", page.move, name="record_move"),
    path("<slug:plural>/<int:record_id>/panel/<slug:name>/", page.panel, name="record_panel"),
    path("<slug:plural>/<int:record_id>/action/<slug:name>/", actions.action, name="record_action"),
    path("<slug:plural>/<int:record_id>/delete/", actions.delete, name="record_delete"),
]
