"""The words of access: data classes, purposes, roles, markings, and the answer to a read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class DataClass(StrEnum):
    """What kind of thing a row tells. An agreement opens classes, never 'the file'."""

    IDENTITY = "identity"
    CONTACT = "contact"
    LOCATION = "location"
    POLICE = "police"
    FIRE = "fire"
    AMBULANCE = "ambulance"
    HEALTH = "health"
    SOCIAL_CARE = "social care"
    SAFEGUARDING = "safeguarding"
    HOUSEHOLD = "household"
    RISK = "risk"
    OPERATIONAL = "operational"
    WORKFORCE = "workforce"


class Purpose(StrEnum):
    """Why a person reads. Chosen once per task, named in every disclosure."""

    PREVENTION_VISIT = "prevention visit"
    SAFEGUARDING = "safeguarding"
    RESPONSE = "response"
    TASKING = "tasking"
    EVALUATION = "evaluation"
    ADMINISTRATION = "administration"
    SUBJECT_RIGHTS = "subject rights"


class Role(StrEnum):
    """What a post lets its holder do in triservice; the people of the design, by name."""

    OFFICER = "officer"  # tri-service or public safety officer
    TEAM_LEADER = "team leader"
    TASKING_LEAD = "tasking lead"  # neighbourhood policing lead who tasks
    REFERRER = "referrer"
    DATA_OWNER = "data owner"  # decides requests for its agency's data
    CALDICOTT_GUARDIAN = "caldicott guardian"  # decides requests for health data
    DATA_PROTECTION_LEAD = "data protection lead"
    ANALYST = "analyst"
    TRAINER = "trainer"
    PROGRAMME_MANAGER = "programme manager"
    BOARD_MEMBER = "board member"
    FINANCE = "finance and evaluation"
    ADMINISTRATOR = "system administrator"  # keeps the system; reads nobody's data


class Marking(StrEnum):
    """Government security classification of a row."""

    OFFICIAL = "OFFICIAL"
    OFFICIAL_SENSITIVE = "OFFICIAL-SENSITIVE"


class Vetting(IntEnum):
    """Police vetting of non-police personnel, ordered: a higher level includes the lower."""

    NONE = 0
    NPPV1 = 1
    NPPV2 = 2
    NPPV3 = 3


class Mode(StrEnum):
    """How a term opens a data class."""

    OPEN = "open"
    ON_APPROVAL = "on approval"
    NEVER = "never"


class Outcome(StrEnum):
    """The answer to a read."""

    ALLOW = "allow"
    NEEDS_APPROVAL = "needs approval"
    DENY = "deny"


class Reason(StrEnum):
    """Why a read was answered so; the value is the sentence a person is shown."""

    OWN_DATA = "Your own agency holds this"
    TERM_OPEN = "The agreement opens this to you"
    APPROVED = "The owner approved your request"
    BREAK_GLASS = "You opened this in an emergency; the owner has been told"
    NEEDS_APPROVAL = "The agreement opens this only on approval"
    NO_TERM = "No agreement opens this to your agency"
    NOT_IN_FORCE = "The agreement is not in force"
    NEVER = "The agreement never opens this"
    PURPOSE = "The agreement does not open this for your purpose"
    NO_PURPOSE = "You have not said why you are reading"
    ROLE = "Your role does not read this"
    AREA = "The agreement does not cover this area"
    VETTING = "Your vetting does not reach what the agreement asks"
    TRAINING = "Your information sharing training is not current"
    OFF_DUTY = "The agreement asks that you are on duty"
    NO_CASE = "The agreement asks that you work on a case of this person"
    FIELD = "The agreement opens other parts of this record, not this one"
    NOT_OFFLINE = "This may be read here, and is not kept on a phone"
    RESTRICTED = "This record is open to a named list of people"
    CONFLICT = "You have a conflict of interest"
    UNKNOWN = "This is not known to the access rules"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one read: outcome, reason, and the term and agreement version that gave it.

    `until` is when the answer changes by itself; `small_number` the least count that may be shown.
    """

    outcome: Outcome
    reason: Reason
    term: int | None = None
    version: int | None = None
    until: datetime | None = None
    small_number: int = 0

    @property
    def allowed(self) -> bool:
        """Whether the read may go on."""
        return self.outcome is Outcome.ALLOW


@dataclass(frozen=True, slots=True)
class Reader:
    """An officer acting for an agency with a purpose, now. No data is read without one.

    `at` is aware. `cases` are the subject keys (as text) of the cases that the officer works on.
    """

    officer: int
    agency: int
    roles: frozenset[Role]
    purpose: Purpose | None
    at: datetime
    vetting: Vetting = Vetting.NONE
    training_current: bool = False
    on_duty: bool = False
    cases: frozenset[str] = frozenset()
    name: str = ""  # for the record: a snapshot of who it was
    source: str = ""  # where the request came from, for the record
    agency_name: str = ""  # for the record as well; blank: it is looked up
