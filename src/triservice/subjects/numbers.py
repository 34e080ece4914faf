"""Numbers that name someone or somewhere: postcodes, telephones, NHS numbers, UPRNs. Pure.

Each function returns the number in its one spelling, or raises ValueError with what is wrong.
"""

from __future__ import annotations

import re
from datetime import date

_POSTCODE = re.compile(r"^([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})$")
_DAY_FIRST = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$")
_YEAR_FIRST = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?:T.*)?$")


def postcode(text: str) -> str:
    """Return a postcode as it is written: `TR13 1AB`."""
    found = _POSTCODE.match(re.sub(r"\s+", "", text).upper())
    if not found:
        raise ValueError(f"“{text}” is not a postcode")
    return f"{found[1]} {found[2]}"


def telephone(text: str) -> str:
    """Return the digits of a telephone number, +44 as 0."""
    digits = re.sub(r"[\s().-]", "", text)
    if digits.startswith("+44"):
        digits = "0" + digits[3:].removeprefix("0")
    elif digits.startswith("0044"):
        digits = "0" + digits[4:].removeprefix("0")
    if not re.fullmatch(r"\+?\d{7,15}", digits):
        raise ValueError(f"“{text}” is not a telephone number")
    return digits


def nhs_number(text: str) -> str:
    """Return the ten digits of an NHS number whose check digit is right (modulus 11).

    The rule is in the NHS Data Dictionary, "NHS NUMBER".
    """
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"\d{10}", digits):
        raise ValueError(f"“{text}” is not an NHS number: it has ten digits")
    check = 11 - sum(int(d) * (10 - i) for i, d in enumerate(digits[:9])) % 11
    if check % 11 != int(digits[9]) or check == 10:
        raise ValueError(f"“{text}” is not an NHS number: its check digit is wrong")
    return digits


def uprn(text: str) -> str:
    """Return a unique property reference number: one to twelve digits, no leading noughts."""
    digits = text.strip().lstrip("0")
    if not re.fullmatch(r"\d{1,12}", digits):
        raise ValueError(f"“{text}” is not a UPRN: it has one to twelve digits")
    return digits


def day(text: str) -> date:
    """Return a day written 1948-03-12 or 12/03/1948 (day first)."""
    text = text.strip()
    if found := _YEAR_FIRST.match(text):
        year, month, of_month = (int(part) for part in found.groups())
    elif found := _DAY_FIRST.match(text):
        of_month, month, year = (int(part) for part in found.groups())
    else:
        raise ValueError(f"“{text}” is not a date: write 1948-03-12 or 12/03/1948")
    try:
        return date(year, month, of_month)
    except ValueError:
        raise ValueError(f"“{text}” is not a day of the calendar") from None
