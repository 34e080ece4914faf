"""References that people read out: short, of nobody, and not to be guessed. Pure."""

from __future__ import annotations

import re
import secrets

LETTERS = "23456789BCDFGHJKMNPQRSTVWXYZ"  # no vowels, so no words; nothing that looks like another
LENGTH = 8  # 28 to the 8th: 378 thousand million
FORM = re.compile(rf"[RCP]-[{LETTERS}]{{4}}-[{LETTERS}]{{4}}")


def new_reference(of: str) -> str:
    """Return a reference such as "R-7K2M-9QXP": R for a referral, C a case, P a plan."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return f"{of}-{letters[:4]}-{letters[4:]}"


def read_reference(text: str) -> str | None:
    """Return a reference as it is kept, however it was typed; None for what is none."""
    plain = re.sub(r"[^0-9A-Z]", "", text.upper())
    said = f"{plain[:1]}-{plain[1:5]}-{plain[5:]}"
    return said if FORM.fullmatch(said) else None
