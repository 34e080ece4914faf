"""What the clock does for people: who came new is compared, and warnings are to be reviewed."""

from __future__ import annotations

from datetime import date, timedelta
from importlib.util import find_spec

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from triservice.access.jobs import SELDOM, by_the_clock
from triservice.access.models import Kind, Notice
from triservice.access.notices.actions import To, clock_reader, given, tell
from triservice.access.record import recording
from triservice.agencies.models import Agency
from triservice.kernel import clock
from triservice.kernel.access_words import Role
from triservice.kernel.words import long_date
from triservice.subjects.models import LinkageModel, Person, WarningMarker
from triservice.subjects.queries.known import AHEAD, monday_of, review_key

LATEST = timedelta(days=7)  # what fell due longer ago is on the list, and nobody is told of it now
AGAIN = timedelta(hours=23)  # asked for each hour, so that it stays near its time of day


@by_the_clock("comparisons of new people by the model, put into the queue", SELDOM)
def compare_new() -> int:
    """Let a background job compare who came since the last time; return 1 when there is one.

    Nothing is done where Splink is not installed, or nobody has trained a model yet.
    """
    model = LinkageModel.objects.order_by("-pk").first() if find_spec("splink") else None
    if model is None or not Person.objects.filter(pk__gt=model.seen_to).exists():
        return 0
    from triservice.subjects.tasks import compare_people

    since = clock.now() - AGAIN
    asked = DBTaskResult.objects.filter(task_path=compare_people.module_path)
    if asked.filter(enqueued_at__gt=since).exists():
        return 0
    compare_people.enqueue()
    return 1


@by_the_clock("reminders of warnings to review", SELDOM)
def remind_of_warnings() -> int:
    """Tell of warnings that fall due, once for each week in which some do; return how many.

    Team leaders are told, and whoever wrote one by hand and works here still. Whose warning it is
    about follows the link, and is not in the notice.
    """
    today = timezone.localtime(clock.now()).date()
    agencies = list(Agency.objects.values_list("pk", flat=True))
    due = WarningMarker.objects.filter(
        owner__in=agencies, ended_at__isnull=True, review_on__range=(today - LATEST, today + AHEAD)
    )
    told = dict[tuple[str, int, str, int | None], date]()
    for owner, by, works, day in due.values_list(
        "owner", "made_by", "made_by__is_active", "review_on"
    ).distinct():
        key = review_key(owner, day)
        told[key, owner, str(Role.TEAM_LEADER), None] = monday_of(day)
        if by and works:
            told[key, owner, "", by] = monday_of(day)
    for known in given({key for key, *_ in told}):
        told.pop(known, None)
    if not told:
        return 0
    with recording(clock_reader(), Kind.ALTERATION, "look for warnings to review") as record:
        for (key, owner, role, officer), monday in told.items():
            to = To(owner, role=Role(role) if role else None, officer=officer)
            text = f"Warnings of your agency are to be reviewed, in the week of {long_date(monday)}"
            tell([to], Notice.Kind.WARNING, text, "/people/warnings", key)
        record.note("told", len(told))
    return len(told)
