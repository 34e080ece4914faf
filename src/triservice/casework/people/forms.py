"""Forms of who is added to a case: who is known is looked for first, as for a referral.

Who is known comes with the answer to the form: it is asked then whether it is one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from triservice.access.agreements.forms import day_field, long_text
from triservice.access.agreements.wording import listed
from triservice.casework.answers.rules import names_in
from triservice.casework.cases.forms import choice
from triservice.casework.people.actions import ADDED
from triservice.casework.triage.forms import Choice
from triservice.kernel.access_words import Reader
from triservice.kernel.words import long_date
from triservice.subjects.names import plain
from triservice.subjects.queries.places import find_premises
from triservice.subjects.queries.search import Found, search_people

FEW = 5
LATER = "People compare later whether they are the same"
NEW = "new "  # and what was written: written otherwise, it is asked again


def why_added(question: str) -> forms.CharField:
    """Return a box for the reason: what terms open of a case's people and places rests on it."""
    box: forms.CharField = long_text(question, required=True, hint="It is kept with the case")
    return box


class KnownForm(forms.Form):
    """A form that asks whether it is one of those known."""

    def ask(
        self, known: Sequence[tuple[str, str]], said: str, question: str, other: Choice
    ) -> None:
        """Ask it where there are some."""
        if known:
            asked = choice(question, [*known, (f"{NEW}{plain(said)}", other)])
            asked.error_messages |= dict.fromkeys(
                ("required", "invalid_choice"), "Say whether it is one of these"
            )
            self.fields["known"] = asked
            self.order_fields(["known"])

    def clean(self) -> dict[str, Any]:
        """Say which of those known it is; None: none of them."""
        said: dict[str, Any] = super().clean() or {}
        known = said.get("known") or NEW
        return said | {"chosen": None if known.startswith(NEW) else UUID(known)}


class PersonForm(KnownForm):
    """Somebody, and the part they have."""

    part = choice(
        "What part do they have?", [(str(part), str(part).capitalize()) for part in ADDED]
    )
    name = forms.CharField(label="Name", max_length=200)
    born = day_field("Date of birth, where you know it")
    phone = forms.CharField(label="Telephone, where you know it", max_length=40, required=False)
    why = why_added("Why do they belong to this case?")

    def __init__(self, reader: Reader, data: Any = None) -> None:
        """Look for those known with a name like this, of those whom the reader may see."""
        super().__init__(data)
        name = (data or {}).get("name", "").strip()
        found = search_people(reader, name).people[:FEW] if name else ()
        known = [(one.key, Choice(one.names[0], _known(one))) for one in found if one.names]
        other = Choice("None of these, or I am not sure", LATER)
        self.ask(known, name, "Is it one of these people?", other)

    def clean(self) -> dict[str, Any]:
        """Add what was written, as columns of a record."""
        said = super().clean()
        if self.errors:
            return said
        born = said["born"].isoformat() if said["born"] else ""
        told = names_in(said["name"]) | {"date_of_birth": born, "phone": said["phone"]}
        return said | {"told": told}


def _known(one: Found) -> str:
    born = f"Born {long_date(one.born[0])}" if one.born else "Birthday not known"
    return f"{'. '.join((born, *one.addresses[:1]))}. Known to {listed(one.agencies)}."


class PlaceForm(KnownForm):
    """A home or another place."""

    line = forms.CharField(label="Address", max_length=300)
    postcode = forms.CharField(label="Postcode", max_length=10)
    why = why_added("Why does this case concern the place?")

    def __init__(self, reader: Reader, data: Any = None) -> None:
        """Look for those known at the postcode."""
        super().__init__(data)
        postcode = (data or {}).get("postcode", "").strip()
        found = find_premises(reader, postcode) if postcode else ()
        known = [
            (one.key, Choice(one.address, f"UPRN {one.uprn}" if one.uprn else "")) for one in found
        ]
        said, other = f"{(data or {}).get('line', '')} {postcode}", Choice("None of these", "")
        self.ask(known, said, "Is it one of these addresses?", other)

    def clean(self) -> dict[str, Any]:
        """Add what was written, as columns of a record."""
        said = super().clean()
        if self.errors:
            return said
        return said | {"told": {"address": said["line"], "postcode": said["postcode"]}}
