"""Pages declare who may open them; what declares nothing is not there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from protected_things import Thing, make_thing

from partnership import Partnership
from triservice.access import pages
from triservice.access.models import Disclosure, Kind
from triservice.access.pages import Page, may_open, page
from triservice.access.queries import require, seen
from triservice.access.record import recording
from triservice.kernel.access_words import DataClass, Purpose, Role

REASON = "prevention visit"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse("never shown")


def of_a_library(request: HttpRequest) -> HttpResponse:
    return HttpResponse("of a library")


@page(title="Open to all", public=True)
def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("public")


@page(title="For officers", roles={Role.OFFICER})
def for_officers(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.reader.name}, {request.reader.purpose}")


@page(title="For all posts", purpose=False)
def for_all(request: HttpRequest) -> HttpResponse:
    return HttpResponse("for all")


@page(title="A row", data={DataClass.HEALTH})
def one(request: HttpRequest, pk: int) -> HttpResponse:
    with recording(request.reader, Kind.CONSULTATION, "open a thing") as record:
        require(record, Thing.objects.get(pk=pk))
        (row,) = seen(record, Thing.objects.filter(pk=pk))
    return HttpResponse(row.name)


urlpatterns = [
    path("undeclared", undeclared),
    path("library", of_a_library, name="library"),
    path("public", public),
    path("officers", for_officers),
    path("all", for_all),
    path("thing/<int:pk>", one),
    path("", include("triservice.web.urls")),
]


@pytest.fixture(autouse=True)
def _addresses(settings: object) -> None:
    settings.ROOT_URLCONF = __name__  # type: ignore[attr-defined]
    settings.LOGIN_URL = "/sign-in"  # type: ignore[attr-defined]
    settings.AUTHENTICATION_BACKENDS = [BACKEND]  # type: ignore[attr-defined]
    settings.MIDDLEWARE = [  # type: ignore[attr-defined]
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "triservice.access.pages.AccessMiddleware",
    ]


@pytest.fixture
def declared() -> Iterator[None]:
    pages.declare("library", Page("A library", public=True))
    yield
    del pages.DECLARED["library"]


def signed_in(made: Partnership, role: Role = Role.OFFICER, purpose: str | None = REASON) -> Client:
    client = Client()
    client.force_login(made.officer("fire", role), BACKEND)
    if purpose is not None:
        client.post("/access/purpose", {"purpose": purpose})
    return client


@pytest.mark.parametrize("address", ["/undeclared", "/library"])
def test_a_page_that_declares_nothing_is_not_there(partnership: Partnership, address: str) -> None:
    assert Client().get(address).status_code == 404
    assert signed_in(partnership).get(address).status_code == 404


def test_a_library_page_is_declared_by_its_name(partnership: Partnership, declared: None) -> None:
    assert Client().get("/library").content == b"of a library"


def test_public_needs_no_sign_in_others_do(partnership: Partnership) -> None:
    assert Client().get("/public").content == b"public"
    answer = Client().get("/officers?page=2")
    assert answer.headers["Location"] == "/sign-in?next=%2Fofficers%3Fpage%3D2"
    fragment = Client().get("/all", headers={"HX-Request": "true"})
    assert fragment.headers["HX-Redirect"] == "/sign-in?next=%2Fall"


def test_the_purpose_is_chosen_once_and_kept(partnership: Partnership) -> None:
    client = signed_in(partnership, purpose=None)
    answer = client.get("/officers")
    assert answer.headers["Location"] == "/access/purpose?next=%2Fofficers"
    assert client.get("/all").status_code == 200  # needs none
    form = client.get(answer.headers["Location"]).content.decode()
    assert "Why are you reading?" in form
    chosen = client.post("/access/purpose", {"purpose": "response", "next": "/officers"})
    assert chosen.headers["Location"] == "/officers"
    assert client.get("/officers").content == b"officer of fire, response"
    client.post("/access/purpose", {"purpose": "tasking"})
    assert client.get("/officers").content == b"officer of fire, tasking"


@pytest.mark.parametrize("word", ["", "curiosity"])
def test_a_purpose_must_be_one_of_the_list(partnership: Partnership, word: str) -> None:
    client = signed_in(partnership, purpose=None)
    answer = client.post("/access/purpose", {"purpose": word, "next": "/officers"})
    assert answer.status_code == 422
    assert "Choose" in answer.content.decode()
    assert client.get("/officers").status_code == 302


def test_a_purpose_no_longer_known_is_no_purpose(partnership: Partnership) -> None:
    client = signed_in(partnership)
    session = client.session
    session[pages.SESSION_KEY] = "curiosity"
    session.save()
    assert client.get("/officers").status_code == 302


@pytest.mark.parametrize(
    "elsewhere",
    ["https://elsewhere.invalid/", "//elsewhere.invalid", "/\\elsewhere.invalid", "x:y", "²",
     "elsewhere", "access:purpose", "all"],
)  # fmt: skip
def test_the_way_on_stays_on_this_site(partnership: Partnership, elsewhere: str) -> None:
    client = signed_in(partnership, purpose=None)
    answer = client.post("/access/purpose", {"purpose": "response", "next": elsewhere})
    assert answer.headers["Location"] == "/"


def test_a_role_that_is_not_named_is_told_so(partnership: Partnership) -> None:
    answer = signed_in(partnership, Role.FINANCE).get("/officers")
    assert answer.status_code == 403
    assert "not part of what your post does" in answer.content.decode()


def test_a_leaver_opens_nothing_at_once(partnership: Partnership) -> None:
    client = signed_in(partnership)
    assert client.get("/all").status_code == 200
    partnership.officer("fire").holdings.all().delete()
    answer = client.get("/all")
    assert (answer.status_code, b"no post today" in answer.content) == (403, True)


def test_a_refused_read_says_why_is_recorded_or_hidden(partnership: Partnership) -> None:
    client = signed_in(partnership)
    own = make_thing(partnership.agencies["fire"], DataClass.FIRE, name="Seen")
    known = make_thing(partnership.agencies["health"], DataClass.HEALTH, name="Secret")
    hidden = make_thing(partnership.agencies["council"], DataClass.POLICE, name="Secret")
    assert client.get(f"/thing/{own.pk}").content == b"Seen"
    answer = client.get(f"/thing/{known.pk}")
    assert (answer.status_code, b"only on approval" in answer.content) == (403, True)
    answer = client.get(f"/thing/{hidden.pk}")
    assert answer.status_code == 404
    assert b"Secret" not in answer.content
    kept = [d.outcome for d in Disclosure.objects.all()]
    assert kept == ["allow", "needs approval", "deny"]
    assert Disclosure.objects.first().source == f"127.0.0.1 GET /thing/{own.pk}"


def test_navigation_asks_the_same_rule(partnership: Partnership) -> None:
    officer = partnership.reader("fire")
    assert may_open(Page("x", frozenset({Role.OFFICER})), officer)
    assert not may_open(Page("x", frozenset({Role.FINANCE})), officer)
    assert may_open(Page("x"), officer)
    assert not may_open(Page("x"), None)
    assert may_open(Page("x", public=True), None)
    assert officer.purpose is Purpose.PREVENTION_VISIT
