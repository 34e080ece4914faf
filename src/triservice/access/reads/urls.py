"""Addresses of who read about somebody, within the access room."""

from __future__ import annotations

from django.urls import path

from triservice.access.reads import views

urlpatterns = [
    path("<uuid:subject>", views.reads, name="reads"),
    path("<uuid:subject>/who-read.csv", views.reads_csv, name="reads_csv"),
]
