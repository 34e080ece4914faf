"""The demonstration's agreement: Cornwall's template, filled, signed by all and in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from triservice.access.agreements import actions, queries, templates
from triservice.access.agreements.text import TermText, VersionText, digest
from triservice.access.models import AgreementVersion
from triservice.agencies.models import Agency, Officer
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Mode, Purpose, Role
from triservice.web.demo.people import reader, script

TEMPLATE = "cornwall-tri-service"
PARTIES = {
    "police": ("police",),
    "fire": ("fire",),
    "council": ("council",),
    "health": ("health", "ambulance"),
}
SIGNERS = {
    "police": "Tristan Bosanko",
    "fire": "Ruan Chenoweth",
    "ambulance": "Austol Uren",
    "health": "Eseld Hambly",
    "council": "Massen Warne",
}
LEAD = "Loveday Spargo"  # the data protection lead who drafts it
BLANKS: dict[str, Any] = {  # the template leaves these to the parties
    "transparency": "Each party's privacy notice names this agreement; officers say on the "
    "doorstep which services they visit for. Everything here is invented.",
    "rights_contact": "The data protection office of each party (information@….invalid).",
    "breach_contact": "The data protection lead of each party, within 24 hours.",
    "dpia_reference": "DPIA 2026/1 (invented)",
}
# Classes that each service lets the others' analysts count, never fewer than five together.
COUNTED = {
    "police": (DataClass.POLICE,),
    "fire": (DataClass.FIRE,),
    "ambulance": (DataClass.AMBULANCE,),
    "council": (DataClass.SOCIAL_CARE,),
}
SMALL_NUMBER = 5
# Who compares records of two agencies, and says whether they are one person's. Health records are
# never joined without two of them, so without these terms nobody could join them at all.
JUDGES = (Role.DATA_OWNER, Role.CALDICOTT_GUARDIAN)
COMPARED = (DataClass.IDENTITY, DataClass.CONTACT, DataClass.LOCATION)


def make_agreement(agencies: Mapping[str, Agency], officers: Mapping[str, Officer]) -> None:
    """Draft, sign for every party, agree and bring in force, each by the officer whose part it is.

    Raises InputError with what is missing, if the template no longer fits.
    """
    bring_in_force(officers, LEAD, SIGNERS.values(), _text(agencies), TEMPLATE)


def bring_in_force(
    officers: Mapping[str, Officer], lead: str, signers: Iterable[str], text: VersionText, name: str
) -> int:
    """Make an agreement of a text from a template, signed and in force; return its version."""
    pk = actions.new_agreement(reader(officers[lead]), text, name)
    seen = digest(queries.load_text(AgreementVersion.objects.get(pk=pk)))
    for signer in signers:
        actions.sign(reader(officers[signer]), pk, "Information asset owner (invented)", seen)
    actions.agree(reader(officers[lead]), pk)
    actions.bring_in_force(reader(officers[lead]), pk)
    return pk


def filled(
    agencies: Mapping[str, Agency], name: str, title: str, parties: Mapping[str, tuple[str, ...]]
) -> VersionText:
    """Return a template filled for a year: who stands for which party, and whom to call there."""
    today = clock.now().date()
    ends = datetime.combine(today + timedelta(days=365), time(), ZoneInfo("Europe/London"))
    standing = {
        key: [(agencies[kind].pk, agencies[kind].name, kind) for kind in kinds]
        for key, kinds in parties.items()
    }
    text = templates.fill(templates.template(name), standing, title, today, ends)
    phones = {
        agencies[row["kind"]].pk: f"{row['desk']}, {row['phone']}" for row in script()["agencies"]
    }
    return replace(
        text, parties=tuple(replace(each, contact=phones[each.agency]) for each in text.parties)
    )


def _text(agencies: Mapping[str, Agency]) -> VersionText:
    title = "Tri-service safety officers in the invented partnership"
    text = filled(agencies, TEMPLATE, title, PARTIES)
    added = [*_counts(agencies), *_comparing(agencies)]
    numbered = [
        replace(term, number=number) for number, term in enumerate(added, len(text.terms) + 1)
    ]
    return replace(text, terms=(*text.terms, *numbered), **BLANKS)


def _counts(agencies: Mapping[str, Agency]) -> list[TermText]:
    """Let every agency's analysts count what the services were called to."""
    return [
        TermText(
            number=0,
            from_agency=agencies[giver].pk,
            to_agency=None,
            to_role=str(Role.ANALYST),
            mode=str(Mode.OPEN),
            data_classes=tuple(map(str, classes)),
            purposes=(str(Purpose.EVALUATION), str(Purpose.TASKING)),
            every_field=True,
            everywhere=True,
            counts_only=True,
            small_number=SMALL_NUMBER,
            note="For the shared picture: counts only, small ones hidden.",
        )
        for giver, classes in COUNTED.items()
    ]


def _comparing(agencies: Mapping[str, Agency]) -> list[TermText]:
    """Let those who answer for records see who and where, to judge whether two are one person."""
    return [
        TermText(
            number=0,
            from_agency=agency.pk,
            to_agency=None,
            to_role=str(role),
            mode=str(Mode.OPEN),
            data_classes=tuple(map(str, COMPARED)),
            purposes=(str(Purpose.ADMINISTRATION),),
            every_field=True,
            everywhere=True,
            note="Ours: to compare records that may be one person's, and join or part them.",
        )
        for agency in agencies.values()
        for role in JUDGES
    ]
