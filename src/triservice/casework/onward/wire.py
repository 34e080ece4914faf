"""What is sent to the system of a service, what its answer means, when it is tried again. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from triservice.casework.fhir import writing
from triservice.casework.onward.rules import Sheet
from triservice.casework.words import Takes

AFTER = tuple(timedelta(minutes=m) for m in (1, 5, 30, 2 * 60, 6 * 60, 24 * 60))
"""How long after each try the next one is; after the last it is given up."""
STEPS = {"accepted": "accept", "completed": "complete", "declined": "decline"}
AGAIN = frozenset({408, 409, 425, 429})
LEAST = 3  # characters that say what came of it


class Went(Enum):
    """What became of a try."""

    TAKEN = "taken"
    AGAIN = "try again"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a try, in a sentence that tells of nobody; the answer, if it had one.

    `step` is a step of an onward referral: accept, complete or decline; "" for no answer yet.
    """

    went: Went
    said: str = ""
    step: str = ""
    text: str = ""


def payload(how: str, sheet: Sheet) -> dict[str, Any]:
    """Return what is sent, as JSON can hold it."""
    return writing.service_request(sheet) if how == Takes.FHIR else plain(sheet)


def body(payload: Any) -> bytes:
    """Return what is sent as bytes: the same for the same payload, wherever it was kept."""
    return json.dumps(payload, sort_keys=True).encode()


def content_type(how: str) -> str:
    """Return the media type of what is sent."""
    return "application/fhir+json" if how == Takes.FHIR else "application/json"


def plain(sheet: Sheet) -> dict[str, Any]:
    """Return a sheet as plain JSON; docs/how-to/send-an-onward-referral.md shows it."""
    return {
        "key": sheet.key,
        "reference": sheet.reference,
        "scheme": sheet.scheme,
        "from": {"agency": sheet.sender, "officer": sheet.officer},
        "to": sheet.to,
        "sent_at": sheet.at.isoformat(),
        "why": sheet.why,
        "need": sheet.need,
        "reasons": list(sheet.reasons),
        "person": dict(sheet.person),
        "address": dict(sheet.address),
        "answers": [
            {"id": one.question, "question": one.name, "value": one.value, "answer": one.said}
            for one in sheet.told
        ],
    }


def judge(status: int, body: bytes) -> Result:
    """Say what an HTTP answer means. What sends elsewhere is not followed."""
    if 200 <= status < 300:
        step, text = answer_in(body)
        return Result(Went.TAKEN, step=step, text=text)
    if status in AGAIN or status >= 500:
        return Result(Went.AGAIN, f"The service’s system answered {status}")
    if 300 <= status < 400:
        return Result(Went.REFUSED, "The service’s system sends elsewhere, which is not followed")
    return Result(Went.REFUSED, f"The service’s system refused it ({status})")


def answer_in(body: bytes) -> tuple[str, str]:
    """Return the step and the text that an answer holds, a Task or plain JSON; else two blanks."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(said, Mapping):
        return "", ""
    if said.get("resourceType") == "Task":
        return writing.answer_of(said)
    step, text = STEPS.get(str(said.get("state")), ""), said.get("said")
    return step, writing.kept_text(text) if step and isinstance(text, str) else ""


def words(said: str) -> str:
    """Return what a system said as what came of it, even where it said next to nothing."""
    return said if len(said) >= LEAST else f"Said by their system: {said}".rstrip(" :")


def next_after(tries: int) -> timedelta | None:
    """Return how long after so many tries the next is; None: it is given up."""
    return AFTER[tries - 1] if 1 <= tries <= len(AFTER) else None
