from django.urls import path

from clientela.platform.looks import views

urlpatterns = [
    path("<slug:plural>/chart/", views.chart, name="record_chart"),
    path("<slug:plural>/calendar/", views.calendar, name="record_calendar"),
]
