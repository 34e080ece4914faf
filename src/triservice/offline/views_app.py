"""The page that works without signal, and what installs it: nobody's data is in any of it."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from triservice.access.pages import page

HERE = Path(__file__).parent
SHELL = ("triservice.css", "triservice.js", "offline.js", "triservice.svg")


@page(title="Without signal", public=True)
@require_safe
def app(request: HttpRequest) -> HttpResponse:
    """Show the page that the phone keeps. What it shows of people comes from the sealed store."""
    return render(request, "offline/app.html")


@page(title="How the page is installed", public=True)
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Answer with the web app manifest."""
    here = reverse("offline:app")
    icon = {"src": staticfiles_storage.url("triservice.svg"), "type": "image/svg+xml"}
    said = {
        "name": "triservice",
        "short_name": "triservice",
        "description": "Visits without signal",
        "id": here,
        "start_url": here,
        "scope": here,
        "display": "standalone",
        "lang": "en-GB",
        "background_color": "#eef3f4",
        "theme_color": "#0b3d4c",
        "icons": [icon | {"sizes": "any", "purpose": "any"}],
    }
    return JsonResponse(said, content_type="application/manifest+json")


@page(title="What keeps the page on the phone", public=True)
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Answer with the service worker, which knows by name all that it may keep."""
    files = [staticfiles_storage.url(name) for name in _shell()]
    said = {"version": _version(), "page": reverse("offline:app"), "files": files}
    script = f"self.SHELL = {json.dumps(said)};\n{(HERE / 'worker.js').read_text('utf-8')}"
    answer = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


def _shell() -> dict[str, Path]:
    """Return the files of the page by name, as they were built: style, scripts, typeface."""
    found = {name: finders.find(name) for name in SHELL}
    fonts = finders.find("fonts")
    if isinstance(fonts, str):
        found |= {f"fonts/{path.name}": str(path) for path in Path(fonts).glob("*.woff2")}
    return {name: Path(str(found[name])) for name in sorted(found) if found[name]}


@cache
def _version() -> str:
    """Return a digest of all that the worker keeps: another one installs it anew."""
    digest = sha256()
    for path in (*_shell().values(), HERE / "templates/offline/app.html"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
