"""What openings hold of people, and who is one with whom: told to the access room below."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from triservice.access.openings.queries import fields_used, narrowed
from triservice.access.same import same_subject
from triservice.kernel.access_words import DataClass
from triservice.subjects.layout import COLUMNS, SERVICE_CLASS
from triservice.subjects.models import (
    AccessibleNeed,
    Person,
    RecordPart,
    SearchKey,
    WarningMarker,
)


@narrowed("subjects.recordpart")
def current(parts: QuerySet[RecordPart]) -> QuerySet[RecordPart]:
    """Return the parts of what agencies hold now, not of what they have sent anew since."""
    return parts.filter(current=True)


@narrowed("subjects.searchkey")
def with_their_part(keys: QuerySet[SearchKey]) -> QuerySet[SearchKey]:
    """Return nothing: what is found by a part is open as the part is (`queries.search`)."""
    return keys.none()


@fields_used("subjects.recordpart")
def columns(data_class: str) -> list[str]:
    """Return the columns that a part of this class uses: its own, or the summary and details."""
    own = [name for name, column in COLUMNS.items() if column.goes_to == data_class]
    return [*own, *(["identifiers"] if data_class == "identity" else []), "summary", "details"]


@fields_used("subjects.link")
@fields_used("subjects.relation")
def none(data_class: str) -> list[str]:
    """Return nothing: who is linked to what is opened with the record, not asked for by itself."""
    return []


@fields_used("subjects.warningmarker")
def of_markers(data_class: str) -> tuple[str, ...]:
    """Return the columns of warnings: they tell of a risk, or of what a service itself knows."""
    told = {DataClass.RISK, DataClass.SAFEGUARDING, *SERVICE_CLASS.values()}
    return WarningMarker.FIELDS if data_class in told else ()


@fields_used("subjects.accessibleneed")
def of_needs(data_class: str) -> tuple[str, ...]:
    """Return the columns of how to be understood, which is told as contact."""
    return AccessibleNeed.FIELDS if data_class == DataClass.CONTACT else ()


@same_subject
def one_with(subject: UUID) -> list[UUID]:
    """Return the keys of all who are one person with this one, whichever of them is named."""
    own = Person.objects.filter(key=subject)
    root = own.values_list("root", "pk").first()
    if root is None:
        return []
    top = root[0] or root[1]
    return list(Person.objects.filter(Q(pk=top) | Q(root=top)).values_list("key", flat=True))
