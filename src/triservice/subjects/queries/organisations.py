"""An organisation: found by its name, and opened, as far as the reader may know."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Min, Q

from triservice.access.errors import Refused
from triservice.access.models import Kind
from triservice.access.queries import seen
from triservice.access.record import reading
from triservice.access.rules import CONFLICT, UNKNOWN
from triservice.kernel.access_words import Reader
from triservice.subjects.models import Link, Organisation, RecordPart, SearchKey
from triservice.subjects.queries import gather
from triservice.subjects.queries.finding import Findable
from triservice.subjects.queries.places import SHOWN, people_there
from triservice.subjects.queries.search import alike_words
from triservice.subjects.queries.shown import OrganisationSeen, OrganisationView, told_by
from triservice.subjects.search_words import understand
from triservice.subjects.words import Kept


def find_organisations(reader: Reader, text: str) -> tuple[OrganisationSeen, ...]:
    """Find organisations by the words of their names, out of what the reader may see.

    Words may be misspelt by one letter or sound alike, and the last may be unfinished.
    """
    asked = understand(text)
    with reading(reader, Kind.CONSULTATION, "looked for an organisation") as record:
        found: tuple[OrganisationSeen, ...] = ()
        if asked.words and not asked.codes:
            spelt = [{word: 1.0} | alike_words(word, exact=False) for word in asked.words]
            named = SearchKey.objects.filter(
                kind=Kept.ORGANISATION,
                part__record__links__organisation__isnull=False,
                part__record__links__ended_at__isnull=True,
            )
            first = (
                Findable(record.grants, named)
                .worded(spelt, asked.begins)
                .values("part__record__links__organisation")
                .annotate(told=Min("part"))
                .order_by("told")
                .values_list("told", flat=True)[:SHOWN]
            )
            parts = seen(record, RecordPart.objects.filter(pk__in=list(first)))
            found = gather.organisations_named(record, parts, gather.agency_names())
        record.searched({"organisation": text}, len(found))
    return found


def organisation_view(reader: Reader, key: UUID | str) -> OrganisationView:
    """Return one organisation. Raises Refused, hidden, when the reader may know nothing of it."""
    with reading(reader, Kind.CONSULTATION, "opened an organisation") as record:
        one = Organisation.objects.filter(key=key).first()
        if one is None:
            raise Refused(UNKNOWN, f"subjects.organisation {key}", hidden=True)
        if str(one.key) in record.grants.conflicts:
            raise Refused(CONFLICT, f"subjects.organisation {key}", hidden=True)
        names = gather.agency_names()
        linked = Link.objects.filter(
            organisation=one, ended_at__isnull=True, record__current=True
        ).values_list("record", flat=True)
        everything = gather.parts_of(linked)
        there = gather.records_known(record, everything, "organisation", "organisation")
        parts = [part for part in seen(record, everything) if part.record_id in there]
        # Of the people there what is withheld is on their own pages, and asked for there.
        closed = gather.locked_of(record, everything.filter(subject_key=one.key), names)
        if not parts and not closed:
            raise Refused(UNKNOWN, f"subjects.organisation {key}", hidden=True)
        record.did("subjects.organisation", one.pk)
        records = gather.records_seen(record, parts, names)
        own = [part for part in parts if part.get("organisation")]
        homes = gather.homes_of(parts, names)
        places = {place for place, _ in homes if place}
        return OrganisationView(
            key=str(one.key),
            names=told_by((part.get("organisation") or "", names[part.owner_id]) for part in own),
            kinds=told_by(
                (part.get("organisation_kind") or "", names[part.owner_id]) for part in own
            ),
            homes=homes,
            contacts=gather.contacts(
                [part for part in parts if part.subject_key == one.key], names
            ),
            known_to=gather.known_to(parts, records, names),
            markers=gather.markers_seen(
                record, gather.markers_of(Q(premises__key__in=places)), names
            ),
            people=people_there(record, there, names),
            records=records,
            locked=closed,
        )
