"""Browsers and their cookies: nothing kept, nothing forged, nothing sent in the open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from test_environ import SAFE
from test_production import run_python

from signing_in import confirm
from triservice.agencies.models import Officer

SCRIPTS = Path(settings.BASE) / "front" / "src"


def test_messages_about_people_are_in_no_cookie(signed_in: Client) -> None:
    signed_in.post("/access/purpose", {"purpose": "response"})
    signed_in.post("/accounts/sign-out/")
    known = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    assert set(signed_in.cookies) <= known


def test_every_cookie_is_closed_to_scripts_and_other_sites(officer: Officer) -> None:
    officer.set_password("three invented words")
    officer.save()
    client = Client()
    client.get("/accounts/sign-in/")
    client.post("/accounts/sign-in/", {"login": officer.email, "password": "three invented words"})
    assert set(client.cookies) == {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    for one in client.cookies.values():
        assert one["httponly"]
        assert (one["samesite"], one["path"], one["domain"]) == ("Lax", "/", "")
        assert len(one.key) + len(one.value) < 4096


def test_a_form_without_its_token_changes_nothing(officer: Officer, signed_in: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in.cookies
    confirm(strict, officer)
    posts = ("/access/purpose", "/accounts/sign-out/", "/agencies/duty/", "/accounts/password/")
    for where in posts:
        assert strict.post(where, {}).status_code == 403, where
    assert "_auth_user_id" in strict.session


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/accounts/sign-in/", "/health/live", "/api/me"])
def test_strange_methods_echo_nothing(method: str, path: str) -> None:
    answer = Client(raise_request_exception=False).generic(
        method, path, headers={"X-Secret": "shibboleth"}
    )
    assert answer.status_code in {401, 403, 404, 405}
    assert b"shibboleth" not in answer.content


@pytest.mark.django_db
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_no_other_origin_is_let_in(origin: str) -> None:
    for path in ("/", "/api/me", "/accounts/sign-in/"):
        answer = Client().get(path, headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in answer
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        assert "Access-Control-Allow-Origin" not in Client().options(path, headers=asked)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/health/live", "application/json"),
        ("/nothing", "text/html; charset=utf-8"),
        ("/api/me", "application/problem+json"),
        ("/static/triservice.css", "text/css"),
    ],
)
def test_every_answer_says_what_it_is(path: str, kind: str) -> None:
    answer = Client().get(path)
    answer.close()
    assert answer["Content-Type"].startswith(kind)
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/static/", "/static/../settings.py", "/static/%2e%2e/settings.py", "/.git/config"]
)
def test_no_folder_or_source_is_served(path: str) -> None:
    assert Client(raise_request_exception=False).get(path).status_code in {400, 404}


def test_our_scripts_make_no_markup_and_keep_nothing() -> None:
    """Only the store of a phone keeps anything, and what it keeps is sealed (tests/offline)."""
    store = SCRIPTS / "lib" / "offline" / "store.js"
    others = [one for one in SCRIPTS.rglob("*.js") if one != store]
    text = "\n".join(one.read_text(encoding="utf-8") for one in others)
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "localStorage",
        "sessionStorage",
        "indexedDB",
        "document.cookie",
        "postMessage",
    ):
        assert word not in text, word


def names(patterns: list[Any], before: str = "") -> list[str]:
    """Return the route of every address."""
    found = []
    for one in patterns:
        if isinstance(one, URLResolver):
            found += names(one.url_patterns, before + str(one.pattern))
        elif isinstance(one, URLPattern):
            found.append(before + str(one.pattern))
    return found


OVER_HTTP = """
import json, django
django.setup()
from django.test import Client
from django.conf import settings
from django.urls import get_resolver
settings.RATE_LIMITS_ON = False
answers = {}
for path in ("/", "/accounts/sign-in/", "/people/", "/api/me"):
    a = Client(headers={"host": "triservice.example"}, raise_request_exception=False).get(path)
    answers[path] = [a.status_code, a.headers.get("Location", "")]
a = Client(headers={"host": "triservice.example"}).get("/health/live", secure=True)
print(json.dumps({
    "http": answers,
    "hsts": a.headers["Strict-Transport-Security"],
    "policy": a.headers["Content-Security-Policy"],
    "demo": [p for p in map(str, get_resolver().url_patterns) if "demo" in p],
    "debug_key": a.headers.get("Server", ""),
}))
"""


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what a production answers, in a process of its own."""
    folder = tmp_path_factory.mktemp("production")
    own = {"TRISERVICE_DATA": str(folder), "TRISERVICE_DATABASE": str(folder / "a.sqlite3")}
    (folder / "static").mkdir()
    done = run_python(OVER_HTTP, SAFE | own)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_pages_over_http_are_sent_to_https(production: dict[str, Any]) -> None:
    for path in ("/", "/accounts/sign-in/", "/people/"):
        assert production["http"][path] == [301, f"https://triservice.example{path}"]


def test_the_api_over_http_is_refused_not_sent_on(production: dict[str, Any]) -> None:
    assert production["http"]["/api/me"] == [403, ""]


def test_browsers_are_told_https_for_a_year_with_subdomains(production: dict[str, Any]) -> None:
    age, subdomains = production["hsts"].split(";")[:2]
    assert int(age.removeprefix("max-age=")) >= 365 * 24 * 3600
    assert subdomains.strip() == "includeSubDomains"
    assert "upgrade-insecure-requests" in production["policy"]


def test_production_has_no_address_of_the_demonstration(production: dict[str, Any]) -> None:
    assert production["demo"] == []


def test_no_address_asks_for_a_name_or_number_of_a_person() -> None:
    """Routes take keys made here: integers, UUIDs and slugs, never free text, but for tokens."""
    free = [route for route in names(get_resolver().url_patterns) if "<str:" in route]
    assert free == []


def test_sign_out_is_on_every_page(officer: Officer, signed_in: Client) -> None:
    """On the page that a phone keeps, the same for everybody, a script puts it where one is in."""
    confirm(signed_in, officer)
    pages = 0
    for pattern in names(get_resolver().url_patterns):
        if "<" in pattern or "^" in pattern or pattern.startswith(("static", "accounts/sign-out")):
            continue
        if pattern == "offline/":
            continue
        answer = signed_in.get(f"/{pattern}")
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            assert "Sign out" in answer.content.decode(), pattern
            pages += 1
    assert pages > 10


def test_a_parameter_given_twice_is_read_once_from_its_own_place(
    officer: Officer, signed_in: Client
) -> None:
    where = "/access/purpose?purpose=response"  # the address is not the form
    signed_in.post(where, {"purpose": ["tasking", "safeguarding"]})
    assert "Purpose: <strong>safeguarding</strong>" in signed_in.get("/").content.decode()


def test_every_component_is_pinned_with_its_hash() -> None:
    root = Path(settings.BASE).parents[2]
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (root / name).read_text(encoding="utf-8").replace("\\\n", " ")
        lines = [one for one in text.splitlines() if one.strip() and not one.startswith(" ")]
        lines = [one for one in lines if not one.startswith(("#", "--"))]
        assert len(lines) > 30
        for line in lines:
            assert "==" in line.split(" ")[0], line[:80]
            assert "--hash=sha256:" in line, line[:80]
    found = json.loads((Path(settings.BASE) / "front" / "package-lock.json").read_text())
    packages = [one for name, one in found["packages"].items() if name]
    assert packages
    assert all(one["integrity"].startswith("sha512-") for one in packages)
