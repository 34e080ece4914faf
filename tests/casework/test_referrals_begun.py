"""A referral begun with a name, or about a person: what is known of them is not typed again."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from invented_referrals import SCHEME, Send

import signing_in
from partnership import NOON, Partnership
from triservice.casework.models import Referral
from triservice.casework.referrals.queries import usual_choices
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.keys import new_key
from triservice.subjects.models import Person, RecordPart, SourceRecord

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


def test_what_the_own_agency_knows_of_who_is_chosen_is_not_typed_again(
    town: Partnership, her: str
) -> None:
    fire = Sender(town, "fire")
    begun = fire.post(begin="1", **{"for": HER})
    text = begun.content.decode()
    assert begun.status_code == 200
    assert ASKS in text
    assert re.search(f'<input[^>]*name="person.name"[^>]*value="{HER}"', text)
    chosen = {"for": HER, "is": her, "held": "new"}
    nothing = fire.post(**chosen)
    assert nothing.status_code == 422  # why is not known of anybody
    text = nothing.content.decode()
    assert re.search(f'<input[^>]*value="{her}"[^>]*checked', text)
    assert "14 Invented Lane, Nowhere" in text  # to be seen and changed
    assert fire.post(**chosen, why=WHY).status_code == 302
    first, second = Referral.objects.order_by("pk")
    assert (second.person_id, second.premises_id) == (first.person_id, first.premises_id)


def test_what_was_shown_and_emptied_by_hand_stays_empty(town: Partnership, her: str) -> None:
    fire = Sender(town, "fire")
    shown = fire.client.get(f"{fire.address}?person={her}").content.decode()
    assert f'name="held" value="{her}"' in shown
    assert re.search('name="person.born.year"[^>]*value="1948"', shown)
    boxes = {"is": her, "held": her, "person.name": HER, "address.line": "Nowhere Farm"}
    assert fire.post(**boxes, why=WHY).status_code == 302
    told = Referral.objects.order_by("pk")[1].submission
    assert "1948" not in str(list(told.parts.values_list("answers", flat=True)))


def test_what_another_agency_opened_to_the_sender_is_not_passed_on(
    town: Partnership, her: str
) -> None:
    police = Sender(town, "police")  # the record of her is the fire service's
    shown = police.client.get(f"{police.address}?person={her}").content.decode()
    boxes = re.findall('<input[^>]*name="(?:person|address)[^>]*>', shown)
    assert boxes
    assert ASKS in shown
    assert not [box for box in boxes if re.search('value="(1948|[^"]*(Lane|Trevanion))', box)]
    chosen = {"for": HER, "is": her, "held": "new", "person.name": HER}
    refused = police.post(**chosen, why=WHY)
    assert refused.status_code == 422  # where she lives is asked of them
    assert Referral.objects.count() == 1


def test_of_several_own_records_the_newest_says_where_somebody_lives(
    town: Partnership, send: Send, her: str
) -> None:
    fire = Sender(town, "fire")
    moved = {"is": her, "held": her, "person.name": HER, "address.line": "2 Invented Hill, Nowhere"}
    assert fire.post(**moved, why=WHY).status_code == 302
    for days, line in ((1, "2 Invented Hill, Nowhere"), (-1, "14 Invented Lane, Nowhere")):
        record = RecordPart.objects.filter(address="2 Invented Hill, Nowhere").values("record")
        SourceRecord.objects.filter(pk__in=record).update(received_at=NOON + timedelta(days=days))
        form = fire.client.get(f"{fire.address}?person={her}").content.decode()
        assert re.search(f'<input[^>]*name="address.line"[^>]*value="{line}"', form), line


def test_what_is_written_goes_before_what_is_known(town: Partnership, her: str) -> None:
    moved = {"is": her, "held": "new", "address.line": "2 Invented Hill, Nowhere", "why": WHY}
    assert Sender(town, "fire").post(**moved).status_code == 302
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


def test_the_schemes_referred_to_lately_stand_first(sender: Reader, send: Send) -> None:
    assert SCHEME not in {one.scheme for one in usual_choices(sender, 3)}
    send()
    assert usual_choices(sender, 3)[0].scheme == SCHEME
