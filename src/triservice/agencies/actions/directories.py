"""An agency's own sign-in directory is connected and disconnected."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from django.db import transaction

from triservice.agencies.models import Agency, Officer, SignInDirectory
from triservice.kernel.errors import InputError

from .history import note, refuse_unless

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@transaction.atomic
def connect_directory(
    by: Officer | None,
    agency: Agency,
    *,
    slug: str,
    server: str,
    client: str,
    domains: Iterable[str],
) -> SignInDirectory:
    """Connect an OpenID Connect issuer that may speak for addresses of `domains`.

    A slug that is connected already is changed, for the same agency only. The client's secret is
    put into the environment by whoever keeps the server (`sign_in.directories.secret_of`).
    """
    refuse_unless("people", by, agency=agency)
    allowed = sorted({domain.strip().lower() for domain in domains} - {""})
    _refuse_bad(slug, server, client, allowed)
    old = SignInDirectory.objects.select_for_update().filter(slug=slug).first()
    if old is not None and old.agency_id != agency.pk:
        raise InputError("belongs to another agency", field="slug", do="Choose another")
    row = old or SignInDirectory(agency=agency, slug=slug)
    before = {"server": old.server, "client": old.client, "domains": old.domains} if old else {}
    row.server, row.client, row.domains = server.rstrip("/"), client.strip(), allowed
    row.is_active = True
    row.save()
    after = {"server": row.server, "client": row.client, "domains": row.domains}
    note("connect_directory", by, row, agency=agency, before=before, after=after)
    return row


@transaction.atomic
def disconnect_directory(by: Officer | None, directory: SignInDirectory) -> SignInDirectory:
    """Close a directory: nobody signs in through it from now on. Open sessions go on."""
    row = (
        SignInDirectory.objects.select_for_update(of=("self",))
        .select_related("agency")
        .get(pk=directory.pk)
    )
    refuse_unless("people", by, agency=row.agency)
    row.is_active = False
    row.save(update_fields=["is_active"])
    note("disconnect_directory", by, row, agency=row.agency, after={"is_active": False})
    return row


def _refuse_bad(slug: str, server: str, client: str, domains: list[str]) -> None:
    parts = urlsplit(server)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOCAL):
        raise InputError("does not begin with https://", field="server", do="Give the issuer")
    if not parts.hostname or not client.strip():
        raise InputError("The server and the client's name are both needed")
    if not domains:
        raise InputError("is empty", field="domains", do="Name the agency's own e-mail domains")
    try:
        validate_slug(slug)
        for domain in domains:
            validate_email(f"somebody@{domain}")
    except ValidationError as error:
        what = "A name or a domain holds characters that it may not"
        raise InputError(
            what, do="Letters, digits and hyphens; a domain as in fire.example"
        ) from error
