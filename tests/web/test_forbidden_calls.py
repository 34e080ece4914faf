"""No source of ours runs text, opens a shell, unpickles, or marks text as safe without a reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "triservice"
CALLS = {
    "eval",
    "exec",
    "compile",
    "os.system",
    "os.popen",
    "subprocess.getoutput",
    "mark_safe",
    "engine.from_string",
    "environment.from_string",
    "hashlib.md5",
    "hashlib.sha1",
}
MODULES = {
    "random",
    "pickle",
    "marshal",
    "shelve",
    "dill",
    "yaml",
    "xml",
    "lxml",
    "ftplib",
    "telnetlib",
}
# A child process of ours draws beside us and hands its pictures back; invented people are seeded.
ALLOWED = {
    "analysis/picture/images_beside.py pickle",
    "schemes/age.py random",  # tries a scheme file out, the same way each time
    "subjects/invented.py random",
    "subjects/invented_organisations.py random",
}
# The format of the lists of breached passwords asks for it; nothing of ours is kept by it.
ALLOWED_CALLS = {"agencies/sign_in/breached.py hashlib.sha1"}
# Markup made of our own text: the components of forms, and the two fields of passkeys.
SAFE_FILTER = {"mfa/authenticate.html", "mfa/webauthn/reauthenticate.html"}


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield str(path.relative_to(SOURCE)), ast.parse(path.read_text(encoding="utf-8"))


def name_of(call: ast.Call) -> str:
    return ast.unparse(call.func)


def test_nothing_runs_text_or_a_shell() -> None:
    found = []
    for file, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                shell = [k for k in node.keywords if k.arg == "shell"]
                allowed = f"{file} {name_of(node)}" in ALLOWED_CALLS
                if shell or (name_of(node) in CALLS and not allowed):
                    found.append(f"{file}:{node.lineno} {name_of(node)}")
    assert found == []


def test_nothing_reads_a_format_that_can_run_or_fetch() -> None:
    found = []
    for file, tree in trees():
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            found += [f"{file} {name}" for name in names if name.split(".")[0] in MODULES]
    assert set(found) <= ALLOWED


def test_nothing_but_the_fields_of_passkeys_is_taken_as_markup_in_pages() -> None:
    found = {
        str(path.relative_to(path.parents[[p.name for p in path.parents].index("templates")]))
        for path in SOURCE.rglob("templates/**/*.html")
        if re.search(r"\|\s*safe\b|autoescape\s+false", path.read_text(encoding="utf-8"))
    }
    assert found <= SAFE_FILTER


def test_requests_to_elsewhere_are_made_in_four_files_only() -> None:
    """A directory, the virus scanner and systems of services are called; the doctor calls us."""
    callers = {"requests", "urllib.request", "http.client", "httpx", "aiohttp", "socket"}
    found = set()
    for file, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                hit = {alias.name for alias in node.names} & callers
            elif isinstance(node, ast.ImportFrom) and not node.level:
                hit = {node.module or ""} & callers
            else:
                continue
            if hit:
                found.add(file)
    assert found <= {
        "agencies/sign_in/views.py",
        "casework/files/scanning.py",
        "casework/onward/posting.py",
        "web/operations/encryption.py",
    }


def test_secrets_are_random_and_of_128_bits() -> None:
    from triservice.access.tokens.rules import new_secret
    from triservice.agencies.models.officers import new_access_key

    secrets = {new_secret().text.split("_", 2)[2] for _ in range(100)}  # base64: 6 bits each
    keys = {new_access_key() for _ in range(100)}  # hexadecimal: 4 bits each
    assert len(secrets) == len(keys) == 100
    assert all(len(one) * 6 >= 128 for one in secrets)
    assert all(len(one) * 4 >= 128 for one in keys)
