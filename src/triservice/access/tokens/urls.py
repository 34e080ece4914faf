"""Addresses of the token pages, below those of the access room."""

from __future__ import annotations

from django.urls import path

from triservice.access.tokens import views

urlpatterns = [
    path("", views.tokens, name="tokens"),
    path("new/", views.make, name="make_token"),
    path("<int:pk>/renew/", views.renew, name="renew_token"),
    path("<int:pk>/revoke/", views.revoke, name="revoke_token"),
]
