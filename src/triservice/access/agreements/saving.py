"""Writing the text of a draft: its prose, parties and terms. Signatures fall with every change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max

from triservice.access.agreements import queries, rules
from triservice.access.agreements.acting import acting, note
from triservice.access.agreements.rules import State, Verb
from triservice.access.agreements.text import PartyText, TermText, VersionText
from triservice.access.models import Agreement, AgreementVersion, Party, Signatory, Term
from triservice.agencies.models import Agency
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError

PARTY_COLUMNS = (
    "regime", "lawful_basis", "controller", "special_condition", "gateway", "contact",
)  # fmt: skip


def make_version(agreement: Agreement, text: VersionText) -> AgreementVersion:
    """Write a new draft with all that a text says, unsigned."""
    version = AgreementVersion.objects.create(
        agreement=agreement,
        number=text.number,
        until=text.until,
        review_on=text.review_on,
        why_changed=text.why_changed,
        **{name: getattr(text, name) for name in queries.PROSE},
    )
    for party in text.parties:
        _write_party(version, party)
    for term in text.terms:
        _write_term(Term(version=version), term)
    return version


def edit_prose(
    reader: Reader, pk: int, changed: Mapping[str, Any], *, until: datetime | None = None,
    review_on: Any = None,
) -> None:  # fmt: skip
    """Change sections of a draft (text.SECTIONS by name), its end and its review date."""
    unknown = sorted(set(changed) - {*queries.PROSE, "why_changed"})
    if unknown:
        raise InputError(f"An agreement has no section {', '.join(unknown)}")
    with _editing(reader, pk, "edit the text of an agreement") as version:
        for name, value in changed.items():
            setattr(version, name, str(value).strip())
        version.until, version.review_on = until, review_on
        version.save()


def save_party(reader: Reader, pk: int, party: PartyText) -> None:
    """Add a party to a draft, or change what it says of itself."""
    with _editing(reader, pk, "edit a party of an agreement") as version:
        if not party.lawful_basis.strip():
            raise InputError("A party needs a lawful basis", kept="The draft as it was")
        Party.objects.filter(version=version, agency=party.agency).delete()
        _write_party(version, party)


def remove_party(reader: Reader, pk: int, agency: int) -> None:
    """Take a party out of a draft. Raises InputError while a term names it."""
    with _editing(reader, pk, "remove a party of an agreement") as version:
        names = Term.objects.filter(version=version)
        if names.filter(from_agency=agency).exists() or names.filter(to_agency=agency).exists():
            raise InputError(
                "A term names this party", kept="The draft as it was", do="Remove the term first"
            )
        if agency == reader.agency:
            raise InputError(
                "This is your own agency", kept="The draft as it was", do="Ask another party"
            )
        Party.objects.filter(version=version, agency=agency).delete()


def save_term(reader: Reader, pk: int, term: TermText) -> int:
    """Add a term to a draft (number 0), or change the term of that number; return its number."""
    with _editing(reader, pk, "edit a term of an agreement") as version:
        faults = rules.term_faults(term)
        if faults:
            raise InputError(f"The term is not whole: {'; '.join(faults)}", kept="The draft")
        row = Term.objects.filter(version=version, number=term.number).first()
        if row is None:
            last = Term.objects.filter(version=version).aggregate(last=Max("number"))["last"] or 0
            row = Term(version=version, number=last + 1)
        return _write_term(row, term, row.number)


def remove_term(reader: Reader, pk: int, number: int) -> None:
    """Take a term out of a draft."""
    with _editing(reader, pk, "remove a term of an agreement") as version:
        gone, _ = Term.objects.filter(version=version, number=number).delete()
        if not gone:
            raise InputError(f"There is no term {number}", kept="The draft as it was")


def _write_party(version: AgreementVersion, party: PartyText) -> None:
    if not Agency.objects.filter(pk=party.agency).exists():
        raise InputError("An agency named as a party is not known", kept="The draft as it was")
    Party.objects.create(
        version=version,
        agency_id=party.agency,
        **{name: getattr(party, name).strip() for name in PARTY_COLUMNS},
    )


def _write_term(row: Term, term: TermText, number: int | None = None) -> int:
    values = asdict(term) | {"number": number or term.number}
    row.from_agency_id = values.pop("from_agency")
    row.to_agency_id = values.pop("to_agency")
    for name, value in values.items():
        setattr(row, name, list(value) if isinstance(value, tuple) else value)
    try:
        row.clean()
    except ValidationError as error:
        raise InputError(f"Term {row.number}: {' '.join(error.messages)}") from None
    row.save()
    return row.number


@contextmanager
def _editing(reader: Reader, pk: int, doing: str) -> Iterator[AgreementVersion]:
    """Open a draft for a change; afterwards whoever had signed has not."""
    with acting(reader, pk, Verb.EDIT, doing) as (record, version):
        if version.state != State.DRAFT:
            raise InputError(rules.refusal(State(version.state), Verb.EDIT))
        signed = Signatory.objects.filter(party__version=version, signed_on__isnull=False)
        names = sorted(signed.values_list("name", flat=True))
        yield version
        signed.delete()
        fallen = f". No longer signed: {', '.join(names)}" if names else ""
        note(record, version, Verb.EDIT, f"{doing}{fallen}")
