"""Addresses of agencies, posts and officers."""

from __future__ import annotations

from django.urls import path

from . import changes, views

app_name = "agencies"
urlpatterns = [
    path("", views.agencies, name="agencies"),
    path("<int:pk>/", views.agency, name="agency"),
    path("<int:pk>/posts/new/", changes.create_post, name="create_post"),
    path("teams/<int:pk>/", views.team, name="team"),
    path("posts/<int:pk>/", views.post, name="post"),
    path("posts/<int:pk>/appoint/", changes.appoint, name="appoint"),
    path("posts/<int:pk>/lines/", changes.lines, name="lines"),
    path("holdings/<int:pk>/end/", changes.end_holding, name="end_holding"),
    path("officers/", views.people, name="people"),
    path("officers/new/", changes.engage, name="engage"),
    path("officers/<int:pk>/", views.officer, name="officer"),
    path("officers/<int:pk>/leave/", changes.leave, name="leave"),
    path("officers/<int:pk>/reinstate/", changes.reinstate, name="reinstate"),
    path("officers/<int:pk>/factor/", changes.factor, name="factor"),
    path("officers/<int:pk>/vetting/", changes.vetting, name="vetting"),
    path("officers/<int:pk>/training/", changes.training, name="training"),
    path("officers/<int:pk>/powers/", changes.grant, name="grant"),
    path("powers/<int:pk>/end/", changes.end_power, name="end_power"),
    path("account/", views.account, name="account"),
    path("duty/", changes.duty, name="duty"),
    path("due/", views.due, name="due"),
    path("leavers/", views.leavers, name="leavers"),
    path("changes/", views.changes, name="changes"),
    path("services/", views.services, name="services"),
]
