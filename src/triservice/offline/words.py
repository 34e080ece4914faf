"""Values of operations in words, for pages. Pure."""

from __future__ import annotations

from typing import Any


def named(field: str) -> str:
    """Return the name of a field as words."""
    words = field.replace("_", " ").replace(".", " ").strip()
    return words[:1].upper() + words[1:]


def said(value: Any) -> str:
    """Return a value in words; what is not there is said. Of a drawing, only that there is one."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        told = (f"{named(str(k))}: {said(v)}" for k, v in value.items() if k != "drawing")
        return "; ".join([*told, *(["Drawn"] if value.get("drawing") else [])]) or "nothing"
    if isinstance(value, list):
        return ", ".join(map(said, value)) or "nothing"
    return str(value)


def handed_in(phone: int) -> str:
    """Return the key of the notice that a phone which was taken away handed something in."""
    return f"handed in:{phone}"
