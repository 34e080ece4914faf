"""Addresses of notices, within the access room."""

from __future__ import annotations

from django.urls import path

from triservice.access.notices import views

urlpatterns = [
    path("", views.notices, name="notices"),
    path("mail", views.choose_mail, name="notice_mail"),
    path("<int:pk>/dismiss", views.dismiss, name="notice_dismiss"),
]
