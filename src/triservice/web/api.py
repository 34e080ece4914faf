"""The API: operations of every room under one address, described as OpenAPI."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

from triservice.access import api as access
from triservice.access.api_rules import (
    FHIR,
    NAMED,
    PERSON,
    PURPOSE,
    Operation,
    TokenAuth,
    answer_problems,
    guard_views,
)
from triservice.access.api_text import PlainParser
from triservice.access.conflicts import api as conflicts
from triservice.access.pages import page
from triservice.access.problems import CONTENT, SCHEMA, TITLES
from triservice.access.restrictions import api as lists
from triservice.casework import api as casework
from triservice.casework.fhir import api as fhir
from triservice.casework.onward import api as onward
from triservice.casework.plans import api as plans
from triservice.kernel.access_words import Purpose
from triservice.schemes import api as schemes
from triservice.subjects import api as subjects
from triservice.subjects import api_restricting as restricting

DESCRIPTION = (
    "For the systems of agencies. Each call brings a token and says why it reads; it is answered "
    "by the same agreements as a page, and is in the same record. Errors are problems (RFC 9457)."
)
api = NinjaAPI(
    title="triservice",
    version="1",
    description=DESCRIPTION,
    openapi_url=None,
    docs_url=None,
    auth=TokenAuth(),
    parser=PlainParser(),
    urls_namespace="operations",
)
answer_problems(api)
for room in (
    access,
    lists,
    conflicts,
    subjects,
    restricting,
    schemes,
    casework,
    fhir,
    onward,
    plans,
):
    api.add_router("", room.router)


@dataclass(frozen=True, slots=True)
class Described:
    """One operation as the page of the API lists it."""

    method: str
    path: str
    title: str
    text: str
    scope: str
    roles: str
    data: str


def rules() -> dict[tuple[str, str], Operation]:
    """Return the rule of each operation by method and path, as the schema names them."""
    found: dict[tuple[str, str], Operation] = {}
    for bound in api._get_bound_routers():
        for where, view in bound.path_operations.items():
            for each in view.operations:
                rule = getattr(each.view_func, "operation", None)
                if rule is not None:
                    found |= {(method, _plain(where)): rule for method in each.methods}
    return found


def _plain(where: str) -> str:
    """Return a path without the converters of its parameters."""
    return "/api/" + "/".join(
        "{" + part.rpartition(":")[2] if part.startswith("{") else part
        for part in where.strip("/").split("/")
    )


@cache
def schema() -> dict[str, Any]:
    """Return the OpenAPI description, with the headers and the errors of every operation."""
    made = api.get_openapi_schema(path_prefix="/api/")
    text = json.dumps(made, cls=DjangoJSONEncoder)
    found: dict[str, Any] = json.loads(text)
    found["components"].setdefault("schemas", {})["Problem"] = SCHEMA
    for (method, where), rule in rules().items():
        _complete(found["paths"][where][method.lower()], rule)
    return found


def _complete(said: dict[str, Any], rule: Operation) -> None:
    said["parameters"] = said.get("parameters", []) + _headers(rule)
    said["x-scope"] = str(rule.scope or "")
    said["x-data-classes"] = sorted(rule.data)
    statuses = [400, 401, 403, 404, 413, 422, 429, 500] + [409] * rule.conflicts
    for status in sorted(statuses):
        said["responses"][str(status)] = {
            "description": TITLES[status],
            "content": {CONTENT: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    if rule.fhir:  # an OperationOutcome says what is wrong with a resource
        said["responses"]["200"]["content"] = {FHIR: {"schema": {"type": "object"}}}
        said["responses"]["422"]["content"][FHIR] = {"schema": {"type": "object"}}


def _headers(rule: Operation) -> list[dict[str, Any]]:
    words = [str(purpose) for purpose in Purpose]
    return [
        {
            "in": "header",
            "name": PURPOSE,
            "required": False,
            "description": "Why this is read. May be left out when the token has one purpose only.",
            "schema": {"type": "string", "enum": words},
        },
        {
            "in": "header",
            "name": PERSON,
            "required": False,
            "description": "Who at the agency asked, for the record.",
            "schema": {"type": "string", "pattern": f"^{NAMED.pattern}$"},
        },
    ]


@page(title="Application programming interface", purpose=False)
@require_safe
def described(request: HttpRequest) -> HttpResponse:
    """List the operations: what each does, and what it asks of a token."""
    rows = []
    for (method, where), rule in rules().items():
        said = schema()["paths"][where][method.lower()]
        roles = ", ".join(sorted(rule.roles)) if rule.roles is not None else "any"
        data = ", ".join(sorted(rule.data)) or "nobody's"
        text = said.get("description", "")
        scope = str(rule.scope or "any token")
        rows.append(Described(method, where, rule.title, text, scope, roles, data))
    return render(request, "web/api.html", {"rows": rows, "purpose": PURPOSE, "person": PERSON})


@page(title="Description of the API for programs", purpose=False)
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI description."""
    return JsonResponse(schema(), content_type="application/json")


def _addresses() -> list[URLPattern]:
    """Return the addresses of the operations, each behind the guard of its rules."""
    patterns, _, _ = api.urls
    found = [p for p in patterns if isinstance(p, URLPattern) and p.name != "api-root"]
    guard_views(found)
    return found


urlpatterns = [
    path("", described, name="api"),
    path("openapi.json", openapi, name="api_schema"),
    *_addresses(),
]
