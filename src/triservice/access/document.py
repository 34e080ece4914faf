"""Agreements as PDF documents, set by typst.

What people wrote is handed to typst as data and never becomes mark-up, so no text can change the
document or reach a file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from triservice.access.agreements.queries import VersionPage
from triservice.access.agreements.text import SECTIONS
from triservice.access.agreements.wording import day, ends, term_sentences
from triservice.access.models import Party
from triservice.kernel import clock
from triservice.kernel.words import long_date

SOURCE = Path(__file__).resolve().parent / "agreements" / "document.typ"


def agreement_pdf(version: VersionPage, areas: Mapping[str, str]) -> bytes:
    """Return a version of an agreement as a PDF."""
    said = json.dumps(agreement_data(version, areas), ensure_ascii=False)
    import typst  # heavy, and most workers never set a document

    return bytes(typst.compile(SOURCE.read_bytes(), format="pdf", sys_inputs={"data": said}))


def agreement_data(version: VersionPage, areas: Mapping[str, str]) -> dict[str, object]:
    """Return what the document says, as plain text by part; document.typ lays it out."""
    text, regimes = version.text, dict(Party.Regime.choices)
    controllers = dict(Party.Controller.choices)
    return {
        "title": text.title,
        "version": f"Version {text.number}, {version.standing}",
        "printed": f"Printed {day(clock.now())}",
        "dates": ([f"From {day(text.starts)}"] if text.starts else [])
        + ([f"Until {ends(text.until)}"] if text.until else [])
        + ([f"Review {long_date(text.review_on)}"] if text.review_on else []),
        "digest": version.digest,
        "parties": [
            {
                "name": party.name,
                "facts": [
                    [label, value]
                    for label, value in (
                        ("Part", controllers.get(party.controller, party.controller)),
                        ("Law", regimes.get(party.regime, party.regime)),
                        ("Lawful basis", party.lawful_basis),
                        ("Condition", party.special_condition),
                        ("Power to share", party.gateway),
                        ("Whom to call", party.contact),
                    )
                    if value
                ],
                "signed": [
                    f"{each.name}, {each.job_title}, {long_date(each.signed_on)}"
                    + ("" if each.digest == version.digest else " (an earlier wording)")
                    for each in party.signatories
                    if each.signed_on
                ],
            }
            for party in text.parties
        ],
        "sections": [
            [heading, getattr(text, name) or "Not said."] for name, heading, _ in SECTIONS
        ],
        "terms": [
            {"number": term.number, "sentences": term_sentences(term, version.names, areas)}
            for term in text.terms
        ],
        "why_changed": text.why_changed,
    }


def file_name(title: str, number: int) -> str:
    """Return a name of a file that every system takes."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "agreement"
    return f"{plain[:60].rstrip('-')}-version-{number}.pdf"
