"""Addresses of the search."""

from django.urls import path

from clientela.platform.search import views

urlpatterns = [
    path("search/", views.search_page, name="search_page"),
    path("search/palette/", views.palette, name="search_palette"),
]
