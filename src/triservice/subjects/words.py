"""The words of people and places: who is involved how, what is known, how records are joined."""

from __future__ import annotations

from enum import StrEnum

from triservice.kernel.access_words import DataClass


class Involved(StrEnum):
    """How a person, home or household is involved in a record. Always shown beside the link.

    A victim must never be read as a suspect, so a row that does not say is NOT_SAID, in words.
    """

    VICTIM = "victim"
    SUSPECT = "suspect"
    WITNESS = "witness"
    AT_RISK = "at risk"
    RESIDENT = "resident"
    PATIENT = "patient"
    CALLER = "caller"
    CARER = "carer"
    MEMBER = "member of the household"
    SCENE = "where it happened"
    HOME = "home address"
    OTHER = "otherwise involved"
    NOT_SAID = "involvement not said"


class Known(StrEnum):
    """An answer that may be missing. Not known is never no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "not known"


class Kin(StrEnum):
    """How one person stands to another; read as 'left is the … of right'."""

    PARENT = "parent"
    CHILD = "child"
    PARTNER = "partner"
    FORMER_PARTNER = "former partner"
    SIBLING = "brother or sister"
    CARER = "carer"
    CARED_FOR = "cared for"
    FRIEND = "friend"
    NEIGHBOUR = "neighbour"
    ASSOCIATE = "associate"
    LIVES_WITH = "lives with"


OTHER_WAY: dict[Kin, Kin] = {
    Kin.PARENT: Kin.CHILD,
    Kin.CHILD: Kin.PARENT,
    Kin.CARER: Kin.CARED_FOR,
    Kin.CARED_FOR: Kin.CARER,
}
"""The same relation read from the right; a kind that is not here reads the same both ways."""


class State(StrEnum):
    """Where a candidate pair stands."""

    PROPOSED = "proposed"
    CONFIRMED_BY_ONE = "confirmed by one person"
    LINKED = "linked"
    DIFFERENT = "confirmed different"


class Kept(StrEnum):
    """What one search key holds."""

    NAME = "name"
    NAMES = "names"  # with those in the middle, where there are any
    ALIAS = "alias"
    NHS = "nhs"
    NUMBER = "number"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    ORGANISATION = "body"


COMES_FROM: dict[Kept, tuple[str, ...]] = {
    Kept.NAME: ("given_name", "family_name"),
    Kept.NAMES: ("given_name", "middle_names", "family_name"),
    Kept.ALIAS: ("aliases",),
    Kept.NHS: ("nhs_number",),
    Kept.NUMBER: ("identifiers",),
    Kept.PHONE: ("phone", "other_phone"),
    Kept.EMAIL: ("email",),
    Kept.ADDRESS: ("address", "postcode", "uprn"),
    Kept.ORGANISATION: ("organisation",),
}
"""The columns of a part that a key is made of: who may not see all of them cannot find by it."""


SENSITIVE: frozenset[DataClass] = frozenset(
    {DataClass.HEALTH, DataClass.SAFEGUARDING, DataClass.SOCIAL_CARE}
)
"""Classes that a wrong link must not expose: joining across them needs two different people."""
