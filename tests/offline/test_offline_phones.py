"""Phones: set up, opened, taken away; what they take along, and when they must let go of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from invented_home import Home
from invented_shift import Shift

from partnership import NOON, Partnership
from triservice.access.grants import mark
from triservice.access.models import AgreementVersion, Disclosure, Restriction
from triservice.agencies.actions import leave
from triservice.agencies.models import Officer
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass as C
from triservice.kernel.access_words import Purpose, Role
from triservice.kernel.errors import InputError
from triservice.offline import rules, sealing
from triservice.offline.actions.phones import release_key, revoke, set_up, take_along
from triservice.offline.models import Phone
from triservice.offline.queries.phones import contact, phones
from triservice.offline.rules import Ended, Order

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def titles(pack: dict[str, Any]) -> list[str]:
    return [item["title"] for part in pack["parts"] for item in part["items"]]


def add(made: Partnership, owner: str, data_class: C, name: str) -> Home:
    return Home.objects.create(owner=made.agencies[owner], data_class=str(data_class), name=name)


def test_the_key_is_the_officers_and_lies_sealed(shift: Shift, settings: Any) -> None:
    phone, key = set_up(shift.reader, "  My   phone ")
    assert phone.name == "My phone"
    assert len(key) == 32
    assert release_key(shift.reader, phone.key) == key
    assert key.hex() not in phone.sealed_key
    with pytest.raises(InputError, match="not set up for you"):
        release_key(shift.made.reader("police"), phone.key)
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [old]
    assert sealing.open_key(phone.sealed_key) == key
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InputError, match="OLD_SECRET_KEYS"):
        sealing.open_key(phone.sealed_key)
    with pytest.raises(InputError, match="no longer known"):
        sealing.open_key(Fernet(Fernet.generate_key()).encrypt(key).decode())


def test_names_and_how_many(shift: Shift) -> None:
    for number in range(rules.PHONES):
        set_up(shift.reader, f"Phone {number}")
        with pytest.raises(InputError, match="already"):
            set_up(shift.reader, f"Phone {number}")
    with pytest.raises(InputError, match=f"{rules.PHONES} phones already"):
        set_up(shift.reader, "One more")
    revoke(shift.reader, Phone.objects.get(name="Phone 0").pk)
    set_up(shift.reader, "One more")
    with pytest.raises(InputError, match="field name"):
        set_up(shift.reader, " ")


def test_who_takes_a_phone_away(shift: Shift) -> None:
    phone = shift.phone().phone
    for reader in (
        shift.made.reader("police", Role.TEAM_LEADER),
        shift.made.reader("fire", Role.TASKING_LEAD),
    ):
        assert phones(reader) == []
        with pytest.raises(Exception, match="not known to the access rules"):
            revoke(reader, phone.pk)
    leader = shift.made.reader("fire", Role.TEAM_LEADER)
    assert [row.may_revoke for row in phones(leader)] == [True]
    revoke(leader, phone.pk)
    assert contact(phone.key).order == Order.WIPE
    assert phones(shift.reader)[0].ended_how == Ended.REVOKED


def test_a_leavers_phones_end_with_them(shift: Shift) -> None:
    phone = shift.phone().phone
    leave(None, Officer.objects.get(pk=shift.reader.officer))
    told = contact(phone.key)
    assert (told.order, "left" in told.why) == (Order.WIPE, True)


def test_only_what_terms_let_go_along_does_and_it_is_a_disclosure(shift: Shift) -> None:
    made, phone = shift.made, shift.phone().phone
    add(made, "police", C.HOUSEHOLD, "Open to be read")
    add(made, "police", C.RISK, "Open to go along")
    add(made, "health", C.HEALTH, "Health that a term lets go along")
    add(made, "ambulance", C.HEALTH, "Health to be read")
    add(made, "fire", C.HEALTH, "Own health")
    made.term("police", "fire", [C.HOUSEHOLD])
    made.term("police", "fire", [C.RISK], offline=True)
    made.term("health", "fire", [C.HEALTH], offline=True)
    made.term("ambulance", "fire", [C.HEALTH])
    pack = take_along(shift.reader, phone.key)
    assert titles(pack) == ["Rose Cottage", "Open to go along", "Health that a term lets go along"]
    row = Disclosure.objects.latest("seq")
    assert row.kind == "disclosure"
    assert "took along" in row.doing
    for data_class in (C.HOUSEHOLD, C.RISK, C.HEALTH):
        assert f'"{data_class}":[' in row.what


def test_a_withheld_field_does_not_go_along(shift: Shift) -> None:
    add(shift.made, "police", C.RISK, "Withheld").said = {}
    Home.objects.filter(name="Withheld").update(said={"secret": "Invented secret"})
    shift.made.term("police", "fire", [C.RISK], fields=["name"], offline=True)
    shift.made.term("police", "fire", [C.RISK])  # read here, with every field
    assert "Invented secret" not in str(take_along(shift.reader, shift.phone().phone.key))


def test_a_pack_ends_by_the_clock_and_with_the_first_agreement_in_it(shift: Shift) -> None:
    phone = shift.phone().phone
    pack = take_along(shift.reader, phone.key)
    assert pack["until"] == (NOON + 14 * HOUR).isoformat()
    assert contact(phone.key).order == Order.KEEP
    with clock.frozen(NOON + 14 * HOUR):
        assert contact(phone.key).order == Order.DROP
    add(shift.made, "police", C.RISK, "Until three")
    shift.made.term("police", "fire", [C.RISK], offline=True, valid_until=NOON + 3 * HOUR)
    assert contact(phone.key).order == Order.DROP  # an agreement changed
    pack = take_along(shift.reader, phone.key)
    assert pack["until"] == (NOON + 3 * HOUR).isoformat()
    assert contact(phone.key).order == Order.KEEP
    AgreementVersion.objects.update(state="suspended")
    assert contact(phone.key).order == Order.DROP
    assert titles(take_along(shift.reader, phone.key)) == ["Rose Cottage"]


def test_what_decides_has_another_mark_when_it_is_otherwise(shift: Shift) -> None:
    def now(**change: Any) -> str:
        return mark(shift.made.reader("fire", **change))

    first = now()
    assert first == now()
    others = [
        now(purpose=Purpose.TASKING),
        now(role=Role.TEAM_LEADER),
        now(at=NOON - 200 * 24 * HOUR),
    ]
    Restriction.objects.create(
        name="Few", why="Invented", made_by=shift.made.officer("fire", Role.OFFICER),
        owner=shift.made.agencies["fire"],
    )  # fmt: skip
    others.append(now())
    assert len({first, *others}) == 5


def test_a_pack_is_never_larger_than_it_may_be(shift: Shift, monkeypatch: Any) -> None:
    monkeypatch.setattr(rules, "PACK_BYTES", 900)
    for number in range(5):
        add(shift.made, "fire", C.HOUSEHOLD, f"Home {number}")
    pack = take_along(shift.reader, shift.phone().phone.key)
    assert 0 < len(titles(pack)) < 6
    assert pack["left_out"] == 6 - len(titles(pack))


def test_a_phone_that_nobody_knows_keeps_what_it_has(shift: Shift) -> None:
    from uuid import uuid4

    assert contact(uuid4()).order == Order.UNKNOWN
