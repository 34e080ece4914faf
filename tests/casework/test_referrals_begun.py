"""A referral begun with a name, or about a person: what is known of them is not typed again."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from invented_referrals import SCHEME, Send

import signing_in
from partnership import Partnership
from triservice.casework.models import Referral
from triservice.casework.referrals.queries import usual_choices
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.keys import new_key
from triservice.subjects.models import Person

ASKS = "Is it one of these people?"
HER = "Morwenna Trevanion"
WHY = "She no longer hears the bell"


class Sender:
    """A referrer of an agency at the form of the small scheme."""

    def __init__(self, town: Partnership, agency: str) -> None:
        self.client = signing_in.sign_in(Client(), town.officer(agency, Role.REFERRER))
        self.address = f"/casework/refer/{SCHEME}/{town.agencies['fire'].pk}"

    def post(self, **given: Any) -> Any:
        boxes = {name.replace("__", "."): said for name, said in given.items()}
        return self.client.post(self.address, boxes | {"key": str(new_key())})


@pytest.fixture
def her(send: Send) -> str:
    """The key of somebody whom the police may see."""
    send()
    return str(Person.objects.get().key)


def test_what_is_known_of_who_is_chosen_is_not_typed_again(town: Partnership, her: str) -> None:
    police = Sender(town, "police")
    begun = police.post(begin="1", **{"for": HER})
    text = begun.content.decode()
    assert begun.status_code == 200
    assert ASKS in text
    assert re.search(f'<input[^>]*name="person.name"[^>]*value="{HER}"', text)
    nothing = police.post(**{"for": HER, "is": her})
    assert nothing.status_code == 422  # why is not known of anybody
    assert re.search(f'<input[^>]*value="{her}"[^>]*checked', nothing.content.decode())
    assert police.post(**{"for": HER, "is": her}, why=WHY).status_code == 302
    first, second = Referral.objects.order_by("pk")
    assert (second.person_id, second.premises_id) == (first.person_id, first.premises_id)


def test_what_is_written_goes_before_what_is_known(town: Partnership, her: str) -> None:
    moved = {"is": her, "address.line": "2 Invented Hill, Nowhere", "why": WHY}
    assert Sender(town, "police").post(**moved).status_code == 302
    first, second = Referral.objects.order_by("pk")
    assert second.person_id == first.person_id
    assert second.premises_id != first.premises_id


def test_another_name_than_the_one_looked_for_is_looked_for_again(
    town: Partnership, her: str
) -> None:
    boxes = {"person.name": HER, "address.line": "14 Invented Lane, Nowhere", "why": WHY}
    police = Sender(town, "police")
    asked = police.post(**boxes, **{"for": "Jory Angove", "is": "new"})
    assert ASKS in asked.content.decode()
    assert Referral.objects.count() == 1
    assert police.post(**boxes, **{"for": HER, "is": "new"}).status_code == 302


def test_nobody_is_filled_in_whom_the_reader_may_not_see(town: Partnership, her: str) -> None:
    council = Sender(town, "council")  # to whom no term opens her
    assert ASKS not in council.post(begin="1", **{"for": HER}).content.decode()
    assert council.post(**{"is": her}, why=WHY).status_code == 404
    assert council.client.get(f"{council.address}?person={her}").status_code == 404
    assert Referral.objects.count() == 1
    shown = Sender(town, "police")
    form = shown.client.get(f"{shown.address}?person={her}").content.decode()
    assert "14 Invented Lane, Nowhere" in form


def test_the_schemes_referred_to_lately_stand_first(sender: Reader, send: Send) -> None:
    assert SCHEME not in {one.scheme for one in usual_choices(sender, 3)}
    send()
    assert usual_choices(sender, 3)[0].scheme == SCHEME
