"""Production starts when it is safe, and refuses in a sentence when it is not: real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from test_environ import SAFE, UNSAFE

from triservice.web import checks

FACTS = """
import json, django
from django.conf import settings
django.setup()
from django.core.checks import run_checks
found = [i.msg for i in run_checks(include_deployment_checks=True) if not i.is_silenced()]
names = ("DEBUG DEMO SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SECURE_SSL_REDIRECT "
    "SECURE_HSTS_SECONDS SESSION_COOKIE_NAME CSRF_COOKIE_NAME ALLOWED_HOSTS").split()
print(json.dumps({"checks": found} | {name: getattr(settings, name) for name in names}))
"""


def run_python(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TRISERVICE_", "DJANGO_"))}
    clean |= {"DJANGO_SETTINGS_MODULE": "triservice.web.settings", **environment}
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, env=clean, capture_output=True, text=True)


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    done = run_python(FACTS, SAFE)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_safe_settings_start_and_no_check_complains(facts: dict[str, Any]) -> None:
    assert facts["checks"] == []


def test_cookies_and_transport_are_closed(facts: dict[str, Any]) -> None:
    assert facts["SESSION_COOKIE_SECURE"] is facts["CSRF_COOKIE_SECURE"] is True
    assert facts["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert facts["CSRF_COOKIE_NAME"].startswith("__Host-")
    assert facts["SECURE_SSL_REDIRECT"] is True
    assert facts["SECURE_HSTS_SECONDS"] >= 31536000
    assert facts["ALLOWED_HOSTS"] == ["triservice.example"]
    assert facts["DEBUG"] is facts["DEMO"] is False


@pytest.mark.parametrize(("name", "value", "said"), UNSAFE[:2])
def test_an_unsafe_production_does_not_even_import(name: str, value: str, said: str) -> None:
    done = run_python("import triservice.web.settings", {**SAFE, name: value})
    assert done.returncode != 0
    assert said in done.stderr


def test_the_server_says_why_it_does_not_start(tmp_path: Path) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TRISERVICE_", "DJANGO_"))}
    done = subprocess.run(
        [str(Path(sys.executable).with_name("triservice")), "serve"],
        env=clean | {**SAFE, "TRISERVICE_DEMO": "1", "TRISERVICE_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "TRISERVICE_DEMO is on" in done.stderr
    assert "Traceback" not in done.stderr
    assert SAFE["TRISERVICE_SECRET_KEY"] not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", True),
        ("DEMO", True),
        ("SESSION_COOKIE_SECURE", False),
        ("CSRF_COOKIE_SECURE", False),
        ("SESSION_COOKIE_HTTPONLY", False),
        ("SECURE_SSL_REDIRECT", False),
        ("RATE_LIMITS_ON", False),
    ],
)
def test_a_later_edit_of_the_settings_is_found(settings: Any, name: str, value: bool) -> None:
    settings.PRODUCTION = True
    settings.ENVIRON = checks.environ.read(SAFE)
    for needed, least, _ in checks._NEEDED:
        setattr(settings, needed, least)
    assert list(checks.production_is_safe(None)) == []
    setattr(settings, name, value)
    assert len(checks.production_is_safe(None)) == 1


def test_unsafe_policies_and_orders_are_found(settings: Any) -> None:
    assert list(checks.order_is_kept(None)) == []
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {"script-src": ["'self'", "'unsafe-inline'"]}}
    assert [issue.id for issue in checks.order_is_kept(None)] == ["triservice.E101"]
    settings.MIDDLEWARE = [m for m in settings.MIDDLEWARE if not m.endswith("SessionLimits")]
    settings.MIDDLEWARE.reverse()
    assert "triservice.E100" in [issue.id for issue in checks.order_is_kept(None)]


def test_the_checks_are_among_djangos(settings: Any) -> None:
    settings.MIDDLEWARE = list(reversed(settings.MIDDLEWARE))
    assert "triservice.E100" in {issue.id for issue in run_checks(tags=["security"])}


def test_the_files_of_the_pages_are_gathered_for_production(tmp_path: Path) -> None:
    """`triservice serve` does so as it starts: a style that names a missing file stops it."""
    code = "import django; django.setup(); from triservice.web.operations.serve import *; "
    done = run_python(code + "refuse_unbuilt()", SAFE | {"TRISERVICE_DATA": str(tmp_path)})
    assert done.returncode == 0, done.stderr[-600:]
    assert list((tmp_path / "static").glob("triservice.*.css"))


def test_a_process_that_serves_has_read_its_pages_and_leaves_them_to_no_collector() -> None:
    code = (
        "import django; django.setup(); import gc; from triservice.web.operations import serve; "
        "serve._settle(); assert gc.get_freeze_count() > 50_000"
    )
    done = run_python(code, SAFE)
    assert done.returncode == 0, done.stderr[-600:]
