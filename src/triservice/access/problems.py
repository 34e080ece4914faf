"""Errors of the API as RFC 9457 problems: a status, a title and a sentence that says what to do."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse

CONTENT = "application/problem+json"
TITLES = {
    400: "The request cannot be read",
    401: "No valid token",
    403: "Not open to you",
    404: "Not found",
    405: "Not a way to use this address",
    409: "Somebody was first",
    413: "Too much at once",
    422: "Something in the request is not right",
    429: "Too many requests",
    500: "A fault of the service",
}
SAID = {
    400: "Send the body as JSON.",
    401: "Send the token of your system: Authorization: Bearer tri_…",
    404: "There is no such thing, or it is not open to your agency.",
    429: "Wait as many seconds as Retry-After says.",
    500: "Nothing was shown or changed. Try again; if it happens again, tell the administrator.",
}


def problem(status: int, detail: str = "", **more: Any) -> HttpResponse:
    """Return an error as a problem. `more` are further members, such as `errors`.

    Every problem has a title of its status, so a program needs only the status and reads no text.
    """
    detail = detail or SAID.get(status, "")
    body = {"type": "about:blank", "title": TITLES[status], "status": status} | more
    if detail:
        body["detail"] = detail if detail.endswith((".", "?", "!", "…")) else f"{detail}."
    response = HttpResponse(json.dumps(body), status=status, content_type=CONTENT)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="triservice"'
    return response


SCHEMA = {
    "title": "Problem",
    "description": "An error, as RFC 9457 says it.",
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence: what was wrong, what to do"},
        "reason": {"type": "string", "description": "Why a read was refused"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"where": {"type": "string"}, "what": {"type": "string"}},
            },
        },
    },
}
