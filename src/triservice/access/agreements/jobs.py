"""What the clock does to agreements: expiry, replacement, reminders. Safe to run at any time."""

from __future__ import annotations

from django.urls import reverse

from triservice.access.agreements import queries
from triservice.access.agreements.acting import note
from triservice.access.agreements.rules import State, Verb
from triservice.access.models import AgreementVersion, Notice, Party
from triservice.access.notices.actions import To, clock_reader, tell
from triservice.access.record import Kind, recording
from triservice.kernel import clock
from triservice.kernel.access_words import Role
from triservice.kernel.words import long_date

FOLLOWS = {
    Verb.EXPIRE: (State.EXPIRED, "Its time is over"),
    Verb.END: (State.ENDED, "Replaced by a later version"),
}


def expire_agreements() -> int:
    """Write down which versions have run out or been replaced; return how many.

    Nothing opens or closes by it: every read asks the clock itself.
    """
    done = 0
    waiting = AgreementVersion.objects.filter(state__in=(State.IN_FORCE, State.SUSPENDED))
    for pk in list(waiting.values_list("pk", flat=True)):
        if _by_the_clock(pk) is None:
            continue
        with recording(clock_reader(), Kind.ALTERATION, "agreements by the clock") as record:
            version = AgreementVersion.objects.select_for_update().get(pk=pk)
            verb = _by_the_clock(pk)
            if verb is None:  # another run was quicker
                continue
            state, why = FOLLOWS[verb]
            version.state = str(state)
            version.save(update_fields=["state"])
            note(record, version, verb, why)
            done += 1
    return done


def _by_the_clock(pk: int) -> Verb | None:
    version = AgreementVersion.objects.get(pk=pk)
    now = queries.standing_of(version, clock.now())
    verbs = {State.EXPIRED: Verb.EXPIRE, State.REPLACED: Verb.END}
    return verbs.get(now) if version.state != State.EXPIRED else None


def remind_of_agreements() -> int:
    """Tell the data-protection leads of the parties what needs a review or runs out, once each."""
    told = 0
    rows = queries.due_now(clock.now())
    if not rows:
        return 0
    with recording(clock_reader(), Kind.ALTERATION, "remind of agreements") as record:
        for row in rows:
            agencies = Party.objects.filter(version=row.pk).values_list("agency", flat=True)
            for due, day in row.dues:
                told += tell(
                    [To(agency, role=Role.DATA_PROTECTION_LEAD) for agency in agencies],
                    Notice.Kind.AGREEMENT,
                    f"{due}, {long_date(day)}: {row.title}",
                    reverse("access:agreement", args=[row.pk]),
                    f"agreement:{row.pk}:{due}:{day}",
                )
        record.note("reminders", told)
    return told
