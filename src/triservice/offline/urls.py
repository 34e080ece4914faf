"""Addresses of the offline room."""

from __future__ import annotations

from django.urls import path

from triservice.offline import views, views_app, views_pages

app_name = "offline"
urlpatterns = [
    path("", views_app.app, name="app"),
    path("manifest.webmanifest", views_app.manifest, name="manifest"),
    path("worker.js", views_app.worker, name="worker"),
    path("contact", views.contact, name="contact"),
    path("set-up", views.set_up, name="set_up"),
    path("key", views.key, name="key"),
    path("pack", views.pack, name="pack"),
    path("sync", views.sync, name="sync"),
    path("photos", views.photo, name="photo"),
    path("photos/<uuid:number>/<int:at>", views.piece, name="piece"),
    path("hand-in", views.hand_in, name="hand_in"),
    path("phones/", views_pages.phones, name="phones"),
    path("phones/<int:pk>/revoke", views_pages.revoke, name="revoke"),
    path("waiting/", views_pages.waits, name="waiting"),
    path("waiting/<int:pk>/", views_pages.settle, name="settle"),
    path("waiting/<int:pk>/again", views_pages.again, name="again"),
    path("waiting/<int:pk>/let-go", views_pages.let_go, name="let_go"),
]
