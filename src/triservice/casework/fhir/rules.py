"""FHIR R4 resources read strictly and written: no more of the standard than referrals need. Pure.

What we do not read is ignored, as the standard lets a server do; what would change the meaning
(`doNotPerform`, a modifier extension) is refused, and so is an element that R4 does not have.
Source: HL7 FHIR R4 (4.0.1), ServiceRequest, Patient, QuestionnaireResponse, Task, Communication.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triservice.casework.answers.rules import question_of
from triservice.schemes.scheme import Form
from triservice.schemes.words import Kind

SCHEME = "urn:triservice:scheme"
AGENCY = "urn:triservice:agency"
REFERRAL = "urn:triservice:referral"
UPRN = "https://fhir.hl7.org.uk/Id/uprn"
LONGEST_KEY = 200
Resource = Mapping[str, Any]

_ANY = "resourceType id meta implicitRules language text contained extension modifierExtension"
_ELEMENTS = {
    "ServiceRequest": """
        identifier instantiatesCanonical instantiatesUri basedOn replaces requisition status intent
        category priority doNotPerform code orderDetail quantityQuantity quantityRatio quantityRange
        subject encounter occurrenceDateTime occurrencePeriod occurrenceTiming asNeededBoolean
        asNeededCodeableConcept authoredOn requester performerType performer locationCode
        locationReference reasonCode reasonReference insurance supportingInfo specimen bodySite note
        patientInstruction relevantHistory""",
    "Patient": """
        identifier active name telecom gender birthDate deceasedBoolean deceasedDateTime address
        maritalStatus multipleBirthBoolean multipleBirthInteger photo contact communication
        generalPractitioner managingOrganization link""",
    "QuestionnaireResponse": """
        identifier basedOn partOf questionnaire status subject encounter authored author source
        item""",
    "Communication": """
        identifier instantiatesCanonical instantiatesUri basedOn partOf inResponseTo status
        statusReason category priority medium subject topic about encounter sent received recipient
        sender reasonCode reasonReference payload note""",
    "Task": """
        identifier instantiatesCanonical instantiatesUri basedOn groupIdentifier partOf status
        statusReason businessStatus intent priority code description focus for encounter
        executionPeriod authoredOn lastModified requester performerType owner location reasonCode
        reasonReference insurance note relevantHistory restriction input output""",
}
ELEMENTS = {kind: frozenset(f"{_ANY} {names}".split()) for kind, names in _ELEMENTS.items()}
"""The elements that R4 has, by kind of resource."""
_VALUES = ("valueString", "valueBoolean", "valueInteger", "valueDecimal", "valueDate")
TASK_STATUS: Mapping[str, str] = {
    "": "requested",  # how it stands is withheld
    "received": "received",
    "need more": "on-hold",
    "accepted": "accepted",
    "signposted": "rejected",
    "declined": "rejected",
    "withdrawn": "cancelled",
}


@dataclass(frozen=True, slots=True)
class Issue:
    """What is wrong with a resource: a code of the standard, a sentence, and where."""

    code: str  # required, value, structure, not-supported, business-rule …
    what: str
    where: str


class Refusal(Exception):
    """A resource that cannot be taken."""

    def __init__(self, *issues: Issue) -> None:
        """Keep what is wrong."""
        super().__init__(" ".join(each.what for each in issues))
        self.issues = issues


@dataclass(frozen=True, slots=True)
class Asked:
    """A ServiceRequest as a referral: the sender's own key, the scheme, who runs it, the answers.

    `person` and `address` come from the Patient, `answers` (question → value) from the
    QuestionnaireResponse.
    """

    key: str
    scheme: str
    to: str
    person: Mapping[str, str]
    address: Mapping[str, str]
    answers: Mapping[str, Any]

    def given(self, form: Form) -> dict[str, Any]:
        """Return the answers to a form: the Patient answers the first question of each kind."""
        said = dict(self.answers)
        for value, kind in ((self.person, Kind.PERSON), (self.address, Kind.ADDRESS)):
            question = question_of(form, kind)
            if question is not None and value:
                said.setdefault(question.id, dict(value))
        return said


def read_service_request(body: object) -> Asked:
    """Read a ServiceRequest with its Patient and answers contained. Raises Refusal."""
    request = resource_of(body, "ServiceRequest", "ServiceRequest")
    faults = []
    if request.get("status") != "active":
        faults.append(Issue("value", "status must be active", "ServiceRequest.status"))
    if request.get("intent") not in ("proposal", "plan", "order"):
        said = "intent must be proposal, plan or order"
        faults.append(Issue("value", said, "ServiceRequest.intent"))
    if request.get("doNotPerform"):
        said = "doNotPerform is not taken: withdraw the referral instead"
        faults.append(Issue("not-supported", said, "ServiceRequest.doNotPerform"))
    identifiers = objects_of(request.get("identifier"))
    key = next((_key(each) for each in identifiers if text_of(each.get("value"))), "")
    codes = objects_of(_object(request.get("code")).get("coding"))
    scheme = next((text_of(each.get("code")) for each in codes if each.get("system") == SCHEME), "")
    performers = [_object(each.get("identifier")) for each in objects_of(request.get("performer"))]
    to = next(
        (text_of(each.get("value")) for each in performers if each.get("system") == AGENCY), ""
    )
    for value, what, where in (
        (key, "an identifier of your own, so that it is received once", "identifier"),
        (scheme, f"a code of the system {SCHEME}", "code"),
        (to, f"a performer with an identifier of the system {AGENCY}", "performer"),
    ):
        if not value or len(value) > LONGEST_KEY:
            faults.append(Issue("required", f"Give {what}", f"ServiceRequest.{where}"))
    inside = _contained(request)
    patient = inside.get(text_of(_object(request.get("subject")).get("reference")))
    if patient is None or patient.get("resourceType") != "Patient":
        said = "subject must refer to a contained Patient, like #patient"
        faults.append(Issue("required", said, "ServiceRequest.subject"))
    if faults:
        raise Refusal(*faults)
    person, address = _patient(resource_of(patient, "Patient", "ServiceRequest.contained"))
    linked = [
        inside.get(text_of(r.get("reference"))) for r in objects_of(request.get("supportingInfo"))
    ]
    answers: dict[str, Any] = {}
    for each in linked:
        if each is not None and each.get("resourceType") == "QuestionnaireResponse":
            resource_of(each, "QuestionnaireResponse", "ServiceRequest.contained")
            answers |= _answers(objects_of(each.get("item")))
    return Asked(key, scheme, to, person, address, answers)


def read_communication(body: object) -> tuple[str, str]:
    """Read an answer to what was asked: the referral's reference, and the text. Raises Refusal."""
    said = resource_of(body, "Communication", "Communication")
    about = [_object(each.get("identifier")) for each in objects_of(said.get("about"))]
    reference = next((text_of(i.get("value")) for i in about if i.get("system") == REFERRAL), "")
    texts = [text_of(each.get("contentString")) for each in objects_of(said.get("payload"))]
    text = "\n".join(filter(None, texts))
    faults = []
    if said.get("status") != "completed":
        faults.append(Issue("value", "status must be completed", "Communication.status"))
    if not reference:
        what = f"Say about which referral, by an identifier of the system {REFERRAL}"
        faults.append(Issue("required", what, "Communication.about"))
    if not text:
        what = "Give the answer as contentString"
        faults.append(Issue("required", what, "Communication.payload"))
    if faults:
        raise Refusal(*faults)
    return reference, text


def resource_of(body: object, kind: str, where: str) -> Resource:
    """Return a resource of a kind, of the elements that R4 has. Raises Refusal."""
    if not isinstance(body, Mapping) or body.get("resourceType") != kind:
        raise Refusal(Issue("structure", f"Send a {kind}", where))
    if "modifierExtension" in body or "implicitRules" in body:
        said = "A modifier extension or implicit rules could change the meaning, and are not known"
        raise Refusal(Issue("not-supported", said, where))
    known = ELEMENTS[kind]
    unknown = [name for name in body if str(name).removeprefix("_") not in known]
    if unknown:
        said = f"R4 has no {', '.join(str(name)[:40] for name in unknown[:5])} in a {kind}"
        raise Refusal(Issue("structure", said, where))
    return body


def _contained(request: Resource) -> dict[str, Resource]:
    return {f"#{each.get('id')}": each for each in objects_of(request.get("contained"))}


def _patient(patient: Resource) -> tuple[dict[str, str], dict[str, str]]:
    name = next(iter(objects_of(patient.get("name"))), {})
    given = name.get("given")
    parts = [*(given if isinstance(given, list) else []), name.get("family")]
    person = {
        "name": text_of(name.get("text")) or " ".join(filter(None, map(text_of, parts))),
        "born": text_of(patient.get("birthDate")),
    }
    for contact in objects_of(patient.get("telecom")):
        if contact.get("system") in ("phone", "email"):
            person.setdefault(str(contact["system"]), text_of(contact.get("value")))
    home = next(iter(objects_of(patient.get("address"))), {})
    lines = home.get("line")
    where = [*(lines if isinstance(lines, list) else []), home.get("city")]
    uprns = [i for i in objects_of(patient.get("identifier")) if i.get("system") == UPRN]
    address = {
        "line": text_of(home.get("text")) or ", ".join(filter(None, map(text_of, where))),
        "postcode": text_of(home.get("postalCode")),
        "uprn": text_of(uprns[0].get("value")) if uprns else "",
    }
    return _filled(person), _filled(address)


def _answers(items: Iterable[Resource]) -> dict[str, Any]:
    """Return question → value; several answers to one question are a list; groups are opened."""
    found: dict[str, Any] = {}
    for item in items:
        values = [_value(each) for each in objects_of(item.get("answer"))]
        if values:
            found[text_of(item.get("linkId"))] = values[0] if len(values) == 1 else values
        found |= _answers(objects_of(item.get("item")))
    return found


def _value(answer: Resource) -> Any:
    if coding := _object(answer.get("valueCoding")):
        return text_of(coding.get("code"))
    said = next((name for name in _VALUES if name in answer), None)
    value = answer.get(said) if said else None
    if isinstance(value, list | Mapping) or value is None:
        what = f"An answer is one of {', '.join((*_VALUES, 'valueCoding'))}"
        raise Refusal(Issue("not-supported", what, "QuestionnaireResponse.item.answer"))
    return value


def _key(identifier: Resource) -> str:
    return f"{text_of(identifier.get('system'))}|{text_of(identifier.get('value'))}"


def _object(value: object) -> Resource:
    return value if isinstance(value, Mapping) else {}


def objects_of(value: object) -> list[Resource]:
    """Return the objects of a list; none for what is no list."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def text_of(value: object) -> str:
    """Return what is text, without the blanks around it; "" for anything else."""
    return value.strip() if isinstance(value, str) else ""


def _filled(said: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in said.items() if text}


def outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """Return an OperationOutcome that says what is wrong."""
    said = [
        {"severity": "error", "code": i.code, "diagnostics": i.what, "expression": [i.where]}
        for i in issues
    ]
    return {"resourceType": "OperationOutcome", "issue": said}


def task(
    reference: str, state: str, why: str, signposted_to: str, sent: datetime,
    moved: datetime | None, outcome: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Return how a referral stands, as a Task. An empty state is withheld."""
    found: dict[str, Any] = {
        "resourceType": "Task",
        "id": reference,
        "identifier": [{"system": REFERRAL, "value": reference}],
        "status": "completed" if outcome else TASK_STATUS[state],
        "intent": "order",
        "authoredOn": sent.isoformat(),
        "lastModified": (moved or sent).isoformat(),
        "businessStatus": {"text": state or "withheld"},
    }
    if why:
        found["statusReason"] = {"text": why}
    if signposted_to:
        found["output"] = [{"type": {"text": "signposted to"}, "valueString": signposted_to}]
    if outcome:
        found["output"] = [{"type": {"text": "outcome"}, "valueString": outcome}]
    return found


def communication(reference: str, text: str, sent: datetime) -> dict[str, Any]:
    """Return what is asked about a referral, as a Communication."""
    return {
        "resourceType": "Communication",
        "id": reference,
        "status": "completed",
        "about": [{"identifier": {"system": REFERRAL, "value": reference}}],
        "sent": sent.isoformat(),
        "payload": [{"contentString": text}],
    }
