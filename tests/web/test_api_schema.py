"""The API keeps to its description: schemathesis asks in ways that people would not.

Every operation is asked with data that the description allows and with data that it forbids; no
answer is a fault, and each is as described.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from test_api import ROW, System

from partnership import NOON, make_partnership
from triservice.access.api_rules import PURPOSE
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass as C
from triservice.kernel.access_words import Mode, Purpose, Role
from triservice.subjects.actions.records import receive_records
from triservice.subjects.models import Organisation, Person, Premises
from triservice.web.api import rules
from triservice.web.api import schema as described
from undoing import db  # noqa: F401

pytestmark = pytest.mark.usefixtures("db")
EXAMPLES = 15
few = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# Not every text that the description allows names an agency or a purpose of this token.
NOT_HERE = [positive_data_acceptance]
NAMED = {"organisation": "The Anchor (invented)", "organisation_number": "O-1"}
KEYED = (Person, Premises, Organisation)


def without_token() -> dict[str, Any]:
    """Return the description as it is for who brings a token always."""
    said = deepcopy(described())
    for path in said["paths"].values():
        for operation in path.values():
            del operation["security"]
    return said


class WithToken:
    """The application, called by a system with a token."""

    def __init__(self, secret: str) -> None:
        self.secret, self.application = secret, get_wsgi_application()

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {self.secret}"
        return self.application(environ, start)


@pytest.fixture(scope="module")
def one_connection() -> Iterator[None]:
    """Keep the connection through every request, and the test's transaction with it.

    A server gives it back around each request; Django's own test client does as this does.
    """
    around = (request_started, request_finished)
    for signal in around:
        signal.disconnect(close_old_connections)
    yield
    for signal in around:
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def schema(module_database: None, one_connection: None) -> Iterator[Any]:
    """The description, and the application that a system with every scope calls, at noon."""
    with clock.frozen(NOON), override_settings(RATE_LIMITS_ON=False):
        made = make_partnership(roles=(Role.OFFICER,))
        made.term("fire", "health", [C.IDENTITY, C.LOCATION], mode=Mode.ON_APPROVAL, existence=True)
        receive_records(made.reader("police"), made.agencies["police"], "invented", [ROW | NAMED])
        roles = [role for role in Role if role is not Role.ADMINISTRATOR]
        read = schemathesis.openapi.from_dict(without_token())
        read.app = WithToken(System(made, roles=roles, purposes=list(Purpose)).issued.secret)
        yield read


@pytest.mark.long
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=str)
@pytest.mark.parametrize(("method", "path"), list(rules()))
def test_an_operation_keeps_to_its_description(
    schema: Any, method: str, path: str, mode: schemathesis.GenerationMode
) -> None:
    operation = schema[path][method]
    keys = {str(one.key) for model in KEYED for one in model.objects.all()}

    @few
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(excluded_checks=NOT_HERE)

    ask()
    found = []
    for key in keys if method == "GET" and "{key}" in path else ():
        why = {PURPOSE: str(Purpose.PREVENTION_VISIT)}
        case = operation.Case(path_parameters={"key": key}, headers=why)
        found.append(case.call_and_validate(excluded_checks=NOT_HERE).status_code)
    assert not found or sorted(found) == [200, 404, 404]  # the key of one is none of the others'
