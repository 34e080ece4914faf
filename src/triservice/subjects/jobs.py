"""What the clock does for people: who came new is compared, and warnings are to be reviewed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from importlib.util import find_spec

from django.db.models import Max
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from triservice.access.jobs import SELDOM, by_the_clock
from triservice.access.models import Kind, Notice
from triservice.access.notices.actions import To, clock_reader, tell
from triservice.access.record import recording
from triservice.agencies.models import Agency
from triservice.kernel import clock
from triservice.kernel.access_words import Role
from triservice.kernel.words import long_date
from triservice.subjects.models import LinkageModel, Person, WarningMarker
from triservice.subjects.queries.known import AHEAD, monday_of, review_key

LATEST = timedelta(days=7)  # what fell due longer ago is on the list, and nobody is told of it now
Whom = tuple[str, int, str, int | None]  # the key of a week, and an agency's role or an officer
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

    Team leaders are told, and whoever wrote one by hand and works here still; once more where a
    warning came into the week after they had dealt with it. Whose warning it is about follows the
    link, and is not in the notice.
    """
    today = timezone.localtime(clock.now()).date()
    agencies = list(Agency.objects.values_list("pk", flat=True))
    due = WarningMarker.objects.filter(
        owner__in=agencies, ended_at__isnull=True, review_on__range=(today - LATEST, today + AHEAD)
    )
    came, dealt = dict[Whom, tuple[datetime, date]](), _dealt()
    rows = due.values_list("owner", "made_by", "made_by__is_active", "review_on")
    for owner, by, works, day, *written in rows.annotate(Max("made_at"), Max("reviews__at")):
        at = max(filter(None, written))
        for role, officer in [(str(Role.TEAM_LEADER), None), ("", by)][: 2 if by and works else 1]:
            whom = review_key(owner, day), owner, role, officer
            came[whom] = max(came.get(whom, (at,))[0], at), monday_of(day)
    told = {
        whom: (at, monday)
        for whom, (at, monday) in came.items()
        if whom not in dealt or ((done := dealt[whom]) and at > done)
    }
    if not told:
        return 0
    with recording(clock_reader(), Kind.ALTERATION, "look for warnings to review") as record:
        for (key, owner, role, officer), (at, monday) in told.items():
            to = To(owner, role=Role(role) if role else None, officer=officer)
            text = f"Warnings of your agency are to be reviewed, in the week of {long_date(monday)}"
            tell([to], Notice.Kind.WARNING, text, "/people/warnings", f"{key}:{at}")
        record.note("told", len(told))
    return len(told)


def _dealt() -> dict[Whom, datetime | None]:
    """Return when the last reminder of each week was dealt with; None while it waits."""
    since = clock.now() - LATEST - AHEAD - timedelta(days=7)
    rows = Notice.objects.filter(kind=Notice.Kind.WARNING, made_at__gte=since).order_by("made_at")
    return {
        (":".join(key.split(":")[:3]), agency, role, officer): dealt
        for key, agency, role, officer, dealt in rows.values_list(
            "key", "agency", "role", "officer", "dealt_at"
        )
    }
