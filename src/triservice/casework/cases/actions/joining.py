"""Cases that have to do with each other: linked, merged into one, and parted again."""

from __future__ import annotations

from triservice.access.agreements.wording import listed
from triservice.casework.cases.actions.acting import (
    KEPT,
    locked_case,
    refresh,
    standing_case,
    working,
)
from triservice.casework.cases.actions.carried import bring, let_go, take_in
from triservice.casework.cases.rules import MERGED, Step
from triservice.casework.entries.actions import change, note
from triservice.casework.models import Case, CaseAgency, CaseLink, Entry
from triservice.casework.words import CaseState
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError


def link(reader: Reader, pk: int, other: str, why: str) -> None:
    """Link a case with another, by its reference, that the reader may read too."""
    with working(reader, pk, "link two cases", anew=True) as (record, case):
        found = Case.objects.filter(reference=other).values_list("pk", flat=True).first()
        if found is None or found == case.pk:
            raise InputError("There is no other case with this reference", kept=KEPT)
        if len(why.strip()) < 5:
            raise InputError("Say what they have to do with each other", kept=KEPT)
        second = locked_case(record, found)
        low, high = sorted((case.pk, second.pk))
        if CaseLink.objects.filter(left=low, right=high, undone_at__isnull=True).exists():
            raise InputError("These cases are linked already", kept=KEPT)
        row = CaseLink.objects.create(
            left_id=low, right_id=high, why=why.strip()[:500], made_at=record.reader.at,
            made_by_id=reader.officer,
        )  # fmt: skip
        for here, there in ((case, second), (second, case)):
            text = f"Linked with case {there.reference}"
            note(record, "link", row, case=here, text=text, why=why)


def unlink(reader: Reader, pk: int, other: int, why: str) -> None:
    """Take a link of a case back."""
    with working(reader, pk, "take a link of cases back") as (record, case):
        low, high = sorted((pk, other))
        row = CaseLink.objects.filter(left=low, right=high, undone_at__isnull=True).first()
        if row is None:
            raise InputError("These cases are not linked", kept=KEPT)
        change(row, undone_at=record.reader.at, undone_by_id=reader.officer)
        note(record, "unlink", row, case=case, text="Link to another case taken back", why=why)


def merge(reader: Reader, pk: int, into: str, why: str) -> int:
    """Go on with a case as part of another open case of the same agency; return that one.

    Nothing is moved: the page of the other shows both, what is due in either is due there, its risk
    is the higher of both, and parting them is exact.
    """
    with working(reader, pk, "merge two cases", step=Step.MERGE) as (record, case):
        found = Case.objects.filter(reference=into).values_list("pk", flat=True).first()
        if found is None or found == pk:
            raise InputError("There is no other case with this reference", kept=KEPT)
        kept = locked_case(record, found)
        if (kept.owner_id, kept.state) != (case.owner_id, CaseState.OPEN):
            raise InputError("Both must be open cases of your agency", kept=KEPT)
        if len(why.strip()) < 5:
            raise InputError("Say why they are one case", kept=KEPT)
        if case.restriction_id not in {None, kept.restriction_id}:  # its risk is told by the other
            raise InputError(
                "This case is on a need-to-know list, and the other is not on it", kept=KEPT,
                do="Merge the other into this one",
            )  # fmt: skip
        if left := _left_out(case, kept):
            raise InputError(
                f"Work on this case and not on the other: {left}", kept=KEPT,
                do="Let them join the other, or end their part here, first",
            )  # fmt: skip
        before, after = change(
            case, state=CaseState.MERGED, merged_into_id=kept.pk, next_step="", next_due_at=None
        )
        text = f"Merged into case {kept.reference}"
        note(record, MERGED, case, case=case, text=text, before=before, after=after, why=why)
        take_in(record, kept, case, why)
        return kept.pk


def _left_out(case: Case, kept: Case) -> str:
    """Name the agencies that work on a case jointly and could not on the one that stands.

    An officer of theirs who is inside, or goes to a visit that is planned, must be able to say that
    they are safe.
    """
    there = CaseAgency.objects.filter(case=kept, until__isnull=True).values("agency")
    gone = CaseAgency.objects.filter(case=case, until__isnull=True).exclude(agency__in=there)
    return listed(gone.order_by("agency__name").values_list("agency__name", flat=True))


def part(reader: Reader, pk: int, why: str) -> None:
    """Part a merged case from the other again: it is worked on by itself as before.

    What was done for it meanwhile stays done (`carried`).
    """
    with working(reader, pk, "part two cases", step=Step.PART) as (record, case):
        kept = locked_case(record, case.merged_into_id or 0)
        joined = Entry.objects.filter(case=case, verb=MERGED).order_by("at", "pk").last()
        before, after = change(
            case, state=CaseState.OPEN, merged_into=None, next_due_at=record.reader.at
        )
        text = "Parted from the case that it was merged into"
        note(record, "part", case, case=case, text=text, before=before, after=after, why=why)
        top = standing_case(record, kept.pk)
        bring(record, case, top, joined.at if joined else record.reader.at)
        for one in (kept, top) if top.pk != kept.pk else (kept,):
            let_go(record, one, case)
        refresh(kept, record.reader.at)
