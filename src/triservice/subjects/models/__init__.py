"""People, households, organisations and premises, and the source records that tell of them.

Spines carry no attribute of a person: all that is known stays in parts of records, each owned.
"""

from __future__ import annotations

from triservice.subjects.models.joins import (
    Candidate,
    Confirmation,
    Difference,
    LinkageModel,
    Merge,
    WrongLink,
)
from triservice.subjects.models.known import AccessibleNeed, MarkerReview, Relation, WarningMarker
from triservice.subjects.models.records import (
    AgencyNumber,
    Link,
    Quarantined,
    RecordPart,
    SourceRecord,
)
from triservice.subjects.models.search import SearchKey, WordForm
from triservice.subjects.models.spines import Household, Organisation, Person, Premises

__all__ = [
    "AccessibleNeed",
    "AgencyNumber",
    "Candidate",
    "Confirmation",
    "Difference",
    "Household",
    "Link",
    "LinkageModel",
    "MarkerReview",
    "Merge",
    "Organisation",
    "Person",
    "Premises",
    "Quarantined",
    "RecordPart",
    "Relation",
    "SearchKey",
    "SourceRecord",
    "WarningMarker",
    "WordForm",
    "WrongLink",
]
