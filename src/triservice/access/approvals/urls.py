"""Addresses of requests, within the access room."""

from __future__ import annotations

from django.urls import path

from triservice.access.approvals import views

urlpatterns = [
    path("", views.requests, name="requests"),
    path("to-decide", views.queue, name="request_queue"),
    path("new", views.new, name="request_new"),
    path("<int:pk>", views.request_page, name="request"),
    path("<int:pk>/approve", views.approve, name="request_approve"),
    path("<int:pk>/<slug:step>", views.step, name="request_step"),
]
