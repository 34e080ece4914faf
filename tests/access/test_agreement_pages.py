"""The pages of agreements: made, read, mended, signed and brought in force through forms."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from invented_agreements import PARTIES, make_draft, make_in_force, sign_by_all

from partnership import Partnership
from signing_in import confirm, sign_in
from triservice.access import document
from triservice.access.agreements import queries
from triservice.access.models import AgreementVersion, Term
from triservice.agencies.models import Area
from triservice.agencies.queries import handles
from triservice.kernel.access_words import Role

LEAD = Role.DATA_PROTECTION_LEAD


def client_of(made: Partnership, agency: str = "council", role: Role = LEAD) -> Client:
    officer = made.officer(agency, role)
    return confirm(sign_in(Client(), officer, None), officer)


def said(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def days(**named: tuple[int, int, int]) -> dict[str, object]:
    """Return dates as the three boxes of each."""
    return {f"{name}_{part}": value for name, day in named.items()
            for part, value in zip(("day", "month", "year"), day, strict=True)}  # fmt: skip


def test_an_agreement_is_made_from_a_template(bare: Partnership) -> None:
    client = client_of(bare)
    assert "Full access to council, police and fire data" in said(client, "/access/agreements/new")
    form = said(client, "/access/agreements/new/cornwall-tri-service")
    assert "Health partner" in form
    data = {
        "title": "Invented <b>agreement</b>",
        **{f"party_{kind}": bare.agencies[kind].pk for kind in PARTIES},
        "until_day": "31", "until_month": "12", "until_year": "2026",
    }  # fmt: skip
    answer = client.post("/access/agreements/new/cornwall-tri-service", data)
    assert answer.status_code == 302, answer.content.decode()
    page = said(client, answer.headers["Location"])
    assert "Invented &lt;b&gt;agreement&lt;/b&gt;" in page
    assert "Penmarric Police lets officers of every party see identity" in page
    assert "Say the reference of the data protection impact assessment" in page
    version = AgreementVersion.objects.latest("pk")
    assert version.until.isoformat() == "2027-01-01T00:00:00+00:00"


def test_a_lead_goes_from_a_blank_agreement_to_one_in_force_by_the_pages(
    bare: Partnership,
) -> None:
    """Only addresses that the pages offer are followed, and every lack that they tell is mended."""
    lead = client_of(bare)
    council, police = (bare.agencies[kind] for kind in ("council", "police"))
    blank = "/access/agreements/new/blank"
    assert f'href="{blank}"' in said(lead, "/access/agreements/new")
    assert lead.post(blank, {"title": ""}).status_code == 422
    begun = {"title": "Invented blank", "regime": "uk gdpr", "lawful_basis": "6(1)(e)"}
    at = lead.post(blank, begun).headers["Location"]
    page = said(lead, at)
    assert "Name at least two parties" in page
    assert "questions have no whole answer yet" in said(lead, f"{at}/checklist")
    assert "Missing" in said(lead, f"{at}/checklist")

    def follow(path: str, data: dict[str, object]) -> None:
        assert f'href="{path}"' in said(lead, at), path
        answer = lead.post(path, data)
        assert answer.status_code == 302, answer.content.decode()

    follow(f"{at}/text", {name: f"Invented {name}" for name in queries.PROSE} | days(
        until=(31, 12, 2026), review_on=(1, 9, 2026)))  # fmt: skip
    basis = {"controller": "controller", "lawful_basis": "An invented basis",
             "special_condition": "An invented condition", "gateway": "An invented Act",
             "contact": "Invented desk"}  # fmt: skip
    follow(f"{at}/parties/{council.pk}", basis | {"agency": council.pk, "regime": "uk gdpr"})
    follow(f"{at}/parties/new", basis | {"agency": police.pk, "regime": "part 3"})
    follow(f"{at}/terms/new", {
        "from_agency": council.pk, "to_agency": police.pk, "mode": "open", "min_vetting": "0",
        "data_classes": ["location"], "purposes": ["response"], "every_field": "on",
        "everywhere": "on"})  # fmt: skip
    unsigned = said(lead, f"{at}/checklist")
    assert "1 question has no whole answer yet" in unsigned
    assert f"{police.name} has not signed" in unsigned
    for each in (lead, client_of(bare, "police")):
        seen = said(each, f"{at}/sign").split('name="seen" value="')[1].split('"')[0]
        signed = each.post(f"{at}/sign", {"job_title": "Invented lead", "seen": seen})
        assert signed.status_code == 302
    assert "Every question has an answer" in said(lead, f"{at}/checklist")
    follow(f"{at}/agree", {})
    follow(f"{at}/bring-in-force", {})
    assert "In force" in said(lead, at)


def test_a_place_left_empty_is_told(bare: Partnership) -> None:
    answer = client_of(bare).post("/access/agreements/new/cornwall-tri-service", {"title": "X"})
    assert answer.status_code == 422
    assert "Select police force" in answer.content.decode()
    assert client_of(bare).get("/access/agreements/new/nothing").status_code == 404


def test_the_text_a_party_and_a_term_are_edited(
    bare: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    pk = make_draft(bare)
    client = client_of(bare)
    at = f"/access/agreements/{pk}"
    version = AgreementVersion.objects.get(pk=pk)
    prose = {name: getattr(version, name) for name in queries.PROSE} | {"aim": "A better aim"}
    dates = days(until=(31, 12, 2026), review_on=(1, 9, 2026))
    assert client.post(f"{at}/text", prose | dates).status_code == 302
    police = bare.agencies["police"].pk
    party = {"agency": police, "controller": "controller", "regime": "part 3",
             "lawful_basis": "s35 (invented)", "contact": "Desk"}  # fmt: skip
    assert client.post(f"{at}/parties/{police}", party).status_code == 302
    term = {"from_agency": police, "to_agency": "", "to_role": "officer", "mode": "open",
            "data_classes": ["risk"], "purposes": ["response"], "fields_named": "summary, details",
            "everywhere": "on", "min_vetting": "0", "offline": "on"}  # fmt: skip
    assert client.post(f"{at}/terms/new", term).status_code == 302
    page = said(client, at)
    assert "A better aim" in page
    assert "s35 (invented)" in page
    assert "Only these fields: summary and details." in page
    assert "It may be kept, sealed, on an officer’s phone" in page
    made = Term.objects.latest("pk")
    assert (made.fields, made.every_field) == (["summary", "details"], False)
    assert made.offline
    last = made.number
    answer = client.post(f"{at}/terms/{last}", term | {"fields_named": ""})
    assert answer.status_code == 422
    assert "name the fields, or say every field" in answer.content.decode()
    for code, name in (("E01", "Inventedside"), ("E02", "Nowhere"), ("E03", "Nowhere")):
        Area.objects.create(kind="ward", code=code, name=name)
    Term.objects.filter(pk=made.pk).update(everywhere=False, areas=["gone"])
    form = said(client, f"{at}/terms/{last}")
    assert "Inventedside" in form
    assert "Nowhere (E02)" in form
    assert "gone, which no area is called here" in form
    assert "Areas that are not in the list" not in form
    some = {name: value for name, value in term.items() if name != "everywhere"}
    answer = client.post(f"{at}/terms/{last}", some)
    assert "name the areas, or say everywhere" in answer.content.decode()
    answer = client.post(f"{at}/terms/{last}", some | {"areas": ["E09"]})
    assert "E09" in answer.content.decode()
    assert answer.status_code == 422
    assert client.post(f"{at}/terms/{last}", some | {"areas": ["E02"]}).status_code == 302
    assert Term.objects.latest("pk").areas == ["E02"]
    monkeypatch.setattr(handles, "MOST_AREAS", 1)  # too many to tick
    for line, wrong in (
        ("Elsewhere", "No area is called Elsewhere"),
        ("nowhere", "Several areas are called nowhere: give its code"),
    ):
        answer = client.post(f"{at}/terms/{last}", some | {"more_areas": line})
        assert wrong in answer.content.decode()
    named = some | {"areas": ["E02"], "more_areas": "inventedside\nE03"}
    assert client.post(f"{at}/terms/{last}", named).status_code == 302
    assert Term.objects.latest("pk").areas == ["E02", "E01", "E03"]
    assert "Inventedside" in said(client, at)
    assert client.post(f"{at}/terms/{last}/remove").status_code == 302
    assert not Term.objects.filter(pk=made.pk).exists()
    refused = client.post(f"{at}/parties/{police}/remove")
    assert "A term names this party" in refused.content.decode()
    ambulance = {"agency": bare.agencies["ambulance"].pk, "controller": "recipient",
                 "regime": "uk gdpr", "lawful_basis": "6(1)(e)"}  # fmt: skip
    assert client.post(f"{at}/parties/new", ambulance).status_code == 302
    assert client.post(f"{at}/parties/{ambulance['agency']}/remove").status_code == 302


def test_signing_agreeing_and_the_rest_of_a_life(bare: Partnership) -> None:
    pk = make_draft(bare)
    at = f"/access/agreements/{pk}"
    lead = client_of(bare)
    sign_by_all(bare, pk, PARTIES[:3])
    refused = lead.post(f"{at}/agree")
    assert refused.status_code == 422
    assert "Penmarric Health Trust has not signed" in refused.content.decode()
    guardian = client_of(bare, "health", Role.CALDICOTT_GUARDIAN)
    form = said(guardian, f"{at}/sign")
    seen = form.split('name="seen" value="')[1].split('"')[0]
    signed = guardian.post(f"{at}/sign", {"job_title": "Guardian", "seen": seen})
    assert signed.status_code == 302
    for step, data in (
        ("agree", {}),
        ("bring-in-force", {}),
        ("suspend", {"why": "A check"}),
        ("resume", {"why": "Checked"}),
        ("review", {"why": "Right", "next_on_day": 1, "next_on_month": 12, "next_on_year": 2026}),
    ):
        assert lead.post(f"{at}/{step}", data).status_code == 302, step
    assert "In force" in said(lead, "/access/agreements/")
    answer = lead.post(f"{at}/edit", {"why": "More"})
    second = AgreementVersion.objects.latest("pk").pk
    assert answer.headers["Location"] == f"/access/agreements/{second}"
    assert "Nobody gains access" in said(lead, f"/access/agreements/{second}/compare")
    nothing = said(lead, f"{at}/compare?with=nothing")
    assert "may now see" in nothing
    assert lead.post(f"{at}/end", {"why": "Over"}).status_code == 302
    assert lead.get(f"{at}/nonsense").status_code == 404


@pytest.mark.parametrize("part", ["", "/checklist", "/compare", "/document", "/document.pdf"])
def test_only_parties_see_it_and_a_draft_not_every_officer(bare: Partnership, part: str) -> None:
    pk = make_draft(bare)
    path = f"/access/agreements/{pk}{part}"
    assert client_of(bare).get(path).status_code == 200
    assert client_of(bare, "ambulance").get(path).status_code == 404
    assert client_of(bare, "police", Role.OFFICER).get(path).status_code == 404
    make_in_force(bare, pk)
    assert client_of(bare, "police", Role.OFFICER).get(path).status_code == 200


def test_who_may_not_change_is_offered_nothing_and_refused(bare: Partnership) -> None:
    pk = make_in_force(bare)
    officer = client_of(bare, "police", Role.OFFICER)
    page = said(officer, f"/access/agreements/{pk}")
    assert "Suspend" not in page
    assert "New agreement" not in said(officer, "/access/agreements/")
    for part in ("text", "terms/new", "parties/new", "sign", "suspend"):
        assert officer.get(f"/access/agreements/{pk}/{part}").status_code == 403


def test_the_checklist_says_what_is_missing_and_where(bare: Partnership) -> None:
    pk = make_draft(bare)
    page = said(client_of(bare), f"/access/agreements/{pk}/checklist")
    assert "1 question has no whole answer yet" in page
    assert "Penmarric Health Trust has not signed" in page
    assert f"/access/agreements/{pk}#signatures" in page


def test_the_document_says_everything_and_text_stays_text(bare: Partnership) -> None:
    pk = make_draft(bare, title='Invented "] #read("/etc/passwd") $x$ *b* <script>')
    reader = bare.reader("council", LEAD)
    page = queries.version_page(reader, pk)
    assert page is not None
    said_there = json.dumps(document.agreement_data(page, {}))
    for term in page.text.terms:
        assert f'"number": {term.number}' in said_there
    pdf = document.agreement_pdf(page, {})
    assert pdf.startswith(b"%PDF-")
    assert document.file_name(page.text.title, 1) == (
        "invented-read-etc-passwd-x-b-script-version-1.pdf"
    )
    answer = client_of(bare).get(f"/access/agreements/{pk}/document.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]
