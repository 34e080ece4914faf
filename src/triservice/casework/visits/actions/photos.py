"""The consent that a scheme asks before a photo is taken at a visit: asked, recorded, required."""

from __future__ import annotations

from django.utils import timezone

from triservice.access.record import Record
from triservice.casework.answers.queries import scheme_of
from triservice.casework.cases.actions.acting import KEPT, person_about, working
from triservice.casework.cases.queries.consents import by_person, consents_on
from triservice.casework.cases.rules import ConsentFacts
from triservice.casework.models import Case
from triservice.casework.notes.actions import record_consent
from triservice.casework.visits import rules
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError
from triservice.schemes.scheme import Consent as Asked


def agree_to_photos(reader: Reader, pk: int, capacity: str, given_by: str = "") -> None:
    """Record that somebody of a case agrees to photos, in the scheme's own words.

    Nothing is recorded where the scheme asks for no consent, or where there is one that stands.
    """
    with working(reader, pk, "record consent to photos") as (record, case):
        asked = _missing(record, case)
        if asked is None:
            return
        whom = person_about(case)
        if whom is None:
            raise InputError("Nobody is named in this case who could agree to photos", kept=KEPT)
        today = timezone.localdate(record.reader.at)
        record_consent(
            reader, pk, str(whom.key), asked.text, given=True, capacity=capacity,
            given_by=given_by, asked_on=today,
            expires_on=rules.months_after(today, asked.months) if asked.months else None,
        )  # fmt: skip


def require_consent_to_photos(record: Record, case: Case) -> None:
    """Raise InputError where the scheme asks for consent before a photo and there is none."""
    asked = _missing(record, case)
    if asked is not None:
        raise InputError(
            f"Nobody has agreed to photos yet: “{asked.text}”", kept="The photo was not added",
            do="Say who agrees, or record the consent on the case, and add the photo again",
        )  # fmt: skip


def _missing(record: Record, case: Case) -> Asked | None:
    scheme = scheme_of(case.scheme, case.version)
    if scheme is None:
        return None
    said = (
        (row.person_id, row.scope, ConsentFacts.of(row, row.given, row.override))
        for row in consents_on(case.pk)
    )
    return rules.photos_first(scheme, by_person(said), timezone.localdate(record.reader.at))
