"""The first administrator: whoever may enter everybody else."""

from __future__ import annotations

from typing import Any

from triservice.kernel.access_words import Role
from triservice.kernel.errors import InputError


def create_admin(
    email: str, name: str, agency: str, kind: str | None, password: str | None
) -> dict[str, Any]:
    """Make an officer with a post as system administrator, and the agency if `kind` is given.

    An administrator keeps the system and reads nobody's data. Raises InputError when the agency is
    not known, the officer exists, or the password is too weak; then nothing was made.
    """
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.db import transaction

    from triservice.agencies import actions

    with transaction.atomic():
        host = _agency(agency, kind)
        officer = actions.engage(None, email=email, name=name, employer=host)
        if password is not None:
            try:
                validate_password(password, officer)
            except ValidationError as refusal:
                raise InputError(" ".join(refusal.messages), field="password") from None
            officer.set_password(password)
            officer.save(update_fields=["password"])
        post = _post(host)
        actions.appoint(None, officer, post, why="the first administrator, from the console")
    return {"email": officer.email, "name": officer.name, "agency": host.name, "post": post.title}


def _agency(name: str, kind: str | None) -> Any:
    from django.db.models import Q

    from triservice.agencies import actions
    from triservice.agencies.models import Agency

    found = Agency.objects.filter(Q(name__iexact=name) | Q(short_name__iexact=name)).first()
    if found:
        return found
    if kind is None:
        raise InputError(f"No agency is called {name}", do="Give --kind to make it")
    if kind not in Agency.Kind.values:
        raise InputError(f"{kind} is no kind of agency", do=f"Use {', '.join(Agency.Kind.values)}")
    return actions.add_agency(None, name=name, short_name=name[:40], kind=kind)


def _post(agency: Any) -> Any:
    from triservice.agencies import actions
    from triservice.agencies.models import Post

    title = "System administrator"
    found = Post.objects.filter(agency=agency, role=Role.ADMINISTRATOR, title=title).first()
    return found or actions.create_post(
        None, title=title, agency=agency, role=Role.ADMINISTRATOR, places=5
    )
