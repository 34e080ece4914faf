"""Passwords that anybody who knows this service would try first."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError

from triservice.agencies.models import Agency

# docs/security/model.md says which; with the words of the agencies' names.
_WORDS = """
    triservice tri service officer police fire rescue ambulance health council safety public
    community prevention neighbourhood constable paramedic firefighter password passwort welcome
    letmein admin administrator login secret change summer winter spring autumn
    january february march april may june july august september october november december
"""
WORDS = frozenset(_WORDS.split())
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


def _words(name: str) -> set[str]:
    return set(re.findall(r"[a-z]{3,}", name.lower()))
