"""Sign an invented officer in, both steps given, without going through the pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.test import Client

from triservice.access.pages import SESSION_KEY
from triservice.agencies.models import Officer
from triservice.agencies.sign_in.second_factor import mark
from triservice.kernel.access_words import Purpose


def sign_in(
    client: Client, officer: Officer, purpose: Purpose | None = Purpose.PREVENTION_VISIT
) -> Client:
    """Sign an officer in to a test client, with a purpose chosen (None: not yet)."""
    client.force_login(officer)
    session = client.session
    mark(session, officer)
    if purpose:
        session[SESSION_KEY] = purpose
    session.save()
    return client


def confirm(client: Client, officer: Officer) -> Client:
    """Let the session have confirmed just now who it is, as sensitive pages ask."""
    session = client.session
    at = datetime.now(UTC).timestamp()
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": at}]
    session["account_authentication_methods_user"] = str(officer.pk)
    session.save()
    return client


def cookie_of(client: Client, address: str) -> dict[str, Any]:
    """Return the session of a test client as a cookie for a browser at `address` (http://…)."""
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": address}
