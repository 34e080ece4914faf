"""Addresses of the access room."""

from __future__ import annotations

from django.urls import include, path

from triservice.access import views

app_name = "access"
urlpatterns = [
    path("purpose", views.purpose, name="purpose"),
    path("agreements/", include("triservice.access.agreements.urls")),
    path("disclosures/", include("triservice.access.explorer.urls")),
    path("disclosures/about/", include("triservice.access.reads.urls")),
    path("notices/", include("triservice.access.notices.urls")),
    path("emergency/", include("triservice.access.emergency.urls")),
    path("requests/", include("triservice.access.approvals.urls")),
    path("lists/", include("triservice.access.restrictions.urls")),
    path("conflicts/", include("triservice.access.conflicts.urls")),
    path("tokens/", include("triservice.access.tokens.urls")),
]
