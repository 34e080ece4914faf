"""What a token is made of, what it may do and for how long. Pure; no Django, no I/O."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest

from triservice.kernel.access_words import Role


class Scope(StrEnum):
    """What a system may call, whatever the agreements open; the value is what pages say."""

    AGREEMENTS = "agreements"
    DECIDE = "decide"
    PEOPLE = "people"
    PREMISES = "premises"
    RECORDS = "records"
    DISCLOSURES = "disclosures"
    REQUESTS = "requests"
    REFERRALS = "referrals"
    PLANS = "plans"


HINTS = {
    Scope.AGREEMENTS: "Read the agreements of its agency and their terms",
    Scope.DECIDE: "Ask whether something may be read, without reading it",
    Scope.PEOPLE: "Search and read people, as far as the agreements open them",
    Scope.PREMISES: "Search and read premises, as far as the agreements open them",
    Scope.RECORDS: "Send its agency's own records, and restrict who reads them",
    Scope.DISCLOSURES: "Read who read its agency's data",
    Scope.PLANS: "Read plans for problems at a place, as far as the agreements open them",
    Scope.REFERRALS: "Send referrals, and ask how they stand",
    Scope.REQUESTS: "Ask owners to open what needs their approval",
}
LONGEST = timedelta(days=366)
GRAIN = timedelta(minutes=1)  # the last use is written this often at most
ROLES = tuple(role for role in Role if role is not Role.ADMINISTRATOR)  # nobody's data, so no use
FORM = re.compile(r"tri_([0-9a-z]{10})_([0-9A-Za-z_-]{43})")
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Secret:
    """A new token as it is shown, once; and what is kept of it."""

    text: str
    prefix: str
    sha256: str


def new_secret() -> Secret:
    """Return a token of 256 random bits, with a prefix to recognise it by."""
    prefix = "".join(secrets.choice(_LETTERS) for _ in range(10))
    text = f"tri_{prefix}_{secrets.token_urlsafe(32)}"
    return Secret(text, prefix, digest(text))


def digest(text: str) -> str:
    """Return the SHA-256 that is kept of a token. It is random, so it needs no slow hash."""
    return sha256(text.encode()).hexdigest()


def prefix_of(text: str) -> str | None:
    """Return the prefix of a token, or None when the text is none."""
    found = FORM.fullmatch(text)
    return found[1] if found else None


def same(text: str, kept: str) -> bool:
    """Whether a token has the kept digest, in a time that does not depend on the answer."""
    return compare_digest(digest(text), kept)


class Standing(StrEnum):
    """Whether a token may be used."""

    LIVE = "live"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ENDED = "account ended"


def standing(
    at: datetime, expires: datetime, revoked: datetime | None, *, active: bool
) -> Standing:
    """Return how a token stands at `at`: it does not hold at the second it expires."""
    against = (
        (revoked is not None and revoked <= at, Standing.REVOKED),
        (not active, Standing.ENDED),
        (at >= expires, Standing.EXPIRED),
    )
    return next((state for holds, state in against if holds), Standing.LIVE)
