from django.urls import path

from clientela.platform.audit import views

urlpatterns = [path("undo/<uuid:operation>/", views.undo_operation, name="undo")]
