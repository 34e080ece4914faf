"""Need-to-know lists: who keeps them, what goes on them, and when they open again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from protected_things import Thing, make_thing, subject

from partnership import NOON, Partnership, make_list
from signing_in import sign_in
from triservice.access.errors import Refused
from triservice.access.models import Disclosure, Restriction, RestrictionMember
from triservice.access.queries import decide
from triservice.access.record import Kind, recording
from triservice.access.restrictions import actions, queries, rules
from triservice.kernel import clock
from triservice.kernel.access_words import Marking, Reason, Role
from triservice.kernel.errors import InputError

DAY = timedelta(days=1)
WHY = "She is a witness and her family must not find her"
ANNA = subject(1)


def keeper(made: Partnership, agency: str = "police", role: Role = Role.DATA_OWNER) -> Any:
    return made.reader(agency, role, at=clock.now())


def reason(made: Partnership, row: Thing, agency: str = "fire") -> Reason:
    row.refresh_from_db()
    return decide(made.reader(agency, at=clock.now()), row).reason


def put(made: Partnership, listed: int, *rows: Thing) -> int:
    with recording(keeper(made), Kind.ALTERATION, "put rows on a list") as record:
        pks = [row.pk for row in rows]
        return actions.put_rows(record, listed, [Thing.objects.filter(pk__in=pks)])


def test_a_list_opens_to_its_members_until_it_is_lifted(made: Partnership) -> None:
    row = make_thing(made.agencies["police"], "police", subject_key=ANNA)
    assert reason(made, row) is Reason.TERM_OPEN
    listed = actions.make_list(keeper(made), "Few", WHY)
    assert put(made, listed, row) == 1
    assert reason(made, row) is Reason.RESTRICTED
    assert reason(made, row, "police") is Reason.RESTRICTED  # the own agency's people too
    actions.add_member(keeper(made), listed, made.officer("fire"), WHY, NOON + DAY)
    assert reason(made, row) is Reason.TERM_OPEN
    with clock.frozen(NOON + DAY):
        assert reason(made, row) is Reason.RESTRICTED
        actions.lift(keeper(made), listed, WHY)
        assert reason(made, row) is Reason.TERM_OPEN
    one = Restriction.objects.get()
    assert (one.lifted_by, one.lifted_why) == (made.officer("police", Role.DATA_OWNER), WHY)
    told = Disclosure.objects.filter(kind="alteration").values_list("doing", flat=True)
    assert {"make a need-to-know list", "lift a need-to-know list"} <= set(told)


def test_who_is_taken_off_reads_no_more(made: Partnership) -> None:
    row = make_thing(made.agencies["police"], "police")
    listed = actions.make_list(keeper(made), "Few", WHY)
    put(made, listed, row)
    actions.add_member(keeper(made), listed, made.officer("fire"), WHY)
    with pytest.raises(InputError, match="on this list already"):
        actions.add_member(keeper(made), listed, made.officer("fire"), WHY)
    member = RestrictionMember.objects.get()
    with clock.frozen(NOON + DAY):
        actions.remove_member(keeper(made), listed, member.pk, WHY)
        assert reason(made, row) is Reason.RESTRICTED
        with pytest.raises(InputError, match="not on this list"):
            actions.remove_member(keeper(made), listed, member.pk, WHY)


def test_a_row_on_one_list_does_not_go_to_another(made: Partnership) -> None:
    """Its members are others: to move it would open it to them."""
    row = make_thing(made.agencies["police"], "police")
    first, second = (actions.make_list(keeper(made), name, WHY) for name in ("One", "Two"))
    assert put(made, first, row) == 1
    assert put(made, second, row) == 0
    row.refresh_from_db()
    assert row.restriction_id == first
    actions.lift(keeper(made), first, WHY)
    assert put(made, second, row) == 1


def test_only_the_own_agencys_rows_go_on_a_list(made: Partnership) -> None:
    police, fire = (make_thing(made.agencies[a], a, subject_key=ANNA) for a in ("police", "fire"))
    listed = actions.make_list(keeper(made), "Few", WHY)
    with recording(keeper(made), Kind.ALTERATION, "put a subject on a list") as record:
        assert actions.put_subject(record, listed, [ANNA]) == 1
    assert reason(made, police, "fire") is Reason.RESTRICTED
    assert reason(made, fire, "fire") is Reason.OWN_DATA
    police_pk, fire_pk = made.agencies["police"].pk, made.agencies["fire"].pk
    assert queries.listed_subjects(police_pk) == {ANNA: listed}
    assert queries.listed_subjects(fire_pk) == {}
    actions.lift(keeper(made), listed, WHY)
    assert queries.listed_subjects(police_pk) == {}


@pytest.mark.parametrize(
    ("agency", "role"),
    [("police", Role.OFFICER), ("police", Role.TEAM_LEADER), ("fire", Role.DATA_OWNER)],
)
def test_nobody_else_keeps_a_list(made: Partnership, agency: str, role: Role) -> None:
    listed = make_list(made.officer("police", Role.DATA_OWNER)).pk
    other = keeper(made, agency, role)
    for doing in (
        lambda: actions.add_member(other, listed, made.officer("fire"), WHY),
        lambda: actions.lift(other, listed, WHY),
    ):
        with pytest.raises(Refused) as refused:
            doing()
        assert refused.value.hidden
    assert queries.list_page(other, listed) is None
    assert queries.lists(other) == ()


@pytest.mark.parametrize("why", ["", "because", "no no no no no no no no"])
def test_what_is_said_has_substance(made: Partnership, why: str) -> None:
    with pytest.raises(InputError, match="Why"):
        actions.make_list(keeper(made), "Few", why)
    listed = make_list(made.officer("police", Role.DATA_OWNER)).pk
    with pytest.raises(InputError, match="Why"):
        actions.lift(keeper(made), listed, why)
    assert Restriction.objects.get().lifted_at is None


def test_the_pages(made: Partnership) -> None:
    client = sign_in(Client(), made.officer("police", Role.DATA_OWNER))
    sent = client.post("/access/lists/new", {"name": "Few", "why": WHY})
    listed = Restriction.objects.get().pk
    assert sent.headers["Location"] == f"/access/lists/{listed}"
    assert "closed to everybody" in client.get(f"/access/lists/{listed}").content.decode()
    email = {"officer": "nobody@police.invalid", "why": WHY}
    wrong = client.post(f"/access/lists/{listed}/members/new", email)
    assert "Nobody is registered with this e-mail address" in wrong.content.decode()
    email["officer"] = made.officer("fire").email
    client.post(f"/access/lists/{listed}/members/new", email)
    page = client.get(f"/access/lists/{listed}").content.decode()
    assert made.officer("fire").name in page
    member = RestrictionMember.objects.get().pk
    assert "Take" in client.get(f"/access/lists/{listed}/members/{member}/remove").content.decode()
    client.post(f"/access/lists/{listed}/lift", {"why": WHY})
    assert "Lifted" in client.get("/access/lists/").content.decode()
    late = client.post(f"/access/lists/{listed}/members/new", email)
    assert "This list was lifted" in late.content.decode()


def test_markings_have_an_order() -> None:
    plain, sensitive = map(str, Marking)
    assert rules.lowers(sensitive, plain)
    assert not rules.lowers(plain, sensitive)
    assert rules.lowers("unheard of", sensitive)
    assert rules.highest(frozenset({plain, sensitive})) == sensitive
    assert rules.highest(frozenset()) == sensitive
