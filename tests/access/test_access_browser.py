"""The pages of agreements, requests, emergencies and the record in a real browser, by axe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import invented_agreements
import pytest
from protected_things import make_thing, subject

from axe import assert_accessible
from browsing import DESK, PHONE, browser, visit  # noqa: F401
from partnership import Partnership, make_partnership
from triservice.access.approvals import actions as approvals
from triservice.access.conflicts import actions as conflicts
from triservice.access.emergency import actions as emergency
from triservice.access.models import AgreementVersion
from triservice.access.restrictions import actions as lists
from triservice.kernel import clock
from triservice.kernel.access_words import Reader, Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Visit = Callable[..., Any]
ANNA = subject(1)
WHY = "Her inhaler is needed to plan a safe visit to her home"
LEAD, GUARDIAN, OFFICER = Role.DATA_PROTECTION_LEAD, Role.CALDICOTT_GUARDIAN, Role.OFFICER
OWNER = Role.DATA_OWNER
PAGES = [  # address, agency, role
    ("agreements/", "council", LEAD),
    ("agreements/new", "council", LEAD),
    ("agreements/new/cornwall-tri-service", "council", LEAD),
    ("agreements/{draft}", "council", LEAD),
    ("agreements/{draft}/checklist", "council", LEAD),
    ("agreements/{draft}/compare", "council", LEAD),
    ("agreements/{draft}/document", "council", LEAD),
    ("agreements/{draft}/text", "council", LEAD),
    ("agreements/{draft}/terms/1", "council", LEAD),
    ("agreements/{draft}/parties/new", "council", LEAD),
    ("requests/", "fire", OFFICER),
    ("requests/new?{about}", "fire", OFFICER),
    ("requests/{asked}", "fire", OFFICER),
    ("requests/to-decide", "health", GUARDIAN),
    ("requests/{asked}", "health", GUARDIAN),
    ("requests/{asked}/approve", "health", GUARDIAN),
    ("emergency/new?{about}", "fire", OFFICER),
    ("emergency/{broken}", "fire", OFFICER),
    ("emergency/to-review", "health", LEAD),
    ("emergency/{broken}/review", "health", LEAD),
    ("lists/", "police", OWNER),
    ("lists/new", "police", OWNER),
    ("lists/{listed}", "police", OWNER),
    ("lists/{listed}/members/new", "police", OWNER),
    ("conflicts/new/{anna}", "fire", Role.TEAM_LEADER),
    ("conflicts/", "fire", LEAD),
    ("disclosures/?officer=x", "health", LEAD),
    ("notices/", "health", LEAD),
]


@pytest.fixture
def made(transactional_db: None) -> Partnership:
    """A partnership whose agreement holds now, with a draft, a request and an emergency."""
    made = make_partnership(roles=())
    now = clock.now()
    AgreementVersion.objects.update(starts=now - timedelta(days=1), until=now + timedelta(days=99))
    make_thing(made.agencies["health"], "health", subject_key=ANNA)
    return made


def reader(made: Partnership, agency: str, role: Role = OFFICER) -> Reader:
    return made.reader(agency, role, at=clock.now())


def test_every_page_on_a_phone_and_on_a_desk(visit: Visit, made: Partnership) -> None:  # noqa: F811
    owner = made.agencies["health"].pk
    for agency, role in {(agency, role) for _, agency, role in PAGES}:
        made.officer(agency, role)
    draft = invented_agreements.make_draft(made)
    asked = approvals.ask(reader(made, "fire"), owner, "health", subject=ANNA, fields=["name"],
                          case="V-1", why=WHY, told="She agreed by telephone",
                          until=clock.now() + timedelta(days=5))  # fmt: skip
    broken = emergency.break_glass(reader(made, "fire"), owner, "health", subject=ANNA, minutes=60,
                                   reason="threat to life", text=WHY)  # fmt: skip
    listed = lists.make_list(reader(made, "police", OWNER), "Witnesses of an invented trial", WHY)
    lists.add_member(reader(made, "police", OWNER), listed, made.officer("fire"), WHY)
    conflicts.declare(reader(made, "fire"), ANNA, "My invented cousin", page=f"/people/{ANNA}")
    about = f"subject={ANNA}&owner={owner}&class=health"
    for address, agency, role in PAGES:
        path = address.format(
            draft=draft, asked=asked, broken=broken, about=about, listed=listed, anna=ANNA
        )
        page = visit(f"/access/{path}", made.officer(agency, role), viewport=DESK)
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            assert page.locator("h1").count() == 1, path
            assert_accessible(page)
