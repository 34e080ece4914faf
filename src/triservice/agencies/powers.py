"""The table of powers that agencies can give to officers, from `powers.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from triservice.agencies.rules import Period
from triservice.kernel.errors import InputError

TABLE = Path(__file__).with_name("powers.toml")
_KEYS = {"code", "title", "law", "giver", "since", "until", "check"}


@dataclass(frozen=True, slots=True)
class Power:
    """One power: what it is, by which law, in which period, and which kind of agency gives it."""

    code: str
    title: str
    law: str
    giver: str  # the kind of agency whose chief gives it
    period: Period
    check: str = ""  # what to look up before relying on it


@cache
def powers() -> Mapping[str, Power]:
    """Return the table, by code, in its order."""
    return read_powers(TABLE)


def read_powers(file: Path) -> dict[str, Power]:
    """Read a table of powers. Raises InputError naming the row for an unknown or missing key."""
    table = tomllib.loads(file.read_text("utf-8"))
    found: dict[str, Power] = {}
    for number, row in enumerate(table.get("power", ()), 1):
        missing, strange = {"code", "title", "law"} - set(row), set(row) - _KEYS
        if missing or strange or row["code"] in found:
            what = (
                f"has no {sorted(missing)[0]}"
                if missing
                else f"has a key {sorted(strange)[0]!r} that means nothing here"
                if strange
                else f"repeats the code {row['code']!r}"
            )
            raise InputError(what, file=file, row=number, do="Correct the table of powers")
        law = row["law"]
        found[row["code"]] = Power(
            code=row["code"],
            title=row["title"],
            law=f"{table['act']}, {law}" if law.startswith("paragraph") else law,
            giver=row.get("giver", "police"),
            period=Period(row.get("since", date.min), row.get("until")),
            check=row.get("check", ""),
        )
    return found
