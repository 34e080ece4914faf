"""Who is told of a request, when, and how the pages lead through it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from asking import ANNA, TOLD, WHY, ask, guardian, outcome
from django.core import mail
from django.test import Client
from protected_things import Thing

from partnership import NOON, Partnership
from signing_in import sign_in
from triservice.access.approvals import jobs
from triservice.access.models import AccessRequest, Notice
from triservice.access.notices.actions import To, deal_with, tell
from triservice.kernel import clock
from triservice.kernel.access_words import Outcome, Role

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_the_clock_reminds_then_tells_the_lead_then_lapses(made: Partnership, row: Thing) -> None:
    pk = ask(made)
    steps = [(23 * HOUR, 0), (24 * HOUR, 1), (25 * HOUR, 0), (48 * HOUR, 2), (49 * HOUR, 0)]
    for after, told in steps:
        with clock.frozen(NOON + after):
            assert jobs.remind_of_requests() == told, after
            assert jobs.lapse_requests() == 0
    with clock.frozen(NOON + 10 * DAY):
        assert jobs.lapse_requests() == 1
        assert AccessRequest.objects.get(pk=pk).state == "lapsed"
        still = Notice.objects.filter(dealt_at__isnull=True)
        assert [each.text for each in still] == [
            "Your request for health data was not decided in time"
        ]


def test_notices_of_request_1_are_not_those_of_request_11(made: Partnership) -> None:
    to = [To(made.agencies["health"].pk, role=Role.DATA_OWNER)]
    for key in ("request:1", "request:1:late", "request:11", "request:11:late"):
        tell(to, Notice.Kind.REQUEST, "Invented", "/", key)
    deal_with(guardian(made), "request:1")
    still = Notice.objects.filter(dealt_at__isnull=True).values_list("key", flat=True)
    assert set(still) == {"request:11", "request:11:late"}


def test_mail_tells_where_to_look_and_nothing_else(
    made: Partnership, row: Thing, django_capture_on_commit_callbacks: Any
) -> None:
    guardian(made)
    with django_capture_on_commit_callbacks(execute=True):
        pk = ask(made)
    (message,) = mail.outbox
    assert message.to == ["caldicott.guardian.of.health@health.invalid"]
    text = message.subject + message.body
    assert f"/access/requests/{pk}" in text
    for secret in ("V-17", "inhaler", "officer of fire", str(ANNA)):
        assert secret not in text


def test_mail_that_fails_stops_nothing(
    made: Partnership, row: Thing, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    guardian(made)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with django_capture_on_commit_callbacks(execute=True):
        ask(made)
    assert Notice.objects.count() == 1


def client_of(reader: Partnership, agency: str, role: Role = Role.OFFICER) -> Client:
    return sign_in(Client(), reader.officer(agency, role))


def test_through_the_pages(made: Partnership, row: Thing) -> None:
    asker, decider = client_of(made, "fire"), client_of(made, "health", Role.CALDICOTT_GUARDIAN)
    address = f"/access/requests/new?subject={ANNA}&owner={made.agencies['health'].pk}&class=health"
    assert "Ask for health data" in asker.get(address).content.decode()
    data = {"why": WHY, "case": "V-17", "told": TOLD, "fields": ["name", "born"],
            **day_of("until", NOON + 5 * DAY)}  # fmt: skip
    wrong = asker.post(address, data | {"why": "please"})
    assert wrong.status_code == 422
    assert "Say more" in wrong.content.decode()
    assert asker.post(address, data).status_code == 302
    pk = AccessRequest.objects.get().pk
    at = f"/access/requests/{pk}"
    assert "Health data" in asker.get("/access/requests/").content.decode()
    assert at in decider.get("/access/requests/to-decide").content.decode()
    page = decider.get(at).content.decode()
    assert "1 record" in page
    assert "inhaler" in page
    assert client_of(made, "police").get(at).status_code == 404
    assert asker.post(f"{at}/approve", {}).status_code == 403
    narrow = {"fields": ["name"], "why": "", **day_of("ends", NOON + 2 * DAY)}
    answer = decider.post(f"{at}/approve", narrow)
    assert answer.status_code == 302, answer.content.decode()
    assert outcome(made, row, "name") is Outcome.ALLOW
    shown = asker.get(at).content.decode()
    assert "Narrowed" in shown
    assert decider.post(f"{at}/revoke", {"why": "Done with"}).status_code == 302
    assert outcome(made, row) is Outcome.NEEDS_APPROVAL
    assert asker.get(f"{at}/nonsense").status_code == 404
    assert asker.get("/access/requests/new?subject=x&owner=1&class=health").status_code == 404


def day_of(name: str, moment: datetime) -> dict[str, int]:
    return {f"{name}_{part}": getattr(moment, part) for part in ("day", "month", "year")}
