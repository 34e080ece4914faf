"""Addresses of the schemes."""

from __future__ import annotations

from django.urls import path

from triservice.schemes import views

app_name = "schemes"
urlpatterns = [
    path("", views.schemes, name="schemes"),
    path("<slug:name>", views.scheme, name="scheme"),
    path("<slug:name>/<int:version>", views.scheme, name="version"),
    path("<slug:name>/try/<slug:form>", views.rehearse, name="try"),
    path("<slug:name>/paper/<slug:form>", views.paper, name="paper"),
]
