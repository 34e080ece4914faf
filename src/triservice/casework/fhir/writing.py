"""An onward referral as FHIR R4: the ServiceRequest that goes out, the Task that comes back. Pure.

What is written is read back by `fhir.rules.read_service_request`.
Source: HL7 FHIR R4 (4.0.1), ServiceRequest, Patient, QuestionnaireResponse, Task.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triservice.casework.fhir.rules import (
    AGENCY,
    REFERRAL,
    SCHEME,
    UPRN,
    Issue,
    Refusal,
    Resource,
    objects_of,
    resource_of,
    text_of,
)
from triservice.casework.onward.rules import Sheet

ONWARD = "urn:triservice:onward-referral"
STEPS: Mapping[str, str] = {
    "accepted": "accept",
    "in-progress": "accept",
    "completed": "complete",
    "rejected": "decline",
    "cancelled": "decline",
    "failed": "decline",
}
"""The status of a Task that answers → the step of an onward referral; others are no answer yet."""
LONGEST = 2_000  # characters of what is said


def service_request(sheet: Sheet) -> dict[str, Any]:
    """Return an onward referral as a ServiceRequest with Patient and answers contained."""
    contained: list[dict[str, Any]] = [_patient(sheet)]
    found: dict[str, Any] = {
        "resourceType": "ServiceRequest",
        "identifier": [
            {"system": ONWARD, "value": sheet.key},
            {"system": REFERRAL, "value": sheet.reference},
        ],
        "status": "active",
        "intent": "order",
        "code": {"coding": [{"system": SCHEME, "code": sheet.scheme}], "text": sheet.why},
        "subject": {"reference": "#patient"},
        "authoredOn": sheet.at.isoformat(),
        "requester": {
            "identifier": {"system": AGENCY, "value": sheet.sender_short},
            "display": sheet.sender,
        },
        "performer": [
            {
                "identifier": {"system": AGENCY, "value": sheet.to_short or sheet.to_of},
                "display": sheet.to,
            }
        ],
        "note": [{"text": sheet.why}],
    }
    if sheet.need:
        found["reasonCode"] = [{"text": text} for text in (sheet.need, *sheet.reasons)]
    if sheet.told:
        contained.append(_answers(sheet))
        found["supportingInfo"] = [{"reference": "#answers"}]
    return found | {"contained": contained}


def _patient(sheet: Sheet) -> dict[str, Any]:
    person, home = sheet.person, sheet.address
    telecom = [{"system": s, "value": person[s]} for s in ("phone", "email") if person.get(s)]
    address = {"text": home.get("line", ""), "postalCode": home.get("postcode", "")}
    parts: dict[str, Any] = {
        "identifier": [{"system": UPRN, "value": home["uprn"]}] if home.get("uprn") else [],
        "name": [{"text": person["name"]}] if person.get("name") else [],
        "telecom": telecom,
        "birthDate": person.get("born", ""),
        "address": [{k: v for k, v in address.items() if v}] if any(address.values()) else [],
    }
    return {"resourceType": "Patient", "id": "patient"} | {k: v for k, v in parts.items() if v}


def _answers(sheet: Sheet) -> dict[str, Any]:
    items = [
        {"linkId": one.question, "text": one.name, "answer": _values(one.value, one.said)}
        for one in sheet.told
    ]
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "answers",
        "status": "completed",
        "item": items,
    }


def _values(value: Any, said: str) -> list[dict[str, Any]]:
    """Return an answer as values of R4; what has no kind there is said in words."""
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return [{"valueString": one} for one in value]
    kinds = {bool: "valueBoolean", int: "valueInteger", float: "valueDecimal", str: "valueString"}
    kind = kinds.get(type(value))
    return [{kind: value}] if kind else [{"valueString": said}]


def read_task(body: object) -> tuple[str, str, str]:
    """Read a Task that answers: the onward referral's key, the step, what is said. Raises Refusal.

    `focus` or `basedOn` names the onward referral by the identifier that came with it.
    """
    task = resource_of(body, "Task", "Task")
    named = [task.get("focus"), *objects_of(task.get("basedOn"))]
    identifiers = [each.get("identifier") for each in named if isinstance(each, Mapping)]
    key = next(
        (
            text_of(each.get("value"))
            for each in identifiers
            if isinstance(each, Mapping) and each.get("system") == ONWARD
        ),
        "",
    )
    step, said = answer_of(task)
    faults = []
    if not key:
        what = f"Say which onward referral, by an identifier of the system {ONWARD}"
        faults.append(Issue("required", what, "Task.focus"))
    if not step:
        what = f"status must be one of {', '.join(STEPS)}"
        faults.append(Issue("value", what, "Task.status"))
    if faults:
        raise Refusal(*faults)
    return key, step, said


def answer_of(task: Resource) -> tuple[str, str]:
    """Return the step that a Task's status means and what is said with it; blanks for none."""
    step = STEPS.get(text_of(task.get("status")), "")
    reason = task.get("statusReason")
    said = [text_of(reason.get("text"))] if isinstance(reason, Mapping) else []
    said += [text_of(each.get("text")) for each in objects_of(task.get("note"))]
    return step, kept_text("\n".join(filter(None, said))) if step else ""


def kept_text(said: str) -> str:
    """Return what a system said as it can be kept: no character that is none, and not too long."""
    return said.replace("\0", " ").encode("utf-8", "ignore").decode().strip()[:LONGEST].strip()


def task(key: str, status: str, said: str) -> dict[str, Any]:
    """Return an answer that was noted, as a Task."""
    found: dict[str, Any] = {
        "resourceType": "Task",
        "status": status,
        "intent": "order",
        "focus": {"identifier": {"system": ONWARD, "value": key}},
    }
    return found | ({"statusReason": {"text": said}} if said else {})
