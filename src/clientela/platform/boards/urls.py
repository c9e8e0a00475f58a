from django.urls import path

from clientela.platform.boards import views

urlpatterns = [
    path("<slug:plural>/board/", views.board, name="record_board"),
    path("<slug:plural>/<int:record_id>/board/", views.move, name="record_card"),
]
