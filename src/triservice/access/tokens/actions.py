"""The only writers of tokens: make, renew, revoke, and note that one was used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q

from triservice.access.errors import Refused
from triservice.access.models import ApiToken, Kind
from triservice.access.record import Record, recording
from triservice.access.rules import UNKNOWN
from triservice.access.tokens import rules
from triservice.access.tokens.queries import Bearer
from triservice.access.tokens.rules import Scope
from triservice.agencies import actions as agencies
from triservice.agencies.models import Agency, Officer
from triservice.agencies.signals import officer_left
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose, Reader, Role
from triservice.kernel.errors import InputError


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token. `secret` is shown now and never again."""

    pk: int
    system: str
    agency: str
    prefix: str
    secret: str


def issue(
    reader: Reader,
    agency: Agency,
    system: str,
    *,
    roles: Iterable[Role],
    scopes: Iterable[Scope],
    purposes: Iterable[Purpose],
    days: int,
) -> Issued:
    """Make a system's account with its posts, and its first token.

    Raises InputError when the agency has a live system of that name or something is left out;
    Refused for anyone but an administrator.
    """
    system = " ".join(system.split())
    acts_as = sorted({Role(role) for role in roles})
    words = {
        "scopes": sorted({str(Scope(scope)) for scope in scopes}),
        "purposes": sorted({str(Purpose(purpose)) for purpose in purposes}),
    }
    with recording(reader, Kind.ALTERATION, "made a token for a system") as record:
        by = _administrator(record)
        Agency.objects.select_for_update().get(pk=agency.pk)  # of two at once, one is first
        if not system:
            raise InputError("is empty", field="system", do="Name the system")
        for name, given in {"roles": acts_as, **words}.items():
            if not given:
                raise InputError("is empty", field=name, do="Choose at least one")
        if not set(acts_as) <= set(rules.ROLES):
            raise InputError("is not a role of a system", field="roles", do="Choose another")
        if ApiToken.objects.filter(agency=agency, system=system, account__is_active=True).exists():
            what = f"{agency} has a system called {system} already"
            raise InputError(what, field="system", do="Renew its token, or choose another name")
        secret = rules.new_secret()
        account = _account(by, agency, system, secret.prefix, acts_as)
        return _keep(record, secret, account, agency, system, days, **words)


def renew(reader: Reader, token: int, days: int) -> Issued:
    """Make another token for the same system, with the same rights; the old one goes on until
    it expires or is revoked, so that the system can change over. Raises Refused, InputError.
    """
    with recording(reader, Kind.ALTERATION, "renewed the token of a system") as record:
        _administrator(record)
        old = _found(record, token)
        if not old.account.is_active:
            raise InputError("The account of this system has ended", do="Make a new system")
        secret, words = rules.new_secret(), {"scopes": old.scopes, "purposes": old.purposes}
        return _keep(record, secret, old.account, old.agency, old.system, days, **words)


def revoke(reader: Reader, token: int) -> None:
    """End a token, now. For administrators, and the data protection lead of its agency."""
    with recording(reader, Kind.ALTERATION, "revoked the token of a system") as record:
        old = _found(record, token)
        if old.revoked_at is not None:
            raise InputError("This token was revoked already")
        _end(ApiToken.objects.filter(pk=old.pk), reader.officer)
        record.did("access.apitoken", old.pk)


def touch(bearer: Bearer) -> None:
    """Note that a token was used, at most once a minute."""
    at = clock.now()
    if bearer.last_used_at is None or bearer.last_used_at <= at - rules.GRAIN:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=at - rules.GRAIN)
        ApiToken.objects.filter(stale, pk=bearer.pk).update(last_used_at=at)


def _administrator(record: Record) -> Officer:
    """Return who makes tokens. Raises Refused for anyone else."""
    if Role.ADMINISTRATOR not in record.reader.roles:
        raise Refused(UNKNOWN, "access.apitoken", hidden=True)
    return Officer.objects.get(pk=record.reader.officer)


def _found(record: Record, token: int) -> ApiToken:
    row = ApiToken.objects.select_related("account", "agency").filter(pk=token).first()
    reader = record.reader
    own = row is not None and row.agency_id == reader.agency
    leads = Role.DATA_PROTECTION_LEAD in reader.roles and own
    if row is None or not (Role.ADMINISTRATOR in reader.roles or leads):
        raise Refused(UNKNOWN, f"access.apitoken {token}", hidden=True)
    return row


def _account(by: Officer, agency: Agency, system: str, prefix: str, roles: list[Role]) -> Officer:
    """Engage the account of a system. Its address leads nowhere, so no password can be set."""
    name = f"{system} (system of {agency.short_name})"
    email = f"system.{prefix}@triservice.invalid"
    account = agencies.engage(by, email=email, name=name[:200], employer=agency)
    for role in roles:
        title = f"{system}: {role}"[:200]
        post = agencies.create_post(by, title=title, agency=agency, role=role)
        agencies.appoint(by, account, post, why="System account")
    return account


def _keep(
    record: Record,
    secret: rules.Secret,
    account: Officer,
    agency: Agency,
    system: str,
    days: int,
    **words: Any,
) -> Issued:
    lasts = timedelta(days=days)
    if not timedelta() < lasts <= rules.LONGEST:
        what = f"is not between 1 and {rules.LONGEST.days} days"
        raise InputError(what, field="days", do="Renew it when it runs out")
    at = clock.now()
    token = ApiToken.objects.create(
        account=account,
        agency=agency,
        system=system,
        prefix=secret.prefix,
        sha256=secret.sha256,
        made_at=at,
        made_by_id=record.reader.officer,
        expires_at=at + lasts,
        **words,
    )
    record.did("access.apitoken", token.pk)
    record.note("token", {"prefix": secret.prefix, "days": days} | words)
    return Issued(token.pk, system, agency.name, secret.prefix, secret.text)


def _end(rows: Any, by: int | None) -> None:
    rows.filter(revoked_at__isnull=True).update(revoked_at=clock.now(), revoked_by=by)


def end_with_account(sender: Any, officer: Officer, by: Officer | None, **_: Any) -> None:
    """Revoke the tokens of an account that leaves, in the transaction in which it does."""
    _end(ApiToken.objects.filter(account=officer), by.pk if by else None)


officer_left.connect(end_with_account, dispatch_uid="access.tokens")
