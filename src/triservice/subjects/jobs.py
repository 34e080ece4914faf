"""What the clock does for people: who came new is compared by the saved model, once a day."""

from __future__ import annotations

from datetime import timedelta
from importlib.util import find_spec

from django_tasks_db.models import DBTaskResult

from triservice.access.jobs import SELDOM, by_the_clock
from triservice.kernel import clock
from triservice.subjects.models import LinkageModel, Person

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
