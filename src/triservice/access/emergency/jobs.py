"""What the clock does to emergency openings: their end is written down, late reviews are told."""

from __future__ import annotations

from triservice.access.emergency.actions import LEAD, path_of
from triservice.access.models import GlassBreak, Notice
from triservice.access.notices.actions import To, clock_reader, tell
from triservice.access.record import Kind, recording
from triservice.kernel import clock


def end_emergencies() -> int:
    """Write down the end of those whose time is over, and so closed; return how many."""
    done, at = 0, clock.now()
    over = GlassBreak.objects.filter(ended_at__isnull=True, opening__ends__lte=at)
    for glass in over.select_related("opening"):
        with recording(clock_reader(), Kind.ALTERATION, "emergency access is over") as record:
            ended = GlassBreak.objects.filter(pk=glass.pk, ended_at__isnull=True).update(
                ended_at=glass.opening.ends, ended_how=str(GlassBreak.Ended.TIME)
            )
            record.did("access.glassbreak", glass.pk, glass.opening.data_class)
            done += ended
    return done


def remind_of_reviews() -> int:
    """Tell both agencies' data-protection leads of reviews that are late, once."""
    told = 0
    late = GlassBreak.objects.filter(finding="", review_due__lte=clock.now())
    with recording(clock_reader(), Kind.ALTERATION, "remind of reviews") as record:
        for glass in late.select_related("opening"):
            told += tell(
                [To(agency, role=LEAD) for agency in {glass.opening.owner_id, glass.agency_id}],
                Notice.Kind.GLASS,
                "The review of an emergency access is late",
                path_of(glass),
                f"glass:{glass.pk}:late",
            )
        record.note("reminders", told)
    return told
