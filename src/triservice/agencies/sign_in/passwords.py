"""Passwords that somebody would try first: of this service, common ones, and breached ones."""

from __future__ import annotations

import logging
import re
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from triservice.agencies.models import Agency
from triservice.agencies.sign_in.breached import is_breached

log = logging.getLogger("triservice.sign_in")

# docs/security/model.md says which; with the words of the agencies' names.
_WORDS = """
    triservice tri service officer police fire rescue ambulance health council safety public
    community prevention neighbourhood constable paramedic firefighter password passwort welcome
    letmein admin administrator login secret change summer winter spring autumn
    january february march april may june july august september october november december
"""
WORDS = frozenset(_WORDS.split())
REPEATED = 6  # characters of a piece that is no better for being repeated
PADDING = 4  # characters that make a common password no better
LEAST = 8  # letters that must be left once those words are gone


class LocalWordsValidator:
    """Refuse a password that is little more than names of the service, agencies and seasons."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError when few letters are left without those words."""
        names = Agency.objects.values_list("name", "short_name")
        words = WORDS | {word for pair in names for name in pair for word in _words(name)}
        left = password.lower()
        for word in sorted(words, key=len, reverse=True):
            left = left.replace(word, "")
        if len(left) < LEAST and left != password.lower():
            raise ValidationError(
                "This password is made of words that people would try here first. "
                "Three random words are good.",
                code="local_words",
            )

    def get_help_text(self) -> str:
        """Return what is asked of a password."""
        return "Not made of the names of this service, its agencies, months or seasons."


class NearlyCommonValidator(CommonPasswordValidator):
    """Refuse a common password made long enough: with a few characters, another, or repeated.

    The list has 19,640; few have 12 characters, so those of 12 that are tried first are these.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError when little is left without a common password."""
        plain = re.sub(r"[\W_]", "", password.lower())
        if any(self._is_nearly(said) for said in (password.lower(), plain)):
            raise ValidationError(
                "This password is a common one made longer. Three random words are good.",
                code="nearly_common",
            )

    def _is_nearly(self, said: str) -> bool:
        if any(said == said[:size] * (len(said) // size) for size in range(1, REPEATED + 1)):
            return True
        return any(
            (head in self.passwords and (len(tail) <= PADDING or tail in self.passwords))
            or (tail in self.passwords and len(head) <= PADDING)
            for head, tail in ((said[:at], said[at:]) for at in range(len(said) + 1))
        )

    def get_help_text(self) -> str:
        """Return what is asked of a password."""
        return "Not a common password with a few characters more, nor one repeated."


class BreachedValidator:
    """Refuse a password that the operator's file of breached ones holds; without a file, none."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a breached password, and when the file cannot be read."""
        file = settings.BREACHED_PASSWORDS
        if file is None:
            return
        try:
            found = is_breached(password, file)
        except OSError as error:
            log.error("breached passwords cannot be read", extra={"fault": type(error).__name__})
            raise ValidationError(
                "New passwords cannot be checked at the moment. Your password was not changed. "
                "Ask your system administrator.",
                code="unchecked",
            ) from None
        if found:
            raise ValidationError(
                "This password was stolen from somebody, here or elsewhere, so it is tried early. "
                "Three random words are good.",
                code="breached",
            )

    def get_help_text(self) -> str:
        """Return what is asked of a password."""
        return "Not among passwords that were stolen elsewhere."


def _words(name: str) -> set[str]:
    return set(re.findall(r"[a-z]{3,}", name.lower()))
