"""Addresses of need-to-know lists, within the access room."""

from __future__ import annotations

from django.urls import path

from triservice.access.restrictions import views

urlpatterns = [
    path("", views.lists, name="lists"),
    path("new", views.new, name="list_new"),
    path("<int:pk>", views.one, name="list"),
    path("<int:pk>/members/new", views.add, name="list_add"),
    path("<int:pk>/members/<int:member>/remove", views.remove, name="list_remove"),
    path("<int:pk>/lift", views.lift, name="list_lift"),
]
