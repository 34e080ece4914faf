"""Breaking the glass: what it opens, what it never opens, who is told, and the review."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from protected_things import Thing, make_thing, subject

from partnership import NOON, Partnership, make_list
from signing_in import sign_in
from triservice.access.emergency import actions, jobs, queries, rules
from triservice.access.errors import Refused
from triservice.access.models import (
    AgreementVersion,
    ConflictOfInterest,
    Disclosure,
    GlassBreak,
    Notice,
    Opening,
)
from triservice.access.queries import decide, require
from triservice.access.record import Kind, recording
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Mode, Outcome, Purpose, Reader, Reason, Role
from triservice.kernel.errors import InputError

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TEXT = "She has collapsed and we need to know which medicine she takes"
FOUND = "The crew was with her and the medicine mattered to what they did"
ANNA = subject(1)


def officer(made: Partnership) -> Reader:
    return made.reader("fire", at=clock.now())


def lead(made: Partnership, agency: str = "health") -> Reader:
    return made.reader(agency, Role.DATA_PROTECTION_LEAD, at=clock.now())


def break_it(made: Partnership, owner: str = "health", data_class: str = "health",
             **change: Any) -> int:  # fmt: skip
    said: dict[str, Any] = {
        "subject": ANNA, "reason": "threat to life", "text": TEXT, "minutes": 15
    }  # fmt: skip
    return actions.break_glass(officer(made), made.agencies[owner].pk, data_class, **said | change)


def reason(made: Partnership, row: Thing) -> Reason:
    return decide(officer(made), row).reason


def test_it_opens_for_minutes_and_the_owner_is_told_at_once(
    made: Partnership, row: Thing, django_capture_on_commit_callbacks: Any
) -> None:
    lead(made)
    with django_capture_on_commit_callbacks(execute=True):
        pk = break_it(made)
    assert reason(made, row) is Reason.BREAK_GLASS
    told = set(Notice.objects.values_list("agency__short_name", "role"))
    assert told == {
        ("health", "data protection lead"),
        ("health", "caldicott guardian"),
        ("fire", "data protection lead"),
    }
    assert mail.outbox[0].to == ["data.protection.lead.of.health@health.invalid"]
    assert "medicine" not in mail.outbox[0].body
    with recording(officer(made), Kind.CONSULTATION, "open a thing") as record:
        require(record, row)
    with clock.frozen(NOON + 15 * MINUTE):
        assert reason(made, row) is Reason.NEEDS_APPROVAL
        assert jobs.end_emergencies() == 1
        assert jobs.end_emergencies() == 0
        glass = GlassBreak.objects.get(pk=pk)
        assert (glass.ended_at, glass.ended_how) == (NOON + 15 * MINUTE, "time")
        page = queries.emergency_page(lead(made), pk)
        assert page is not None
        assert [doing for _, _, doing in page.reads] == ["open a thing"]
        doings = list(Disclosure.objects.values_list("doing", flat=True))
        assert "break the glass" in doings
        assert "emergency access is over" in doings


def test_it_opens_what_no_term_opens_but_only_between_parties(made: Partnership) -> None:
    social = make_thing(made.agencies["council"], "social care", subject_key=ANNA)
    assert reason(made, social) is Reason.NO_TERM
    break_it(made, "council", "social care")
    assert reason(made, social) is Reason.BREAK_GLASS
    AgreementVersion.objects.update(state="suspended")
    assert reason(made, social) is not Reason.BREAK_GLASS
    with pytest.raises(Refused) as refused:
        break_it(made, "council", "social care")
    assert refused.value.decision.reason is Reason.NO_TERM


def test_never_restriction_and_conflict_stay_closed(made: Partnership) -> None:
    council, at = made.agencies["council"], NOON - DAY
    with pytest.raises(Refused) as refused:
        break_it(made, "council", "safeguarding")  # never open to fire
    assert refused.value.decision.reason is Reason.NEVER
    closed = make_list(made.officer("council"), "Named", made_at=at)
    kept = make_thing(council, "social care", subject_key=ANNA, restriction=closed)
    free = make_thing(council, "social care", subject_key=ANNA)
    pk = break_it(made, "council", "social care")
    assert GlassBreak.objects.get(pk=pk).rows == 1
    assert (reason(made, free), reason(made, kept)) == (Reason.BREAK_GLASS, Reason.RESTRICTED)
    closed.members.create(officer=made.officer("fire"), since=at)
    assert reason(made, kept) is not Reason.BREAK_GLASS  # it was not among the rows opened
    ConflictOfInterest.objects.create(
        officer=made.officer("fire"), subject_key=ANNA, why="Brother", declared_at=at
    )
    with pytest.raises(Refused) as refused:
        break_it(made, "council", "social care")
    assert refused.value.decision.reason is Reason.CONFLICT
    assert reason(made, free) is Reason.CONFLICT


def test_a_role_that_reads_no_such_data_breaks_nothing(made: Partnership, row: Thing) -> None:
    for role in (Role.ANALYST, Role.ADMINISTRATOR, Role.TASKING_LEAD):
        with pytest.raises(Refused) as refused:
            actions.break_glass(made.reader("fire", role), made.agencies["health"].pk, "health",
                                subject=ANNA, reason="threat to life", text=TEXT,
                                minutes=15)  # fmt: skip
        assert refused.value.decision.reason is Reason.ROLE
    assert not Opening.objects.exists()


def test_what_is_already_open_is_not_opened_again(made: Partnership) -> None:
    police = make_thing(made.agencies["police"], "police", subject_key=ANNA)
    pk = break_it(made, "police", "police")
    assert GlassBreak.objects.get(pk=pk).rows == 0
    assert reason(made, police) is Reason.TERM_OPEN


def test_breaking_it_on_nothing_counts_and_is_told_too(made: Partnership) -> None:
    pk = break_it(made, subject=subject(99))
    glass = GlassBreak.objects.get(pk=pk)
    assert (glass.rows, glass.opening.items.count()) == (0, 0)
    assert Notice.objects.filter(key=f"glass:{pk}").exists()


def test_later_rows_are_not_opened(made: Partnership, row: Thing) -> None:
    break_it(made)
    later = make_thing(made.agencies["health"], "health", subject_key=ANNA)
    assert reason(made, later) is Reason.NEEDS_APPROVAL
    assert decide(made.reader("fire", purpose=Purpose.RESPONSE), row).outcome is Outcome.DENY


LACKING = [
    ({"reason": "curiosity"}, "what the emergency is"),
    ({"text": "urgent"}, "Say more"),
    ({"text": "!" * 60}, "Say more"),
    ({"text": "now now now now now now now now"}, "repeats the same"),
    ({"minutes": 0}, "between 1 and 60"),
    ({"minutes": 61}, "between 1 and 60"),
    ({"subject": None}, "about nobody"),
]


@pytest.mark.parametrize(("change", "said"), LACKING)
def test_what_is_missing_is_told_and_nothing_opens(
    made: Partnership, row: Thing, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        break_it(made, **change)
    assert not Opening.objects.exists()
    assert not Notice.objects.exists()


def test_the_quota_of_an_officer(made: Partnership, row: Thing) -> None:
    for _ in range(rules.QUOTA):
        break_it(made)
    with pytest.raises(InputError, match="5 times in 24 hours"):
        break_it(made)
    police = made.reader("police")
    actions.break_glass(police, made.agencies["health"].pk, "health", subject=ANNA,
                        reason="crew safety", text=TEXT, minutes=15)  # fmt: skip
    with clock.frozen(NOON + DAY):
        break_it(made)


def test_ending_and_cutting_off_act_on_the_next_read(made: Partnership, row: Thing) -> None:
    mine, cut = break_it(made), break_it(made)
    with clock.frozen(NOON + MINUTE):
        actions.end(officer(made), mine)
        assert reason(made, row) is Reason.BREAK_GLASS  # the other is still open
        actions.cut_off(lead(made), cut, "It is the wrong person")
        assert reason(made, row) is Reason.NEEDS_APPROVAL
        with pytest.raises(InputError, match="over already"):
            actions.end(officer(made), mine)
        with pytest.raises(Refused):
            actions.end(made.reader("police"), mine)
        with pytest.raises(Refused):
            actions.cut_off(lead(made, "police"), cut, "not mine")
    ends = GlassBreak.objects.order_by("pk").values_list("ended_at", "ended_how")
    assert list(ends) == [(NOON + MINUTE, "officer"), (NOON + MINUTE, "owner")]


def test_the_owner_reviews_once_and_not_the_officer(made: Partnership, row: Thing) -> None:
    pk = break_it(made)
    with pytest.raises(InputError, match="Choose whether"):
        actions.review(lead(made), pk, "maybe", FOUND)
    with pytest.raises(InputError, match="Say more"):
        actions.review(lead(made), pk, "justified", "fine")
    with pytest.raises(Refused):
        actions.review(lead(made, "fire"), pk, "justified", FOUND)  # the officer's own agency
    actions.review(lead(made), pk, "justified", FOUND)
    with pytest.raises(InputError, match="reviewed already"):
        actions.review(lead(made), pk, "not justified", FOUND)
    assert not Notice.objects.filter(key=f"glass:{pk}", dealt_at__isnull=True).exists()
    assert reason(made, row) is Reason.BREAK_GLASS  # it was justified, and goes on


def test_not_justified_closes_it_and_tells_the_officers_lead(made: Partnership, row: Thing) -> None:
    pk = break_it(made)
    with clock.frozen(NOON + MINUTE):
        actions.review(lead(made), pk, "not justified", FOUND)
        assert reason(made, row) is Reason.NEEDS_APPROVAL
    told = set(Notice.objects.filter(kind="review").values_list("officer__name", "role"))
    assert told == {("officer of fire", ""), (None, "data protection lead")}


def test_one_does_not_review_oneself(made: Partnership, row: Thing) -> None:
    pk = break_it(made)
    GlassBreak.objects.filter(pk=pk).update(
        officer=made.officer("health", Role.DATA_PROTECTION_LEAD)
    )
    with pytest.raises(Refused) as refused:
        actions.review(lead(made), pk, "justified", FOUND)
    assert refused.value.decision.reason is Reason.CONFLICT


def test_late_reviews_are_told_once(made: Partnership, row: Thing) -> None:
    break_it(made)
    assert jobs.remind_of_reviews() == 0
    with clock.frozen(NOON + rules.REVIEW_IN):
        assert jobs.remind_of_reviews() == 2
        assert jobs.remind_of_reviews() == 0
        (row_,) = queries.to_review(lead(made))
        assert row_.late


def test_who_sees_it(made: Partnership, row: Thing) -> None:
    pk = break_it(made)
    sees = [officer(made), lead(made), lead(made, "fire"),
            made.reader("health", Role.CALDICOTT_GUARDIAN)]  # fmt: skip
    assert all(queries.emergency_page(reader, pk) for reader in sees)
    others = [made.reader("police"), lead(made, "police"), made.reader("health", Role.DATA_OWNER)]
    assert not any(queries.emergency_page(reader, pk) for reader in others)


def test_other_terms_do_not_matter(made: Partnership) -> None:
    """A never in one area leaves the rest to be opened; the rows there stay closed."""
    health = made.agencies["health"]
    made.term("health", "fire", [DataClass.HEALTH], mode=Mode.NEVER, areas=["E01"])
    there = make_thing(health, "health", subject_key=ANNA, area="E01")
    else_where = make_thing(health, "health", subject_key=ANNA, area="E02")
    break_it(made)
    assert [reason(made, each) for each in (there, else_where)] == [
        Reason.NEVER,
        Reason.BREAK_GLASS,
    ]


def test_through_the_pages(made: Partnership, row: Thing) -> None:
    client = sign_in(Client(), made.officer("fire"))
    owner = made.agencies["health"].pk
    address = f"/access/emergency/new?subject={ANNA}&owner={owner}&class=health"
    assert "told at once" in client.get(address).content.decode()
    data = {"reason": "threat to life", "text": TEXT, "minutes": "15"}
    wrong = client.post(address, data | {"text": "urgent"})
    assert (wrong.status_code, "Say more" in wrong.content.decode()) == (422, True)
    with clock.frozen(NOON):
        answer = client.post(address, data)
    pk = GlassBreak.objects.get().pk
    assert answer.headers["Location"].split("?")[0] == f"/access/emergency/{pk}"
    page = client.get(f"/access/emergency/{pk}").content.decode()
    assert "Open to you until" in page
    assert "Health data of" in client.get("/access/emergency/").content.decode()
    owning = sign_in(Client(), made.officer("health", Role.DATA_PROTECTION_LEAD))
    assert f"/access/emergency/{pk}" in owning.get("/access/emergency/to-review").content.decode()
    assert client.get(f"/access/emergency/{pk}/review").status_code == 403
    form = {"finding": "justified", "text": FOUND}
    assert owning.post(f"/access/emergency/{pk}/review", form).status_code == 302
    assert "Justified" in client.get(f"/access/emergency/{pk}").content.decode()
    with clock.frozen(NOON + MINUTE):
        assert client.post(f"/access/emergency/{pk}/end").status_code == 302
    assert reason(made, row) is Reason.BREAK_GLASS  # at noon itself it was open
    with clock.frozen(NOON + MINUTE):
        assert reason(made, row) is Reason.NEEDS_APPROVAL
