"""Keeping a filled form, inside the recording of what it is for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from triservice.access.models import Restriction
from triservice.access.record import Record
from triservice.agencies.models import Agency
from triservice.casework.answers import rules
from triservice.casework.models import AnswerPart, Submission
from triservice.kernel.access_words import Marking
from triservice.schemes.scheme import Form, Scheme
from triservice.schemes.scoring import Reason


@dataclass(frozen=True, slots=True)
class Of:
    """Whose a row is: what every protected row of one referral or case has in common."""

    owner: Agency
    area: str = ""
    subject_key: UUID | None = None
    restriction: Restriction | None = None
    marking: str = str(Marking.OFFICIAL)

    def columns(self) -> dict[str, Any]:
        """Return the columns of a protected row, all but its data class."""
        return {
            "owner": self.owner,
            "area": self.area,
            "subject_key": self.subject_key,
            "restriction": self.restriction,
            "marking": self.marking,
        }


def keep(
    record: Record,
    scheme: Scheme,
    form: Form,
    values: Mapping[str, Any],
    of: Of,
    *,
    key: UUID,
    door: str,
    reasons: Iterable[Reason] = (),
) -> Submission:
    """Keep checked answers, a part for each data class, with the reasons that each class tells."""
    reader = record.reader
    submission = Submission.objects.create(
        key=key,
        scheme=scheme.id,
        version=scheme.version,
        form=form.id,
        door=door,
        by_id=reader.officer or None,
        agency_id=reader.agency or None,
        at=reader.at,
    )
    parts = rules.by_class(form, values)
    said: dict[str, list[list[Any]]] = {}
    for reason in reasons:
        classes = sorted(map(str, reason.classes))
        said.setdefault(rules.guard(classes), []).append([str(reason), classes])
    for data_class in sorted({*parts, *said}):
        part = AnswerPart.objects.create(
            submission=submission,
            data_class=data_class,
            answers=parts.get(data_class, {}),
            reasons=said.get(data_class, []),
            **of.columns(),
        )
        record.did(AnswerPart._meta.label_lower, part.pk, data_class)
    return submission
