"""Addresses of emergency access, within the access room."""

from __future__ import annotations

from django.urls import path

from triservice.access.emergency import views

urlpatterns = [
    path("", views.mine, name="emergencies"),
    path("to-review", views.to_review, name="emergency_reviews"),
    path("new", views.new, name="emergency_new"),
    path("<int:pk>", views.emergency, name="emergency"),
    path("<int:pk>/end", views.end, name="emergency_end"),
    path("<int:pk>/cut-off", views.cut_off, name="emergency_cut_off"),
    path("<int:pk>/review", views.review, name="emergency_review"),
]
