"""What the clock does to requests: reminders, and the end of those that nobody decided."""

from __future__ import annotations

from triservice.access.approvals import rules
from triservice.access.approvals.actions import tell_approvers, tell_officer
from triservice.access.models import AccessRequest, Notice
from triservice.access.notices.actions import To, clock_reader, deal_with, tell
from triservice.access.record import Kind, recording
from triservice.kernel import clock
from triservice.kernel.access_words import Role


def remind_of_requests() -> int:
    """Remind approvers half way and when an answer is late; then also the lead. Once each."""
    told, at = 0, clock.now()
    waiting = AccessRequest.objects.filter(state="waiting", until__gt=at).order_by("due_at")
    with recording(clock_reader(), Kind.ALTERATION, "remind of requests") as record:
        for request in waiting:
            if request.due_at <= at:
                key = f"request:{request.pk}:late:{request.due_at}"
                told += tell_approvers(request, "is late", key)
                told += tell(
                    [To(request.owner_id, role=Role.DATA_PROTECTION_LEAD)],
                    Notice.Kind.REQUEST,
                    f"A request for {request.data_class} data of your agency is late",
                    f"/access/requests/{request.pk}",
                    key,
                )
            elif rules.half_way(request.asked_at, request.due_at) <= at:
                key = f"request:{request.pk}:half:{request.due_at}"
                told += tell_approvers(request, "still waits for your decision", key)
        record.note("reminders", told)
    return told


def lapse_requests() -> int:
    """End the requests whose time has passed undecided; return how many."""
    at, done = clock.now(), 0
    over = AccessRequest.objects.filter(state__in=rules.OPEN_STATES, until__lte=at)
    for pk in list(over.values_list("pk", flat=True)):
        with recording(clock_reader(), Kind.ALTERATION, "a request lapses") as record:
            rows = AccessRequest.objects.filter(pk=pk, state__in=rules.OPEN_STATES)
            if rows.update(state="lapsed", decided_at=at):
                request = AccessRequest.objects.get(pk=pk)
                record.did("access.accessrequest", pk, request.data_class)
                deal_with(record.reader, f"request:{pk}")
                tell_officer(request, "was not decided in time", "lapsed")
                done += 1
    return done
