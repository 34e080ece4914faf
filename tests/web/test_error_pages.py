"""Error pages help and tell nothing; health says which part is not ready."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import path

from triservice.access import jobs
from triservice.access.models import ClockJob
from triservice.access.pages import page
from triservice.kernel import clock
from triservice.web import health, urls
from triservice.web.errors import SAID
from triservice.web.operations.doctor import LOOKS


@page(title="A fault", public=True)
def faulty(request: Any) -> None:
    raise RuntimeError("secret detail of /srv/triservice")


@page(title="Forbidden", public=True)
def forbidden(request: Any) -> None:
    from django.core.exceptions import PermissionDenied

    raise PermissionDenied("secret detail")


@page(title="Bad", public=True)
def bad(request: Any) -> None:
    from django.core.exceptions import SuspiciousOperation

    raise SuspiciousOperation("secret detail")


def undeclared(request: Any) -> None:
    raise AssertionError("a page that declares nothing was opened")


urlpatterns = [
    *urls.urlpatterns,
    path("faulty", faulty),
    path("forbidden", forbidden),
    path("bad", bad),
    path("undeclared", undeclared),
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.mark.parametrize(
    ("where", "status"),
    [("/bad", 400), ("/forbidden", 403), ("/nothing", 404), ("/undeclared", 404), ("/faulty", 500)],
)
def test_each_says_what_to_do_and_no_detail(where: str, status: int) -> None:
    answer = Client(raise_request_exception=False).get(where)
    text = answer.content.decode()
    assert answer.status_code == status
    assert SAID[status].title in text
    assert '<main class="govuk-main-wrapper"' in text
    assert "secret detail" not in text
    assert "Traceback" not in text
    assert "/srv" not in text


def test_a_fault_has_a_number_that_the_log_has_too() -> None:
    answer = Client(raise_request_exception=False).get("/faulty")
    assert answer["X-Request-ID"] in answer.content.decode()


def test_a_form_from_elsewhere_is_refused_kindly() -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/sign-in/", {"login": "x"})
    assert answer.status_code == 403
    assert "open too long" in answer.content.decode()


def test_an_unknown_host_is_400() -> None:
    assert Client().get("/", headers={"Host": "evil.example"}).status_code == 400


def test_below_api_errors_are_json() -> None:
    answer = Client().get("/api/nothing-of-the-kind")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_the_fault_page_needs_no_database(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any, signed_in: Client
) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise DatabaseError("the server is gone")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", down)
    answer = signed_in.get("/")
    assert answer.status_code == 500
    assert SAID[500].title in answer.content.decode()


def test_health_lives_and_is_ready() -> None:
    assert Client().get("/health/live").json() == {"live": True}
    answer = Client().get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["parts"] == {"database": True, "migrations": True, "pages": True}


def test_health_and_doctor_say_when_nothing_goes_by_the_clock() -> None:
    def said() -> tuple[bool, list[str]]:
        answer = Client().get("/health/ready")
        assert answer.status_code == 200  # pages are served all the same
        return answer.json()["clock"], [state for state, _ in LOOKS["what goes by the clock"]()]

    assert said() == (False, ["note"])
    jobs.run_due()
    assert said() == (True, ["good"])
    with clock.moved(jobs.LATE + timedelta(seconds=1)):
        assert said() == (False, ["wrong"])
    ClockJob.objects.filter(name="officers not heard of after a visit").update(failed="KeyError")
    assert said() == (True, ["good", "wrong"])


@pytest.mark.parametrize("part", list(health.PARTS))
def test_health_names_the_part_that_is_not_ready(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> bool:
        raise DatabaseError("at secret.example")

    monkeypatch.setitem(health.PARTS, part, broken)
    answer = Client().get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"][part] is False
    assert "secret" not in answer.content.decode()
    assert Client().get("/health/live").status_code == 200


def test_health_is_read_only() -> None:
    assert Client().post("/health/live").status_code == 405
