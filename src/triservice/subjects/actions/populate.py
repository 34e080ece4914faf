"""Put an invented partnership's records into the database, by the doors that real ones use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from triservice.access.errors import Refused
from triservice.agencies.models import Agency
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError
from triservice.subjects.actions.joins import confirm_same
from triservice.subjects.actions.linkage import link_exact
from triservice.subjects.actions.records import Receipt, receive_records
from triservice.subjects.invented import Invented
from triservice.subjects.models import Candidate
from triservice.subjects.words import State

SYSTEMS = {
    "police": "crime and incidents (invented)",
    "fire": "visits and incidents (invented)",
    "ambulance": "calls (invented)",
    "health": "community services (invented)",
    "council": "housing and care (invented)",
}
WHY = "Invented: compared side by side for the demonstration"


def populate(
    made: Invented,
    agencies: Mapping[str, Agency],
    readers: Mapping[str, Reader],
    *,
    judges: Sequence[Reader] = (),
    judged: int = 200,
) -> dict[str, Receipt]:
    """Receive the rows of each kind of agency, link by the exact pass, and judge some pairs.

    `readers`: who sends, by kind of agency. `judges`: two who may see both sides of pairs; they
    confirm up to `judged` pairs that agree on name, birthday and one thing more.
    """
    receipts = {}
    for kind, agency in agencies.items():
        receipts[kind] = receive_records(readers[kind], agency, SYSTEMS[kind], made.rows[kind])
        link_exact(readers[kind], receipts[kind].people)
    if judges:
        _judge(judges, judged)
    return receipts


def _judge(judges: Sequence[Reader], most: int) -> None:
    """Let two people confirm some of the pairs that agree well."""
    well = ("given_name", "family_name", "date_of_birth", "place")
    pairs = Candidate.objects.filter(
        state=State.PROPOSED, **{f"evidence__{name}": "agrees" for name in well}
    )
    for pair in pairs.order_by("pk")[:most]:
        for judge in judges:
            try:
                if confirm_same(judge, pair.pk, WHY) is State.LINKED:
                    break
            except (InputError, Refused):
                break
