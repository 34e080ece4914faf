"""What is written into a file: what the list on the page would show, and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.timezone import localtime

from triservice.access.record import Kind, reading
from triservice.casework.cases.queries import lists
from triservice.casework.dashboards.queries import dashboard
from triservice.casework.dashboards.rules import Table
from triservice.casework.outcomes.queries.year import HEAD, WAY, outcomes
from triservice.casework.outcomes.rules import CHANCE
from triservice.casework.plans.queries import Asked, plan_list
from triservice.casework.triage import queries as triage
from triservice.files import Sheet
from triservice.kernel.access_words import Marking, Reader
from triservice.kernel.words import long_date

MOST = 10_000  # rows in one file; the page says so


@dataclass(frozen=True, slots=True)
class Written:
    """Sheets with their marking. `cut`: there was more than one file holds."""

    sheets: tuple[Sheet, ...]
    marking: Marking
    cut: bool = False


def queue(reader: Reader, said: Mapping[str, Any]) -> Written:
    """Return the referrals that wait, as the filter says."""
    with reading(reader, Kind.DISCLOSURE, "export referrals to triage"):
        found = triage.queue(reader, triage.Filter(**said), MOST)
    head = ("Reference", "Scheme", "Risk", "About", "Where", "From", "State", "Received",
            "Contact by", "Standing")  # fmt: skip
    rows = tuple(
        (r.reference, r.scheme, r.tier, r.about.name, r.where.name, r.sender, r.state,
         localtime(r.received_at), localtime(r.due) if r.due else None, str(r.standing))
        for r in found.rows
    )  # fmt: skip
    return Written((Sheet("Referrals", head, rows),), Marking.OFFICIAL_SENSITIVE, bool(found.after))


def cases(reader: Reader, said: Mapping[str, Any]) -> Written:
    """Return the cases of the reader's agency, as the filter says."""
    with reading(reader, Kind.DISCLOSURE, "export cases"):
        found = lists.case_list(reader, lists.Filter(**said), MOST)
    head = ("Reference", "Scheme", "Risk", "State", "About", "Where", "Officer", "Next", "By",
            "Standing", "Agency")  # fmt: skip
    rows = tuple(
        (r.reference, r.scheme, r.tier, r.state, r.about.name, r.where.name, r.officer,
         r.next_step, localtime(r.due) if r.due else None, str(r.standing), r.agency)
        for r in found.rows
    )  # fmt: skip
    return Written((Sheet("Cases", head, rows),), Marking.OFFICIAL_SENSITIVE, bool(found.after))


def plans(reader: Reader, said: Mapping[str, Any]) -> Written:
    """Return the plans that the reader may see, as the filter says."""
    with reading(reader, Kind.DISCLOSURE, "export plans"):
        found = plan_list(reader, Asked(**said), MOST)
    head = ("Reference", "Problem", "Place", "How far", "Outcome", "Agency", "Who has it",
            "Review on")  # fmt: skip
    rows = tuple(
        (r.reference, r.title, r.place, r.stage, r.outcome, r.agency, r.who, r.review_on)
        for r in found.rows
    )
    return Written((Sheet("Plans", head, rows),), Marking.OFFICIAL_SENSITIVE, found.more)


def numbers(reader: Reader, said: Mapping[str, Any]) -> Written:
    """Return the tables of the dashboard, small numbers rounded as on the page."""
    board = dashboard(reader, said["by"], said["months"], "export numbers of casework")
    return Written(_tables(board.about, board.tables, said["by"]), Marking.OFFICIAL)


def what_came(reader: Reader, said: Mapping[str, Any]) -> Written:
    """Return the tables of outcomes, small numbers rounded as on the page."""
    doing = "export outcomes of casework"
    found = outcomes(reader, said["by"], said["year"], doing, Kind.DISCLOSURE)
    way = Sheet(WAY, HEAD, found.steps)
    at = localtime(found.made_at) if found.made_at else None
    made = f" Worked out on {long_date(at)} at {at:%H:%M}." if at else ""
    sheets = _tables(f"{found.about}{made} {CHANCE}", found.tables, said["by"])
    return Written((*sheets[:1], way, *sheets[1:]), Marking.OFFICIAL)


def _tables(about: str, tables: Iterable[Table], by: str) -> tuple[Sheet, ...]:
    """Return the tables, after a sheet that says what they are of, each with what it counts."""
    tables = list(tables)
    notes = (("All", about), *((one.title, f"{one.note}.") for one in tables))
    return (
        Sheet("What is counted", ("Table", "What is counted"), notes),
        *(Sheet(one.title, one.head(str(by)), tuple(map(tuple, one.cells()))) for one in tables),
    )


EXPORTS: Mapping[str, Callable[[Reader, Mapping[str, Any]], Written]] = {
    "queue": queue, "cases": cases, "plans": plans, "numbers": numbers, "outcomes": what_came,
}  # fmt: skip


def marked(written: Written) -> tuple[Sheet, ...]:
    """Return the sheets with the marking on every row, so that no row goes without it."""
    return tuple(
        replace(
            sheet, head=(*sheet.head, "Marking"),
            rows=tuple((*row, str(written.marking)) for row in sheet.rows),
        )
        for sheet in written.sheets
    )  # fmt: skip
