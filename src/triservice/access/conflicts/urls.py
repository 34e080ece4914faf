"""Addresses of conflicts of interest, within the access room."""

from __future__ import annotations

from django.urls import path

from triservice.access.conflicts import views

urlpatterns = [
    path("", views.conflicts, name="conflicts"),
    path("new/<uuid:subject>", views.declare, name="conflict_new"),
    path("<int:pk>/end", views.end, name="conflict_end"),
]
