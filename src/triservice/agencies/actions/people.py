"""Officers are engaged, appointed to posts, and their posts end."""

from __future__ import annotations

from datetime import date

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from triservice.agencies.models import Agency, Holding, Officer, Post
from triservice.agencies.models.officers import new_access_key
from triservice.agencies.rules import Period, first_full_day
from triservice.kernel.errors import InputError

from .history import note, refuse_unless, today


@transaction.atomic
def engage(by: Officer | None, *, email: str, name: str, employer: Agency) -> Officer:
    """Make an officer who works for `employer`; without a post they read nothing yet.

    They set their own password through the reset page, and a second factor at first sign-in.
    """
    refuse_unless("people", by, agency=employer)
    email, name = email.strip().lower(), " ".join(name.split())
    try:
        validate_email(email)
    except ValidationError as error:
        raise InputError("is not an e-mail address", field="email", do="Correct it") from error
    if not name:
        raise InputError("is empty", field="name", do="Enter the officer's name")
    if Officer.objects.filter(email=email).exists():
        what = "belongs to an officer already"
        raise InputError(what, field="email", do="Find the officer, and reinstate one who left")
    officer = Officer.objects.create_user(email, name=name, employer=employer)
    after = {"email": email, "name": name, "employer": employer}
    note("engage", by, officer, about=officer, after=after)
    return officer


@transaction.atomic
def appoint(
    by: Officer | None,
    officer: Officer,
    post: Post,
    *,
    since: date | None = None,
    until: date | None = None,
    why: str = "",
) -> Holding:
    """Give a post to an officer from `since` (today) up to and without `until`.

    A post of one place has one holder on any day; the row of the post is locked while its holders
    are counted, so that two people cannot appoint to the same place at once.
    """
    post = Post.objects.select_for_update().select_related("agency").get(pk=post.pk)
    officer = Officer.objects.select_for_update().get(pk=officer.pk)
    refuse_unless("people", by, agency=post.agency, about=officer)
    if not officer.is_active:
        raise InputError(f"{officer.name} has left", do="Reinstate them before you appoint them")
    wanted = Period(since or today(), until)
    if wanted.empty:
        what = "is not after the day that the post begins"
        raise InputError(what, field="until", do="Give the first day that they no longer hold it")
    held = list(Holding.objects.filter(post=post).select_related("officer"))
    if any(h.officer_id == officer.pk and _period(h).overlaps(wanted) for h in held):
        what = f"{officer.name} holds this post in that time already"
        raise InputError(what, do="End the first appointment, or choose other days")
    if full := first_full_day([_period(h) for h in held], wanted, post.places):
        raise InputError(
            f"{post.title} is full on {full:%d %B %Y}: it has places for {post.places}",
            do="End an appointment first, or choose other days",
        )
    holding = Holding.objects.create(
        officer=officer, post=post, since=wanted.since, until=wanted.until
    )
    after = {"post": post, "title": post.title, "since": wanted.since, "until": wanted.until}
    note("appoint", by, holding, about=officer, agency=post.agency, after=after, why=why)
    return holding


@transaction.atomic
def end_holding(
    by: Officer | None, holding: Holding, *, until: date | None = None, why: str = ""
) -> Holding:
    """End a holding: `until` (today) is the first day without it. Never lengthens one."""
    holding = (
        Holding.objects.select_for_update()
        .select_related("officer", "post__agency")
        .get(pk=holding.pk)
    )
    refuse_unless("people", by, agency=holding.post.agency, about=holding.officer)
    ended = _period(holding).ended(until or today())
    if ended.until == holding.until:
        return holding
    before = {"until": holding.until}
    holding.until = ended.until
    holding.save(update_fields=["until"])
    note(
        "end_holding",
        by,
        holding,
        about=holding.officer,
        agency=holding.post.agency,
        before=before,
        after={"until": holding.until},
        why=why,
    )
    return holding


@transaction.atomic
def withdraw_second_factor(by: Officer | None, officer: Officer, *, why: str) -> None:
    """Take away an officer's lost authenticators and end their sessions; they enrol again."""
    officer = Officer.objects.select_for_update().get(pk=officer.pk)
    refuse_unless("people", by, agency=officer.employer, about=officer)
    if not why.strip():
        raise InputError("is empty", field="why", do="Say how you made sure who is asking")
    taken = Authenticator.objects.filter(user_id=officer.pk).delete()[0]
    officer.access_key = new_access_key()
    officer.save(update_fields=["access_key"])
    before = {"authenticators": taken}
    note("withdraw_second_factor", by, officer, about=officer, before=before, why=why)


def _period(holding: Holding) -> Period:
    return Period(holding.since, holding.until)
