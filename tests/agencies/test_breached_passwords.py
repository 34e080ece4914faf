"""New passwords are compared with common ones made longer, and with a file of breached ones."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triservice.agencies.sign_in.breached import fault, is_breached
from triservice.agencies.sign_in.passwords import BreachedValidator, NearlyCommonValidator
from triservice.web.operations.doctor import State, examine

WORD = st.text("abcé", min_size=1, max_size=4)
BREACHED = "three stolen words"


def sha1(password: str) -> str:
    return hashlib.sha1(password.encode()).hexdigest().upper()


def write(file: Path, passwords: list[str], end: str = "\n") -> Path:
    """Write passwords as the downloader of Pwned Passwords does."""
    lines = sorted(f"{sha1(each)}:{count}" for count, each in enumerate(set(passwords), 1))
    file.write_text("".join(line + end for line in lines), encoding="ascii", newline="")
    return file


@given(
    held=st.lists(WORD, max_size=60),
    asked=WORD,
    end=st.sampled_from(["\n", "\r\n"]),
)
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_the_file_holds_is_found_and_nothing_else(
    tmp_path: Path, held: list[str], asked: str, end: str
) -> None:
    file = write(tmp_path / "pwned.txt", held, end)
    assert all(is_breached(each, file) for each in held)
    assert is_breached(asked, file) is (asked in held)
    assert fault(file) == (None if held else "is empty")


def test_the_last_line_may_have_no_end_and_hashes_small_letters(tmp_path: Path) -> None:
    file = tmp_path / "pwned.txt"
    file.write_text("\n".join(sorted(sha1(word).lower() for word in "abc")), encoding="ascii")
    assert fault(file) is None
    assert [is_breached(word, file) for word in "abcd"] == [True, True, True, False]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (f"{'F' * 40}:1\n{'A' * 40}:1\n", "is not sorted"),
        ("password\nletmein\n", "is no SHA-1 hash"),
        (f"{'A' * 39}:1\n", "is no SHA-1 hash"),
    ],
)
def test_a_file_that_would_find_nothing_is_told(tmp_path: Path, text: str, wrong: str) -> None:
    file = tmp_path / "pwned.txt"
    file.write_text(text, encoding="ascii")
    assert wrong in (fault(file) or "")
    assert "FileNotFoundError" in (fault(tmp_path / "none.txt") or "")


@pytest.mark.django_db
def test_a_breached_password_is_refused(tmp_path: Path, settings: Any) -> None:
    settings.BREACHED_PASSWORDS = None
    validate_password(BREACHED)
    settings.BREACHED_PASSWORDS = write(tmp_path / "pwned.txt", [BREACHED, "other"])
    with pytest.raises(ValidationError, match="stolen"):
        validate_password(BREACHED)
    validate_password("three other words")


def test_a_file_that_is_gone_takes_no_new_password(tmp_path: Path, settings: Any) -> None:
    settings.BREACHED_PASSWORDS = tmp_path / "gone.txt"
    with pytest.raises(ValidationError, match="cannot be checked"):
        BreachedValidator().validate(BREACHED)


@pytest.mark.django_db
def test_the_doctor_looks_at_the_file(tmp_path: Path, settings: Any) -> None:
    def found() -> State:
        (one,) = (each for each in examine() if each.about == "passwords")
        return one.state

    settings.BREACHED_PASSWORDS = None
    assert found() is State.NOTE
    settings.BREACHED_PASSWORDS = tmp_path / "gone.txt"
    assert found() is State.WRONG
    settings.BREACHED_PASSWORDS = write(tmp_path / "pwned.txt", [BREACHED])
    assert found() is State.GOOD


def test_thousands_of_common_passwords_of_twelve_characters_are_refused() -> None:
    """Those that people make when twelve are asked for: with figures, a sign, twice, two of them.

    The standard asks for 3,000 of those that would otherwise be allowed.
    """
    common = sorted(CommonPasswordValidator().passwords)
    made = {each + end for each in common for end in ("1234", "123!", "2024", "!", "1")}
    made |= {"1234" + each for each in common} | {each.title() + "-25" for each in common}
    made |= {each + other for each, other in pairwise(common)}
    known = set(common)
    allowed = [each for each in sorted(made) if len(each) >= 12 and each.lower() not in known]
    assert len(allowed) > 50_000
    validator = NearlyCommonValidator()
    for each in allowed[:: len(allowed) // 4_000]:
        with pytest.raises(ValidationError):
            validator.validate(each)


@pytest.mark.parametrize(
    "password", ["aaaaaaaaaaaa", "abcabcabcabc", "Letmein!Letmein!", "1234567890123"]
)
def test_what_is_only_repeated_or_counted_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        NearlyCommonValidator().validate(password)


@pytest.mark.parametrize(
    "password",
    ["correct horse battery staple" * 5, "monkey wrench lantern", "password lantern cobweb"],
)
def test_common_words_among_others_are_taken(password: str) -> None:
    NearlyCommonValidator().validate(password)
