"""Background jobs of people and places."""

from __future__ import annotations

from django_tasks import task

from triservice.access.notices.actions import clock_reader
from triservice.subjects.actions.model import link_by_model


@task()
def compare_people() -> int:
    """Propose pairs, with somebody new, by the saved model; return how many.

    Raises InputError when nothing is trained any more.
    """
    return link_by_model(clock_reader()).proposed
