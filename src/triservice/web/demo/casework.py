"""The demonstration's referrals and cases, at every stage: through the actions. All invented."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from importlib import resources
from typing import Any

from triservice.agencies.models import Agency, Officer
from triservice.casework.cases.actions.life import close
from triservice.casework.cases.actions.sharing import add_agency
from triservice.casework.cases.queries.shown import CaseView
from triservice.casework.cases.queries.view import case_view
from triservice.casework.needs.actions import settle_need
from triservice.casework.notes.actions import raise_concern, record_consent
from triservice.casework.onward.actions import answered
from triservice.casework.referrals.actions import refer
from triservice.casework.triage import actions as triage
from triservice.casework.visits import actions as visits
from triservice.casework.visits.actions.finishing import Follows, finish
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose, Reader
from triservice.kernel.keys import new_key
from triservice.schemes import catalogue
from triservice.web.demo.people import reader

HOUR = timedelta(hours=1)
LEADS = {"fire": "Demelza Roskilly", "council": "Wella Uglow"}  # who decides on what waits
Row = Mapping[str, Any]


def make_casework(agencies: Mapping[str, Agency], officers: Mapping[str, Officer]) -> int:
    """Send each referral of casework.toml and take it as far as it says; return how many."""
    file = resources.files("triservice.web.demo") / "casework.toml"
    rows = tomllib.loads(file.read_text(encoding="utf-8"))["case"]
    named = partial(_named, officers)
    for row in rows:
        to = catalogue.scheme(row["scheme"]).lead
        sent = refer(named(row["sender"]), new_key(), row["scheme"], row["referral"],
                     to=agencies[to].pk)  # fmt: skip
        if not _decided(named(LEADS[to]), sent.referral, row):
            acts = named(row["officer"])
            case = triage.accept(acts, sent.referral, officer=acts.officer)
            _worked(acts, case, row)
            if other := row.get("with"):
                added = officers[other]
                add_agency(acts, case, added.employer_id or 0, added.pk, "Both know her (invented)")
    return len(rows)


def _named(officers: Mapping[str, Officer], name: str) -> Reader:
    return reader(officers[name], Purpose.PREVENTION_VISIT)


def _decided(lead: Reader, referral: int, row: Row) -> bool:
    """Decide on a referral that becomes no case, or is left waiting; say whether it was one."""
    stage, why = row["stage"], row.get("why", "")
    if stage == "asked":
        triage.ask_more(lead, referral, why)
    elif stage == "declined":
        triage.decline(lead, referral, why)
    elif stage == "signposted":
        triage.signpost(lead, referral, "Fire protection", why)
    return stage in {"waits", "asked", "declined", "signposted"}


def _worked(acts: Reader, case: int, row: Row) -> None:
    """Plan the visit of a case, and go as far as the row says."""
    now, stage = clock.now(), row["stage"]
    if parent := row.get("parent"):
        consent = catalogue.scheme(row["scheme"]).consents["parent"]
        record_consent(
            acts, case, _who(case_view(acts, case)), consent.text, given=True,
            capacity="a parent consents", given_by=parent, asked_on=now.date(),
        )  # fmt: skip
    if stage == "given":
        return
    later = stage in {"planned", "drafted"}
    visit = visits.plan(acts, case, now + (3 * HOUR if later else -HOUR), key=new_key(),
                        officer=acts.officer)  # fmt: skip
    if stage == "no access":
        visits.no_access(acts, case, visit, now, card_left=True)
        visits.plan(acts, case, now + 26 * HOUR, key=new_key(), officer=acts.officer)
    elif stage == "drafted":
        visits.keep_draft(acts, case, visit, row["visit"])
    elif stage in {"visited", "closed"}:
        _visited(acts, case, visit, row)


def _visited(acts: Reader, case: int, visit: int, row: Row) -> None:
    now = clock.now()
    fitted = [visits.Fitted(*one) for one in row.get("fitted", ())]
    done = visits.Done(new_key(), row["visit"], now - HOUR, now, fitted, "Advice (invented)")
    agreed = "has capacity" if row.get("routes") else ""
    pairs = {name: [(need, help_) for need, help_ in row.get(name, ())] for name in PAIRS}
    finish(acts, case, visit, done, Follows(pairs["help"], pairs["routes"], agreed))
    seen = case_view(acts, case)
    if said := row.get("concern"):
        raise_concern(
            acts, case, _who(seen), said, kinds=["self-neglect"], care_needs=True, at_risk=True,
            cannot_protect=True,
        )  # fmt: skip
    for onward in seen.onward if "answer" in row else ():
        answered(acts, case, onward.pk, row["answer"], "They see her this week (invented)")
    if row["stage"] == "closed":
        for need in seen.needs:
            if need.state == "open":  # what was fitted has settled others
                settle_need(acts, case, need.pk, "met", row["why"])
        close(acts, case, "needs met", row["why"])


PAIRS = ("help", "routes")


def _who(seen: CaseView) -> str:
    """Return the key of the person of a case."""
    return next(part.who.key for part in seen.subjects if part.who.kind == "person")
