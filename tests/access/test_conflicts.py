"""A conflict of interest: declared by oneself or by who answers for one, ended by the lead."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from protected_things import Thing, make_thing, subject

from partnership import Partnership
from signing_in import sign_in
from triservice.access.conflicts import actions, queries
from triservice.access.errors import Refused
from triservice.access.models import ConflictOfInterest, Notice
from triservice.access.queries import decide
from triservice.agencies.models import Post
from triservice.kernel import clock
from triservice.kernel.access_words import Reader, Reason, Role
from triservice.kernel.errors import InputError

ANNA = subject(1)
ENDS = "They have not been in touch for more than ten years now"
LEAD = Role.DATA_PROTECTION_LEAD


@pytest.fixture
def mine(made: Partnership) -> Thing:
    """A row of the fire service about Anna, whom nobody is."""
    return make_thing(made.agencies["fire"], "fire", subject_key=ANNA)


def reader(made: Partnership, role: Role = Role.OFFICER, agency: str = "fire") -> Reader:
    return made.reader(agency, role, at=clock.now())


def reason(made: Partnership, row: Thing) -> Reason:
    return decide(reader(made), row).reason


def test_it_closes_at_once_and_only_the_lead_opens_again(made: Partnership, mine: Thing) -> None:
    assert reason(made, mine) is Reason.OWN_DATA
    pk = actions.declare(reader(made), ANNA, "My sister in law", page="/people/x")
    assert reason(made, mine) is Reason.CONFLICT
    with pytest.raises(InputError, match="declared already"):
        actions.declare(reader(made), ANNA, "My sister in law")
    told = set(Notice.objects.values_list("agency__short_name", "role"))
    assert told == {("fire", "data protection lead"), ("fire", "team leader")}
    assert "sister" not in "".join(Notice.objects.values_list("text", flat=True))
    (own,) = queries.conflicts(reader(made))
    assert (own.mine, own.may_end, own.page) == (True, False, "")
    for other in (reader(made), reader(made, Role.TEAM_LEADER), reader(made, LEAD, "police")):
        with pytest.raises(Refused):
            actions.end(other, pk, ENDS)
    (row,) = queries.conflicts(reader(made, LEAD))
    assert (row.mine, row.may_end, row.page) == (False, True, "/people/x")
    with pytest.raises(InputError, match="Why does it end"):
        actions.end(reader(made, LEAD), pk, "")
    actions.end(reader(made, LEAD), pk, ENDS)
    assert reason(made, mine) is Reason.OWN_DATA
    with pytest.raises(InputError, match="ended already"):
        actions.end(reader(made, LEAD), pk, ENDS)


def test_nobody_ends_their_own(made: Partnership) -> None:
    pk = actions.declare(reader(made, LEAD), ANNA, "My sister in law")
    with pytest.raises(Refused):
        actions.end(reader(made, LEAD), pk, ENDS)
    assert queries.conflict(reader(made, LEAD), pk) is None


@pytest.mark.parametrize("line", ["team_leader", "tasking_lead"])
def test_who_is_in_the_line_declares_for_them(made: Partnership, mine: Thing, line: str) -> None:
    officer = made.officer("fire")
    leader = reader(made, Role.TEAM_LEADER, "police")  # a line may cross agencies
    with pytest.raises(Refused):
        actions.declare(leader, ANNA, "Their sister in law", officer=officer)
    lead_post = Post.objects.get(holdings__officer=leader.officer)
    Post.objects.filter(holdings__officer=officer).update(**{line: lead_post})
    actions.declare(leader, ANNA, "Their sister in law", officer=officer)
    assert reason(made, mine) is Reason.CONFLICT
    said = ConflictOfInterest.objects.get()
    assert (said.officer, said.declared_by_id) == (officer, leader.officer)
    assert Notice.objects.filter(officer=officer, kind="conflict").count() == 1


def test_the_lead_declares_for_officers_of_their_agency_only(
    made: Partnership, mine: Thing
) -> None:
    with pytest.raises(Refused):
        actions.declare(
            reader(made, LEAD, "police"), ANNA, "Their cousin", officer=made.officer("fire")
        )
    actions.declare(reader(made, LEAD), ANNA, "Their cousin", officer=made.officer("fire"))
    assert reason(made, mine) is Reason.CONFLICT


def test_the_pages(made: Partnership, mine: Thing) -> None:
    client = sign_in(Client(), made.officer("fire"))
    address = f"/access/conflicts/new/{ANNA}?next=/people/{ANNA}"
    assert "e-mail address at work" not in client.get(address).content.decode()
    empty = client.post(address, {"why": ""})
    assert empty.status_code == 422
    sent: Any = client.post(address, {"why": "My cousin"})
    assert sent.headers["Location"] == "/access/conflicts/"
    assert "My cousin" in client.get("/access/conflicts/").content.decode()
    pk = ConflictOfInterest.objects.get().pk
    assert client.post(f"/access/conflicts/{pk}/end", {"why": ENDS}).status_code == 403
    lead = sign_in(Client(), made.officer("fire", LEAD))
    page = lead.get("/access/conflicts/").content.decode()
    assert f'href="/people/{ANNA}"' in page
    lead.post(f"/access/conflicts/{pk}/end", {"why": ENDS})
    assert reason(made, mine) is Reason.OWN_DATA
    other = lead.post(address, {"why": "Their cousin", "officer": made.officer("fire").email})
    assert other.headers["Location"] == f"/people/{ANNA}"
    assert reason(made, mine) is Reason.CONFLICT
