"""Addresses of the record, within the access room."""

from __future__ import annotations

from django.urls import path

from triservice.access.explorer import views

urlpatterns = [
    path("", views.disclosures, name="disclosures"),
    path("disclosures.csv", views.export, name="disclosures_csv"),
]
