"""The only readers of tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from triservice.access.models import ApiToken, Kind
from triservice.access.record import reading
from triservice.access.tokens import rules
from triservice.agencies.models import Holding, Officer
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose, Reader, Role


@dataclass(frozen=True, slots=True)
class Token:
    """A token in a list; never its secret."""

    pk: int
    agency: str
    system: str
    prefix: str
    scopes: tuple[str, ...]
    purposes: tuple[str, ...]
    roles: tuple[str, ...]
    made_at: datetime
    made_by: str
    expires_at: datetime
    last_used_at: datetime | None
    standing: rules.Standing


@dataclass(frozen=True, slots=True)
class Bearer:
    """A live token as a request presents it, with the account that it reads as."""

    pk: int
    account: Officer
    agency: int
    system: str
    prefix: str
    scopes: frozenset[str]
    purposes: tuple[Purpose, ...]
    expires_at: datetime
    last_used_at: datetime | None


def tokens(reader: Reader) -> list[Token]:
    """Return all tokens to an administrator, those of the own agency to anyone else."""
    at = clock.now()
    with reading(reader, Kind.CONSULTATION, "listed tokens of systems") as record:
        rows = ApiToken.objects.select_related("agency", "account", "made_by")
        if Role.ADMINISTRATOR not in reader.roles:
            rows = rows.filter(agency=reader.agency)
        found = [_token(row, at) for row in rows]
        record.note("tokens", [row.prefix for row in found])
    return found


def _token(row: ApiToken, at: datetime) -> Token:
    held = Holding.objects.filter(officer=row.account, until__isnull=True)
    return Token(
        row.pk,
        row.agency.name,
        row.system,
        row.prefix,
        tuple(row.scopes),
        tuple(row.purposes),
        tuple(held.order_by("post__role").values_list("post__role", flat=True)),
        row.made_at,
        row.made_by.name,
        row.expires_at,
        row.last_used_at,
        rules.standing(at, row.expires_at, row.revoked_at, active=row.account.is_active),
    )


def bearer(text: str) -> Bearer | None:
    """Return the live token that a secret is, or None: unknown, expired, revoked or ended."""
    prefix = rules.prefix_of(text)
    if prefix is None:
        return None
    row = ApiToken.objects.select_related("account").filter(prefix=prefix).first()
    if row is None or not rules.same(text, row.sha256):
        return None
    active = row.account.is_active
    if rules.standing(clock.now(), row.expires_at, row.revoked_at, active=active) != "live":
        return None
    known = {str(purpose) for purpose in Purpose}
    return Bearer(
        row.pk,
        row.account,
        row.agency_id,
        row.system,
        row.prefix,
        frozenset(map(str, row.scopes)),
        tuple(Purpose(word) for word in row.purposes if word in known),
        row.expires_at,
        row.last_used_at,
    )
