"""Agreements, openings, restrictions and the record of every read: data and constraints."""

from triservice.access.models.agreements import (
    Agreement,
    AgreementEvent,
    AgreementVersion,
    Party,
    Signatory,
    Term,
)
from triservice.access.models.checkpoints import Checkpoint
from triservice.access.models.clockwork import ClockJob, Clockwork
from triservice.access.models.disclosures import ChainHead, Disclosure, Kind
from triservice.access.models.emergencies import GlassBreak
from triservice.access.models.epochs import Epoch
from triservice.access.models.notices import NoMail, Notice
from triservice.access.models.openings import Opening, OpeningItem
from triservice.access.models.protected import Protected
from triservice.access.models.requests import AccessRequest, RequestItem, RequestMessage
from triservice.access.models.restrictions import (
    ConflictOfInterest,
    Restriction,
    RestrictionMember,
    RestrictionSubject,
)
from triservice.access.models.tokens import ApiToken
from triservice.access.models.touched import Touched, TouchedUpTo

__all__ = [
    "AccessRequest",
    "Agreement",
    "AgreementEvent",
    "AgreementVersion",
    "ApiToken",
    "ChainHead",
    "Checkpoint",
    "ClockJob",
    "Clockwork",
    "ConflictOfInterest",
    "Disclosure",
    "Epoch",
    "GlassBreak",
    "Kind",
    "NoMail",
    "Notice",
    "Opening",
    "OpeningItem",
    "Party",
    "Protected",
    "RequestItem",
    "RequestMessage",
    "Restriction",
    "RestrictionMember",
    "RestrictionSubject",
    "Signatory",
    "Term",
    "Touched",
    "TouchedUpTo",
]
