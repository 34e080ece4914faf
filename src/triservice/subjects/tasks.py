"""Background jobs of people and places."""

from __future__ import annotations

from django_tasks import task

from triservice.access.readers import reader_for
from triservice.agencies.models import Officer
from triservice.kernel.access_words import Purpose
from triservice.kernel.errors import InputError
from triservice.subjects.actions.model import link_by_model, train_model


@task()
def compare_people(officer: int, train: bool = False) -> int:
    """Propose pairs by the saved model, for the officer who asked; return how many.

    Raises InputError when the officer holds no post any more, or nothing is trained.
    """
    asking = Officer.objects.filter(pk=officer).first()
    reader = reader_for(asking, Purpose.ADMINISTRATION, source="job") if asking else None
    if reader is None:
        raise InputError("The officer who asked for this holds no post today")
    if train:
        train_model(reader)
    return link_by_model(reader).proposed
