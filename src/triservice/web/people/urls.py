"""Addresses of agencies, posts and officers."""

from __future__ import annotations

from django.urls import path

from . import agency_changes, changes, views

app_name = "agencies"
urlpatterns = [
    path("", views.agencies, name="agencies"),
    path("<int:pk>/", views.agency, name="agency"),
    path("new/", agency_changes.add_agency, name="add_agency"),
    path("areas/new/", agency_changes.add_area, name="add_area"),
    path("<int:pk>/contact/", agency_changes.contact, name="contact"),
    path("<int:pk>/areas/", agency_changes.cover, name="cover"),
    path("areas/<int:pk>/end/", agency_changes.uncover, name="uncover"),
    path("<int:pk>/teams/new/", agency_changes.add_team, name="add_team"),
    path("<int:pk>/posts/new/", agency_changes.create_post, name="create_post"),
    path("<int:pk>/directory/", agency_changes.connect_directory, name="connect_directory"),
    path(
        "directories/<int:pk>/close/",
        agency_changes.disconnect_directory,
        name="disconnect_directory",
    ),
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
