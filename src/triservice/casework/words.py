"""The words of casework: whom a referral is about, how it stands, and what is found and done."""

from __future__ import annotations

from enum import StrEnum


class About(StrEnum):
    """What a scheme looks after; people and places are equals."""

    PERSON = "person"
    HOUSEHOLD = "household"
    PREMISES = "premises"


class ReferralState(StrEnum):
    """Where a referral stands. The first two wait for somebody."""

    RECEIVED = "received"
    MORE = "need more"
    ACCEPTED = "accepted"
    SIGNPOSTED = "signposted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class CaseState(StrEnum):
    """Where a case stands. A merged case is worked on as part of another."""

    OPEN = "open"
    OFFERED = "offered"  # to another agency, which has not answered yet
    CLOSED = "closed"
    MERGED = "merged"


class Part(StrEnum):
    """The part that somebody or some place has in a case."""

    SUBJECT = "subject"
    LIVES_THERE = "lives there"
    CARER = "carer"
    FAMILY = "family"
    NEIGHBOUR = "neighbour"
    LANDLORD = "landlord"
    PROFESSIONAL = "professional"
    PLACE = "place"


LOOKED_AFTER = (Part.SUBJECT, Part.LIVES_THERE, Part.PLACE)
"""Whom and where a case is about. Who else has a part helps, owns or knows: nothing of the case
rests on their consent, and no term that asks for a case opens what is known of them."""


class NeedState(StrEnum):
    """What became of a need."""

    OPEN = "open"
    MET = "met"
    PARTLY = "partly met"
    UNMET = "not met"
    DECLINED = "declined by the person"


class ActionState(StrEnum):
    """What became of an action."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class VisitState(StrEnum):
    """How far a visit is. A new attempt after no access is a visit of its own."""

    PLANNED = "planned"
    NO_ACCESS = "no access"
    DONE = "done"
    CANCELLED = "cancelled"


class OnwardState(StrEnum):
    """How far an onward referral is."""

    SENT = "sent"
    ACCEPTED = "accepted"
    COMPLETED = "completed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Takes(StrEnum):
    """How a service of the directory takes referrals."""

    HERE = "here"  # its officers join the case
    LETTER = "letter"
    TELEPHONE = "telephone"
    FHIR = "FHIR"
    API = "API"


SYSTEMS = frozenset({Takes.FHIR, Takes.API})  # sent to a system, by the clock (onward.jobs)


class Dispatched(StrEnum):
    """How far an onward referral to the system of a service is."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given up"


class FileKind(StrEnum):
    """What a file may be, as its content proves."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    PDF = "pdf"
    TEXT = "text"
    WORD = "word"
    EXCEL = "excel"
    POWERPOINT = "powerpoint"


class Scan(StrEnum):
    """Whether a virus scanner looked at a file before it was kept."""

    CLEAN = "scanned"
    NOT_SCANNED = "not scanned"


class Capacity(StrEnum):
    """Who consents, and how it was known that they can (Mental Capacity Act 2005, sections 1-5)."""

    HAS = "has capacity"
    PARENT = "a parent consents"
    ATTORNEY = "an attorney or deputy consents"
    BEST_INTERESTS = "lacks capacity: in their best interests"
    NOT_ASSESSED = "not assessed"


class Override(StrEnum):
    """Why something is shared or done without consent; each is a lawful reason, none is "busy"."""

    NONE = ""
    RISK_OF_HARM = "serious risk of harm to them or others"
    CHILD_AT_RISK = "a child is at risk of harm"
    CRIME = "to prevent or detect a serious crime"
    COERCION = "they are under the control of another"
    LEGAL_DUTY = "a law or a court requires it"


class Closing(StrEnum):
    """Why a case is closed."""

    NEEDS_MET = "needs met"
    PARTLY_MET = "needs partly met"
    NOT_ENGAGED = "the person did not want it"
    NO_CONTACT = "could not be reached"
    PASSED_ON = "passed on to another service"
    MOVED = "moved away"
    DIED = "died"
    OPENED_IN_ERROR = "opened in error"


class PlanState(StrEnum):
    """Whether a problem-solving plan is worked on."""

    OPEN = "open"
    CLOSED = "closed"


class PlanStage(StrEnum):
    """How far a plan is, by what was done: the steps of problem-oriented practice (SARA)."""

    SCANNING = "scanning"  # nothing is counted yet
    ANALYSIS = "analysis"  # counted, and no response is set
    RESPONSE = "response"  # a response is set, and nothing is counted again
    ASSESSMENT = "assessment"  # counted again
    CLOSED = "closed"


class PlanOutcome(StrEnum):
    """What came of a problem-solving plan."""

    SOLVED = "solved"
    REDUCED = "reduced"
    UNCHANGED = "unchanged"
    WORSE = "worse"
    NOT_KNOWN = "not known"
    GIVEN_UP = "given up"


class Moved(StrEnum):
    """Whether a problem went elsewhere, or changed into another, when it was dealt with here."""

    NOT_SEEN = "looked, not seen"
    PARTLY = "partly moved"
    MOVED = "moved"
    NEARBY_BETTER = "better nearby too"
