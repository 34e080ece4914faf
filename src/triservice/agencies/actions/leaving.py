"""An officer leaves: sessions, tokens and access end in the transaction that says so."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import Q

from triservice.agencies.models import Duty, Holding, Officer, PowerGrant
from triservice.agencies.models.officers import new_access_key
from triservice.agencies.rules import Period
from triservice.agencies.signals import officer_left
from triservice.kernel.clock import now
from triservice.kernel.errors import InputError

from .history import note, refuse_unless, today


@transaction.atomic
def leave(by: Officer | None, officer: Officer, *, why: str = "") -> Officer:
    """End everything that an officer has, now; returns the officer as left.

    The account is closed, the password made unusable, the key that every session is bound to
    changed, authenticators and directory accounts removed, posts, powers and duty ended; then
    other rooms take back what is theirs (`signals.officer_left`). A request that is already being
    answered is finished; the next one is refused. Leaving twice changes nothing.
    """
    officer = (
        Officer.objects.select_for_update(of=("self",))
        .select_related("employer")
        .get(pk=officer.pk)
    )
    refuse_unless("leaving", by, agency=officer.employer, about=officer)
    if not officer.is_active:
        return officer
    ended = {name: end(officer) for name, end in _ENDINGS.items()}
    officer.is_active = False
    officer.left_on = today()
    officer.access_key = new_access_key()
    officer.set_unusable_password()
    officer.save(update_fields=["is_active", "left_on", "access_key", "password"])
    officer_left.send(sender=Officer, officer=officer, by=by)
    note(
        "leave",
        by,
        officer,
        about=officer,
        before={"is_active": True},
        after={"is_active": False, "left_on": officer.left_on, "ended": ended},
        why=why,
    )
    return officer


@transaction.atomic
def reinstate(by: Officer | None, officer: Officer, *, why: str) -> Officer:
    """Open the account of an officer who left. They have no post, power or second factor yet."""
    officer = Officer.objects.select_for_update().get(pk=officer.pk)
    refuse_unless("people", by, agency=officer.employer, about=officer)
    if officer.is_active:
        raise InputError(f"{officer.name} has not left", do="There is nothing to reinstate")
    if not why.strip():
        raise InputError("is empty", field="why", do="Say why the officer comes back")
    before = {"left_on": officer.left_on}
    officer.is_active, officer.left_on = True, None
    officer.save(update_fields=["is_active", "left_on"])
    note("reinstate", by, officer, about=officer, before=before, why=why)
    return officer


def _end_rows(model: type[Holding] | type[PowerGrant], officer: Officer) -> list[int]:
    """End the rows of an officer that are still open or to come; returns their keys."""
    day = today()
    live = model.objects.filter(Q(until__isnull=True) | Q(until__gt=day), officer=officer)
    keys = []
    for row in live:
        row.until = Period(row.since, row.until).ended(day).until
        row.save(update_fields=["until"])
        keys.append(row.pk)
    return keys


def _end_duty(officer: Officer) -> list[int]:
    moment = now()
    keys = list(
        Duty.objects.filter(officer=officer, ends__isnull=True).values_list("pk", flat=True)
    )
    for duty in Duty.objects.filter(pk__in=keys):
        duty.ends = max(moment, duty.starts)
        duty.save(update_fields=["ends"])
    return keys


def _delete(model: type[Authenticator] | type[SocialAccount]) -> Callable[[Officer], int]:
    return lambda officer: model.objects.filter(user_id=officer.pk).delete()[0]


_ENDINGS: dict[str, Callable[[Officer], list[int] | int]] = {
    "holdings": lambda officer: _end_rows(Holding, officer),
    "powers": lambda officer: _end_rows(PowerGrant, officer),
    "duties": _end_duty,
    "authenticators": _delete(Authenticator),
    "directory accounts": _delete(SocialAccount),
}
