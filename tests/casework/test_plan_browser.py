"""The pages of plans in a real browser, on a phone and at a desk: accessible, and they work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from test_casework_browser import Visit, look

from browsing import DESK, PHONE
from partnership import make_partnership
from triservice.casework.models import Plan
from triservice.casework.plans import actions
from triservice.casework.plans.rules import Counted
from triservice.kernel import clock
from triservice.kernel.access_words import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_plan_is_started_and_read_on_a_phone_and_at_a_desk(visit: Visit) -> None:
    made = make_partnership(terms=False, roles=(Role.OFFICER,))
    now = clock.now()
    officer, day = made.reader("fire", at=now), now.date()
    page: Any = visit("/casework/plans/new", made.officer("fire"), viewport=PHONE)
    look(page, "plan-new", PHONE)
    for label, said in (
        ("What is the problem?", "Fires behind the shops"),
        ("Where is it?", "Invented Lane, behind the shops"),
        ("What happens, and who is harmed?", "Bins burn; neighbours are afraid"),
    ):
        page.get_by_label(label).fill(said)
    review = day + timedelta(days=28)
    when = page.get_by_role("group", name="On which day is the plan looked at again?")
    for part, number in (("Day", review.day), ("Month", review.month), ("Year", review.year)):
        when.get_by_label(part).fill(str(number))
    page.get_by_role("button", name="Start the plan").click()
    assert "Nothing has been counted yet" in page.inner_text("main")
    plan = Plan.objects.get().pk
    before = Counted(31, day - timedelta(days=500), day - timedelta(days=300))
    measure = actions.add_measure(officer, plan, "Bins burnt", "Incident records", before)
    after = Counted(9, day - timedelta(days=90), day - timedelta(days=1))
    actions.count_again(officer, plan, measure, after)
    actions.write(officer, plan, {"setting": "Bins stand open", "aims": "Half as many"}, "Analysis")
    actions.add_finding(officer, plan, "Two of the shops never lock up", "fire")
    due = now + timedelta(days=3)
    actions.add_response(officer, plan, "Lock the bins", due=due, agency=officer.agency)
    for viewport in (PHONE, DESK):
        page = visit(f"/casework/plans/{plan}", made.officer("fire"), viewport=viewport)
        look(page, "plan", viewport)
        page.get_by_role("link", name="Plans").last.click()
        look(page, "plans", viewport)
