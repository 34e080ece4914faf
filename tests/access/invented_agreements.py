"""An agreement made from Cornwall's template between invented agencies, and taken on its way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from partnership import END, NOON, Partnership
from triservice.access.agreements import actions, queries
from triservice.access.agreements.templates import fill, template
from triservice.access.agreements.text import VersionText, digest
from triservice.access.models import AgreementVersion
from triservice.kernel.access_words import Reader, Role

LEAD = Role.DATA_PROTECTION_LEAD
PARTIES = ("police", "fire", "council", "health")


def lead(made: Partnership, agency: str = "council") -> Reader:
    """Return the data-protection lead of an agency."""
    return made.reader(agency, LEAD)


def whole_text(made: Partnership, title: str = "Invented tri-service agreement") -> VersionText:
    """Return Cornwall's template filled with the invented agencies, nothing missing."""
    agencies = {
        kind: [(made.agencies[kind].pk, made.agencies[kind].name, kind)] for kind in PARTIES
    }
    text = fill(template("cornwall-tri-service"), agencies, title, NOON.date(), END)
    return replace(
        text,
        dpia_reference="DPIA 7 (invented)",
        transparency="Invented privacy notices",
        rights_contact="Invented data protection offices",
        breach_contact="Invented duty desk, within 24 hours",
        review_on=date(2026, 12, 1),
        parties=tuple(replace(p, contact=f"Duty desk of {p.name}") for p in text.parties),
    )


def make_draft(made: Partnership, **rest: str) -> int:
    """Make the agreement as a draft, and return the key of its version."""
    return actions.new_agreement(lead(made), whole_text(made, **rest), "cornwall-tri-service")


def sign_by_all(made: Partnership, pk: int, parties: tuple[str, ...] = PARTIES) -> None:
    """Sign a draft for its parties."""
    seen = digest(queries.load_text(AgreementVersion.objects.get(pk=pk)))
    for agency in parties:
        actions.sign(lead(made, agency), pk, "Chief officer", seen)


def make_agreed(made: Partnership, pk: int | None = None) -> int:
    """Take a draft to agreed."""
    pk = pk or make_draft(made)
    sign_by_all(made, pk)
    actions.agree(lead(made), pk)
    return pk


def make_in_force(made: Partnership, pk: int | None = None) -> int:
    """Take a draft in force."""
    pk = make_agreed(made, pk)
    actions.bring_in_force(lead(made), pk)
    return pk
