"""Every address of the web application, room by room."""

from __future__ import annotations

from pathlib import Path

from django.contrib.staticfiles.views import serve
from django.urls import URLPattern, URLResolver, include, path

from triservice.access.pages import Page, declare
from triservice.agencies.sign_in import urls as sign_in
from triservice.web import health, settings, views

SOURCE = Path(__file__).resolve().parents[1]
# The addresses of a room that has pages begin with its prefix.
ROOMS = {
    "access": "access/",
    "offline": "offline/",
    "subjects": "people/",
    "schemes": "schemes/",
    "casework": "casework/",
    "picture": "picture/",
}

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("session", views.session, name="session"),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("accounts/", include("triservice.agencies.sign_in.urls")),
    path("agencies/", include("triservice.web.people.urls")),
    path("api/", include("triservice.web.api")),
    *(
        path(prefix, include(f"triservice.{room}.urls"))
        for room, prefix in ROOMS.items()
        if (SOURCE / room / "urls.py").is_file()
    ),
]
if settings.DEMO:  # never in production: see settings
    urlpatterns.append(path("demo/", include("triservice.web.demo.sign_in")))
if not settings.PRODUCTION:  # in production WhiteNoise serves what collectstatic gathered
    urlpatterns.append(path("static/<path:path>", serve, {"insecure": True}, name="static"))

# The rules of views that are not ours.
declare("static", Page("Style and script", public=True))
for one in sign_in.PAGES:
    declare(one.name, Page(one.route, purpose=False, public=not one.signed_in))

handler400 = "triservice.web.errors.bad_request"
handler403 = "triservice.web.errors.refused"
handler404 = "triservice.web.errors.not_found"
handler500 = "triservice.web.errors.fault"
