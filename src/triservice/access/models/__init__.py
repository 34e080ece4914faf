"""Agreements, openings, restrictions and the record of every read: data and constraints."""

from triservice.access.models.agreements import (
    Agreement,
    AgreementVersion,
    Party,
    Signatory,
    Term,
)
from triservice.access.models.checkpoints import Checkpoint
from triservice.access.models.disclosures import ChainHead, Disclosure, Kind
from triservice.access.models.epochs import Epoch
from triservice.access.models.openings import Opening, OpeningItem
from triservice.access.models.protected import Protected
from triservice.access.models.restrictions import (
    ConflictOfInterest,
    Restriction,
    RestrictionMember,
)

__all__ = [
    "Agreement",
    "AgreementVersion",
    "ChainHead",
    "Checkpoint",
    "ConflictOfInterest",
    "Disclosure",
    "Epoch",
    "Kind",
    "Opening",
    "OpeningItem",
    "Party",
    "Protected",
    "Restriction",
    "RestrictionMember",
    "Signatory",
    "Term",
]
