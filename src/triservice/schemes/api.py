"""Operations about schemes: what each asks and offers, and the JSON Schema of its forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router

from triservice.access.api_rules import operation
from triservice.kernel.errors import InputError
from triservice.schemes import catalogue, exporting
from triservice.schemes.scheme import Scheme

router = Router(tags=["Schemes"])


@dataclass(frozen=True, slots=True)
class SchemeRow:
    """A scheme in the list. `forms` are the names of its forms."""

    scheme: str
    version: int
    digest: str
    name: str
    summary: str
    lead: str
    referrers: list[str]
    forms: list[str]


@dataclass(frozen=True, slots=True)
class FormView:
    """A form. `schema` is the JSON Schema (2020-12) of its answers; `form` all that it says.

    Conditions in `form` are nested lists, as the reference page of scheme files says.
    """

    scheme: str
    version: int
    schema: dict[str, Any]
    form: dict[str, Any]


def _scheme(name: str) -> Scheme:
    try:
        return catalogue.scheme(name)
    except InputError:
        raise Http404 from None


@operation(
    router,
    "GET",
    "/schemes",
    title="List schemes",
    scope=None,
    purpose=False,
    response=list[SchemeRow],
)
def schemes(request: HttpRequest) -> list[SchemeRow]:
    """List the schemes, each in its newest version."""
    found = (catalogue.scheme(name) for name in catalogue.names())
    return [
        SchemeRow(
            each.id,
            each.version,
            each.digest,
            each.name,
            each.summary,
            each.lead,
            list(each.referrers),
            list(each.forms),
        )
        for each in found
    ]


@operation(
    router,
    "GET",
    "/schemes/{slug:name}",
    title="Read a scheme",
    scope=None,
    purpose=False,
    response=dict[str, Any],
)
def scheme(request: HttpRequest, name: str) -> dict[str, Any]:
    """Read all that the file of a scheme says."""
    return exporting.scheme(_scheme(name))


@operation(
    router,
    "GET",
    "/schemes/{slug:name}/forms/{slug:form}",
    title="Read a form of a scheme",
    scope=None,
    purpose=False,
    response=FormView,
)
def form(request: HttpRequest, name: str, form: str) -> FormView:
    """Read a form: the JSON Schema of its answers, its questions, conditions and scores."""
    found = _scheme(name)
    if form not in found.forms:
        raise Http404
    asked = found.forms[form]
    return FormView(found.id, found.version, exporting.json_schema(asked), exporting.form(asked))
