"""Addresses of the pictures."""

from __future__ import annotations

from django.urls import path

from triservice.picture import views

app_name = "picture"
urlpatterns = [
    path("", views.pictures, name="pictures"),
    path("new/", views.new, name="new"),
    path("sources/", views.sources, name="sources"),
    path("<int:pk>/", views.picture, name="picture"),
    path("<int:pk>/status.json", views.status, name="status"),
    path("<int:pk>/map.geojson", views.features, name="features"),
    path("<int:pk>/table.csv", views.table, name="table"),
    path("<int:pk>/picture.geojson", views.geojson, name="geojson"),
    path("<int:pk>/events/<int:source>/", views.events, name="events"),
    path("<int:pk>/compare/", views.compare, name="compare"),
    path("<int:pk>/share/", views.share, name="share"),
    path("<int:pk>/again/", views.again, name="again"),
    path("<int:pk>/delete/", views.delete, name="delete"),
]
