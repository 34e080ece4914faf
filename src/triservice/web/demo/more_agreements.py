"""The demonstration's other agreements: risk at addresses in force, its next version, and a draft.

The one in force opens warnings at addresses to an ambulance crew that the first opens nothing to.
Its next version shows what a comparison tells; the draft, what the checklist finds missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from triservice.access.agreements import actions, queries, saving
from triservice.access.models import AgreementVersion
from triservice.agencies.models import Agency, Officer
from triservice.web.demo.agreement import BLANKS, SIGNERS, bring_in_force, filled
from triservice.web.demo.people import reader

RISK, CONFERENCE = "address-risk", "marac"
LEAD = "Bersaba Lanyon"  # the police's data protection lead
CREWS = "Fire crews go to the same addresses, and ask to know what an ambulance crew knows."


def make_more_agreements(agencies: Mapping[str, Agency], officers: Mapping[str, Officer]) -> None:
    """Bring risk at addresses in force, begin its next version, and a draft left unfinished."""
    text = filled(
        agencies, RISK, "Risk at addresses in the invented partnership",
        {"force": ("police",), "ambulance": ("ambulance",)},
    )  # fmt: skip
    signers = [SIGNERS[kind] for kind in ("police", "ambulance")]
    pk = bring_in_force(officers, LEAD, signers, replace(text, **BLANKS), RISK)
    _let_fire_crews_know(agencies, officers, pk)
    conference = filled(
        agencies, CONFERENCE, "Conference on people at high risk (a draft, invented)",
        {"police": ("police",), "partner": ("council", "fire"), "health": ("health",)},
    )  # fmt: skip
    actions.new_agreement(reader(officers[LEAD]), conference, CONFERENCE)


def _let_fire_crews_know(
    agencies: Mapping[str, Agency], officers: Mapping[str, Officer], pk: int
) -> None:
    """Draft the next version, in which the fire service is a party too: nobody signed it yet."""
    lead = reader(officers[LEAD])
    draft = actions.revise(lead, pk, CREWS)
    text = queries.load_text(AgreementVersion.objects.get(pk=draft))
    fire, crew = agencies["fire"], text.parties[1]
    saving.save_party(lead, draft, replace(crew, agency=fire.pk, name=fire.name, contact=""))
    term = replace(text.terms[0], number=0, to_agency=fire.pk, note=CREWS)
    saving.save_term(lead, draft, term)
