"""A photo of a visit is kept once somebody agreed to photos, where the scheme asks for that."""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from invented_referrals import Send

import signing_in
from invented_photos import picture
from partnership import NOON, Partnership
from triservice.access.models import Notice
from triservice.casework.cases.actions import joining
from triservice.casework.cases.actions.acting import person_about
from triservice.casework.files.actions import Place, Sent, add_file
from triservice.casework.models import Case, CaseSubject, Consent, File, Visit
from triservice.casework.notes.actions import record_consent, withdraw_consent
from triservice.casework.phones import forms
from triservice.casework.triage.actions import accept
from triservice.casework.visits import actions as visits
from triservice.casework.visits.actions.photos import agree_to_photos
from triservice.casework.visits.queries import visit_page
from triservice.casework.visits.rules import photos_first
from triservice.casework.words import Part
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key
from triservice.offline.actions.phones import set_up
from triservice.offline.actions.photos import add, begin
from triservice.offline.actions.settling import again
from triservice.offline.actions.syncing import take
from triservice.offline.models import Operation
from triservice.schemes import catalogue
from triservice.subjects.models import Person

ASKS = """
[[consent]]
id = "photos"
name = "Photos"
text = "I agree to photos of rooms. No people are in them."
asked_of = "occupier"
before = ["photo"]
months = 12
"""
TEXT = "I agree to photos of rooms. No people are in them."
CAME = picture()
PHOTO = Sent("a.jpg", CAME, len(CAME))


@pytest.fixture(autouse=True)
def small_scheme(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> None:
    """Let the tests' scheme ask for consent before a photo."""
    folder = tmp_path / "schemes"
    folder.mkdir()
    plain = (Path(__file__).parent / "schemes" / "small-visit.toml").read_text()
    asking = plain.replace("\n[[activity]]", f"{ASKS}\n[[activity]]", 1)
    (folder / "small-visit.toml").write_text(asking)
    monkeypatch.setenv("TRISERVICE_SCHEMES", str(folder))
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def planned(officer: Reader, case: int) -> int:
    at = NOON + timedelta(hours=1)
    return visits.plan(officer, case, at, key=new_key(), officer=officer.officer)


def test_a_photo_waits_for_consent_that_stands(officer: Reader, case: int, planned: int) -> None:
    at = Place(planned, "photos")
    with pytest.raises(InputError, match="Nobody has agreed to photos yet: “I agree to photos"):
        add_file(officer, case, PHOTO, "household", at=at)
    person = str(Case.objects.get().subject_key)
    record_consent(
        officer, case, person, "Onward referral", given=True, capacity="has capacity",
        asked_on=NOON.date(),
    )  # fmt: skip
    with pytest.raises(InputError, match="Nobody has agreed"):
        add_file(officer, case, PHOTO, "household", at=at)
    agree_to_photos(officer, case, "has capacity")
    agree_to_photos(officer, case, "has capacity")
    consent = Consent.objects.get(scope=TEXT)
    assert consent.expires_on == NOON.date().replace(year=2027)
    add_file(officer, case, PHOTO, "household", at=at)
    withdraw_consent(officer, case, consent.pk, "Changed their mind")
    with pytest.raises(InputError, match="Nobody has agreed"):
        add_file(officer, case, PHOTO, "household", at=at)
    add_file(officer, case, Sent("a.txt", b"A letter", 8), "household")  # no photo of a visit
    assert File.objects.count() == 2


def test_a_no_on_any_case_that_is_one_with_it_stops_photos(
    officer: Reader, case: int, planned: int, send: Send
) -> None:
    other = accept(officer, send(fell="yes").referral, officer=officer.officer)
    agree_to_photos(officer, other, "has capacity")
    there = Consent.objects.get(scope=TEXT)
    at = Place(planned, "photos")
    with pytest.raises(InputError, match="Nobody has agreed"):
        add_file(officer, case, PHOTO, "household", at=at)
    reference, why = Case.objects.get(pk=case).reference, "They are one case"
    joining.merge(officer, other, reference, why)
    assert visit_page(officer, case, planned).photos is None  # agreed to on what is now one case
    add_file(officer, case, PHOTO, "household", at=at)
    joining.part(officer, other, "They are two after all")
    withdraw_consent(officer, other, there.pk, "Changed their mind")
    joining.merge(officer, other, reference, why)
    person = str(Case.objects.get(pk=case).subject_key)
    record_consent(
        officer, case, person, TEXT, given=True, capacity="has capacity", asked_on=NOON.date()
    )
    assert Consent.objects.latest("pk").person_id != there.person_id
    assert visit_page(officer, case, planned).photos is not None  # another's no stops it
    with pytest.raises(InputError, match="Nobody has agreed"):
        add_file(officer, case, PHOTO, "household", at=at)
    here = Person.objects.get(key=person)
    Person.objects.filter(pk=there.person_id).update(root=here)  # one person: what they said last
    assert visit_page(officer, case, planned).photos is None
    add_file(officer, case, PHOTO, "household", at=at)


def test_it_is_the_person_whom_the_case_is_about_who_agrees(
    officer: Reader, case: int, planned: int
) -> None:
    about = CaseSubject.objects.get(case=case, person__isnull=False)
    told = about.since
    her = Person.objects.create(key=new_key(), made_at=NOON)
    CaseSubject.objects.filter(pk=about.pk).update(part=Part.CARER)
    assert person_about(about.case) is None  # who only helps agrees to nothing
    about.pk, about.person, about.part, about.since = None, her, Part.SUBJECT, told
    about.save(force_insert=True)
    agree_to_photos(officer, case, "has capacity")
    assert Consent.objects.get(scope=TEXT).person_id == her.pk


def test_every_scheme_that_asks_is_held_to_it() -> None:
    asking = [
        scheme for scheme in map(catalogue.read, sorted((
            Path(catalogue.__file__).parent).glob("*.toml")))
        if any("photo" in one.before for one in scheme.consents.values())
    ]  # fmt: skip
    assert {scheme.id for scheme in asking} >= {"home-fire-safety", "hertfordshire-home-safety"}
    for scheme in asking:
        assert photos_first(scheme, [], NOON.date()) is not None
        assert forms.PHOTOS in forms.visit_form(scheme).by_id


def signed_in(town: Partnership) -> Client:
    return signing_in.sign_in(Client(), town.officer("fire"))


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_page_asks_who_agrees_and_takes_no_photo_without(
    town: Partnership, officer: Reader, case: int, planned: int
) -> None:
    client, base = signed_in(town), f"/casework/cases/{case}/visits/{planned}"
    assert TEXT in text(client.get(f"{base}/record"))

    def send(**more: str) -> Any:
        photo = SimpleUploadedFile("a.jpg", CAME, "image/jpeg")
        return client.post(f"{base}/record", {"draft": "1", "fell": "yes", "photos": photo} | more)

    refused = send()
    assert refused.status_code == 422
    assert "Nobody has agreed to photos yet" in text(refused)
    assert File.objects.count() == 0
    by_another = send(photos_agreed="a parent consents")
    assert (by_another.status_code, "Say who consents for them" in text(by_another)) == (422, True)
    assert send(photos_agreed="has capacity").status_code == 302
    assert (File.objects.count(), Consent.objects.get().scope) == (1, TEXT)
    assert TEXT not in text(client.get(f"{base}/record"))


@pytest.mark.parametrize("agreed", ["yes", "no", None])
def test_a_photo_from_a_phone_is_kept_with_consent_or_waits_for_a_person(
    officer: Reader, case: int, planned: int, agreed: str | None
) -> None:
    phone, visit = set_up(officer, "Phone")[0], Visit.objects.get()
    number = UUID(int=int(NOON.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62)
    begin(officer, phone.key, number, sha256(CAME).hexdigest(), len(CAME))
    add(officer, phone.key, number, 0, CAME)
    at = NOON.isoformat()
    said = {"alarms": "no", "photos": [str(number)], "photos sent": [str(number)],
            "form opened": at, "form saved": at}  # fmt: skip
    said |= {forms.PHOTOS: agreed} if agreed else {}
    said |= {forms.DANGER: "A gas leak; 999 and the gas line were called"}
    done = {"number": str(UUID(int=number.int + 1)), "kind": "visit.recorded", "payload": said,
            "about": f"visit {visit.key}", "base": {"version": 0, "values": {}},
            "made_at": at}  # fmt: skip
    (outcome,) = take(officer, phone.key, [done])
    if agreed != "yes":
        assert (outcome.state, "Nobody has agreed to photos yet" in outcome.said) == (
            "refused", True,
        )  # fmt: skip
        row = Operation.objects.get()
        assert row.payload == said  # nothing is lost: a person looks at it
        assert (File.objects.count(), Visit.objects.get().state) == (0, "planned")
        assert Visit.objects.get().danger.startswith("A gas leak")  # that does not wait
        assert Notice.objects.filter(role="team leader", text__contains="danger").count() == 1
        agree_to_photos(officer, case, "has capacity")
        again(officer, row.pk)
    assert Notice.objects.filter(role="team leader", text__contains="danger").count() == 1
    state = "applied" if agreed == "yes" else "settled"
    assert (Operation.objects.get().state, Visit.objects.get().state) == (state, "done")
    assert (File.objects.get().key, Consent.objects.get().scope) == (number, TEXT)
