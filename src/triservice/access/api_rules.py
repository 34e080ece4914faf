"""Operations of the API: each declares its rule as pages do; one that declares none is 404.

    router = Router()

    @operation(router, "GET", "/people/{uuid:key}", title="Read a person", scope=Scope.PEOPLE)
    def person(request, key: UUID) -> PersonView: ...

A system comes with a token and reads as the account of that token, for one of its purposes: with
the same roles, agreements and record as a person. Sessions of browsers open nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Router
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation as NinjaOperation

from triservice.access.errors import Refused
from triservice.access.problems import problem
from triservice.access.readers import reader_for
from triservice.access.tokens import actions, queries
from triservice.access.tokens.queries import Bearer
from triservice.access.tokens.rules import Scope
from triservice.kernel.access_words import DataClass, Purpose, Reader, Role
from triservice.kernel.errors import InputError

View = TypeVar("View", bound=Callable[..., Any])
PURPOSE = "Triservice-Purpose"
PERSON = "Triservice-Person"
FHIR = "application/fhir+json"
NAMED = re.compile("[ -~]{0,80}")
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)  # of moments


@dataclass(frozen=True, slots=True)
class Operation:
    """The rule of an operation. `scope` None: any token; `roles` None: any post."""

    title: str
    scope: Scope | None
    roles: frozenset[Role] | None = None
    purpose: bool = True
    data: frozenset[DataClass] = field(default_factory=frozenset)
    conflicts: bool = False  # whether it may answer 409
    fhir: bool = False  # whether it answers with FHIR resources


def operation(
    router: Router,
    method: str,
    path: str,
    *,
    title: str,
    scope: Scope | None,
    response: Any,
    roles: AbstractSet[Role] | None = None,
    purpose: bool = True,
    data: AbstractSet[DataClass] = frozenset(),
    conflicts: bool = False,
    fhir: bool = False,
) -> Callable[[View], View]:
    """Declare an operation and its rule. Its docstring is its description in the schema."""
    rule = Operation(
        title,
        scope,
        None if roles is None else frozenset(roles),
        purpose,
        frozenset(data),
        conflicts,
        fhir,
    )

    def declared(view: View) -> View:
        view.operation = rule  # type: ignore[attr-defined]
        add = router.api_operation([method], path, summary=title, response=response)
        return add(view)

    return declared


class Guard:
    """Holds one address to the rules of its operations; `access.pages` calls it for each request.

    After it `request.reader` and `request.bearer` are set.
    """

    def __init__(self, operations: Iterable[NinjaOperation]) -> None:
        """Keep the rule of each method; operations without one are not there."""
        self.rules: dict[str, Operation] = {
            method: rule
            for each in operations
            if isinstance(rule := getattr(each.view_func, "operation", None), Operation)
            for method in each.methods
        }

    def __call__(self, request: HttpRequest) -> HttpResponse | None:
        """Return a problem, or None when the operation may go on."""
        if not self.rules:
            return problem(404)
        rule = self.rules.get(request.method or "")
        if rule is None:
            answer = problem(405, f"Use {' or '.join(sorted(self.rules))}")
            answer["Allow"] = ", ".join(sorted(self.rules))
            return answer
        bearer = bearer_of(request)
        if bearer is None:
            return problem(401)
        if rule.scope is not None and rule.scope not in bearer.scopes:
            return problem(403, f"This token has not the scope “{rule.scope}”")
        if not NAMED.fullmatch(request.headers.get(PERSON, "")):
            return problem(422, f"{PERSON} is a name in plain letters, at most 80 of them")
        purpose = _purpose(request, bearer, rule)
        if isinstance(purpose, HttpResponse):
            return purpose
        reader = reader_for(bearer.account, purpose, source=_source(request, bearer))
        if reader is None or reader.agency != bearer.agency:
            return problem(401, "The account of this system holds no post at its agency today")
        if rule.roles is not None and not rule.roles & reader.roles:
            wanted = ", ".join(sorted(rule.roles))
            return problem(403, f"This asks for an account in the role of {wanted}")
        request.bearer, request.reader = bearer, reader  # type: ignore[attr-defined]
        return None


def guard_views(patterns: Iterable[Any]) -> None:
    """Put each address of the API behind its guard. An address that is not one of ours stays."""
    for pattern in patterns:
        operations = getattr(pattern.callback, "operations", None)
        if operations is None:
            operations = _operations_of(pattern.callback)
        pattern.callback.guard = Guard(operations)


def _operations_of(view: Callable[..., Any]) -> list[NinjaOperation]:
    """Return the operations behind a view of ninja: what its closure holds."""
    for cell in getattr(view, "__closure__", None) or ():
        operations = getattr(cell.cell_contents, "operations", None)
        if operations is not None:
            return list(operations)
    return []


def bearer_of(request: HttpRequest) -> Bearer | None:
    """Return the live token that a request brings, noted as used; or None."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    found = queries.bearer(secret.strip()) if kind.lower() == "bearer" else None
    if found is not None:
        actions.touch(found)
    return found


def _purpose(
    request: HttpRequest, bearer: Bearer, rule: Operation
) -> Purpose | HttpResponse | None:
    """Return the purpose that a request says, or the only one of its token; or a problem."""
    said = request.headers.get(PURPOSE)
    words = ", ".join(bearer.purposes)
    if said is None:
        if len(bearer.purposes) == 1:
            return bearer.purposes[0]
        if not rule.purpose:
            return None
        return problem(422, f"Say why you read: send {PURPOSE} with one of: {words}")
    if said not in {str(purpose) for purpose in Purpose}:
        return problem(422, f"{PURPOSE} is none of: {words}")
    if said not in bearer.purposes:
        return problem(403, f"This token reads for: {words}")
    return Purpose(said)


def _source(request: HttpRequest, bearer: Bearer) -> str:
    """Return where a read comes from, for the record: the system, and the person if it says so."""
    person = " ".join(request.headers.get(PERSON, "").split())
    said = f" for {person}" if person else ""
    place = f"{request.META.get('REMOTE_ADDR', '')} {request.method} {request.path}"
    return f"token {bearer.prefix}{said}, {place}"


class TokenAuth:
    """Lets an operation run only when its guard has let it; and names the scheme in the schema."""

    openapi_security_schema: Mapping[str, str] = {"type": "http", "scheme": "bearer"}

    def __call__(self, request: HttpRequest) -> Bearer | None:
        """Return the token, or None: then nothing runs."""
        return getattr(request, "bearer", None)


def reader_of(request: HttpRequest) -> Reader:
    """Return who reads; the guard has made sure that there is one."""
    return request.reader  # type: ignore[attr-defined, no-any-return]


class Busy(InputError):
    """Somebody was first: what was asked for has been settled or exists."""


def answer_problems(api: NinjaAPI) -> None:
    """Let every error of the API be a problem; what nobody expected goes up to the error page."""
    for kind, answer in ANSWERS.items():
        api.add_exception_handler(kind, answer)


def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    if error.hidden:
        return problem(404)
    return problem(403, str(error.decision.reason), reason=error.decision.reason.name.lower())


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    errors = [
        {"where": ".".join(str(part) for part in each["loc"]), "what": each["msg"]}
        for each in error.errors
    ]
    first = errors[0] if errors else {"where": "request", "what": "is not right"}
    return problem(422, f"{first['where']}: {first['what']}", errors=errors)


def _http_error(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(error.status_code, "" if error.status_code in (400, 401) else str(error))


def _fault(request: HttpRequest, error: Any) -> HttpResponse:
    raise error


ANSWERS: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    Http404: lambda request, error: problem(404),
    Refused: _refused,
    Busy: lambda request, error: problem(409, str(error)),
    InputError: lambda request, error: problem(422, str(error)),
    ValidationError: _invalid,
    HttpError: _http_error,
    RequestDataTooBig: lambda request, error: problem(413),
    Exception: _fault,
}
