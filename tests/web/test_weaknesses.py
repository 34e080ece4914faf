"""Components are compared with lists of known weaknesses, as OSV makes them. All invented."""

from __future__ import annotations

import json
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from triservice.kernel.errors import InputError
from triservice.web.operations import weaknesses
from triservice.web.operations.doctor import LOOKS, State

ROOT = Path(__file__).resolve().parents[2]
HERE = {("PyPI", "zope-interface"): "5.2.7", ("npm", "maplibre-gl"): "6.17.0"}
TODAY = date.today().isoformat()


def said(*events: dict[str, str], name: str = "zope.interface", **more: Any) -> dict[str, Any]:
    kind = more.pop("kind", "PyPI")
    affected: dict[str, Any] = {"package": {"ecosystem": kind, "name": name}}
    affected["ranges"] = [{"type": "ECOSYSTEM", "events": list(events)}] if events else []
    affected["versions"] = more.pop("versions", [])
    known = {"id": "GHSA-1", "modified": f"{TODAY}T08:00:00Z", "published": "2026-11-02T10:00:00Z"}
    return known | {"affected": [affected]} | more


def listed(file: Path, *documents: Any) -> Path:
    with ZipFile(file, "w") as parts:
        for number, document in enumerate(documents):
            parts.writestr(f"{number}.json", json.dumps(document))
    return file


SINCE_5 = {"introduced": "5.0"}
HAS = [
    said({"introduced": "0"}),
    said(SINCE_5, {"fixed": "5.2.8"}),
    said({"fixed": "5.2.10"}, SINCE_5),
    said(SINCE_5, {"last_affected": "5.2.7"}),
    said({"introduced": "0"}, {"fixed": "4.9"}, SINCE_5, {"fixed": "5.3"}),
    said(versions=["5.2.6", "5.2.7"]),
    said({"introduced": "of old"}),  # cannot be compared
    said({"introduced": "6.0"}, name="maplibre-gl", kind="npm"),
]
HAS_NOT = [
    said(SINCE_5, {"fixed": "5.2.7"}),
    said({"fixed": "5.2.6"}, SINCE_5),  # in any order
    said({"introduced": "5.2.8"}),
    said({"introduced": "5.2.10"}),
    said(SINCE_5, {"last_affected": "5.2.6"}),
    said({"introduced": "0"}, {"fixed": "4.9"}, {"introduced": "5.3"}),
    said(versions=["5.2.6"]),
    said({"introduced": "0"}, withdrawn="2026-11-03T00:00:00Z"),
    said({"introduced": "0"}, name="other"),
    said({"introduced": "0"}, kind="crates.io"),
]


@pytest.mark.parametrize(
    ("document", "has"), [(d, True) for d in HAS] + [(d, False) for d in HAS_NOT]
)
def test_a_version_is_compared_as_the_schema_says(
    document: dict[str, Any], has: bool, tmp_path: Path
) -> None:
    found, day = weaknesses.look([listed(tmp_path / "all.zip", document)], HERE)
    assert bool(found) is has
    assert day.isoformat() == TODAY


def test_one_weakness_is_said_once_by_the_name_that_all_know(tmp_path: Path) -> None:
    one = said(SINCE_5, {"fixed": "5.2.8"}, aliases=["CVE-2026-1"])
    file = listed(tmp_path / "all.zip", one, one | {"id": "PYSEC-1"})
    assert [str(each) for each in weaknesses.look([file], HERE)[0]] == [
        "zope-interface 5.2.7 has CVE-2026-1, known since 2026-11-02, mended in 5.2.8"
    ]


def test_what_is_installed_is_known_for_python_and_the_browser() -> None:
    there = weaknesses.installed()
    assert {("PyPI", "django"), ("PyPI", "cryptography"), ("npm", "maplibre-gl")} <= there.keys()
    assert ("npm", "axe-core") not in there  # only tests use it


@pytest.mark.parametrize("wrong", [b"", b"no zip", b"PK\x03\x04 cut off"])
def test_what_is_no_list_is_a_sentence(wrong: bytes, tmp_path: Path) -> None:
    file = tmp_path / "all.zip"
    file.write_bytes(wrong)
    for each in (
        file,
        tmp_path / "gone.zip",
        listed(tmp_path / "a.zip"),
        listed(tmp_path / "b.zip", [1]),
    ):
        with pytest.raises(InputError, match="is no list of OSV"):
            weaknesses.look([each], HERE)


def test_the_day_is_that_of_the_versions_that_are_pinned() -> None:
    digest = sha256((ROOT / "requirements.lock").read_bytes()).hexdigest()
    assert weaknesses.PINNED.read_text(encoding="utf-8").split()[1] == digest  # `make lock` does it
    assert weaknesses.pinned() <= date.today()


@pytest.mark.parametrize(("days", "state"), [(92, State.GOOD), (93, State.NOTE)])
def test_the_doctor_says_when_versions_are_old(
    days: int, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weaknesses, "pinned", lambda: date.today() - timedelta(days=days))
    first, *_ = LOOKS["components"]()
    assert first[0] is state
    assert ("more than a quarter ago" in first[1]) is (state is State.NOTE)


def test_the_doctor_says_which_components_are_weak(tmp_path: Path, settings: Any) -> None:
    def found() -> State:
        _, (state, _) = LOOKS["components"]()
        return state

    settings.WEAKNESSES = ()
    assert found() is State.NOTE
    safe = said({"introduced": "0"}, {"fixed": "1"}, name="Django")
    settings.WEAKNESSES = (listed(tmp_path / "safe.zip", safe),)
    assert found() is State.GOOD
    settings.WEAKNESSES += (
        listed(tmp_path / "weak.zip", said({"introduced": "1"}, name="Django")),
    )
    assert found() is State.WRONG
    old = safe | {"modified": (date.today() - timedelta(days=9)).isoformat()}
    settings.WEAKNESSES = (listed(tmp_path / "old.zip", old),)
    assert found() is State.NOTE
