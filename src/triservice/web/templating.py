"""The Jinja environment: pages of every room, and the GOV.UK components."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined

ROOMS = ("web", "agencies", "access", "subjects", "picture")
SOURCE = Path(__file__).resolve().parents[1]


def environment(**options: Any) -> Environment:
    """Return the environment. An undefined name in a page raises: nothing is silently blank."""
    options |= {
        "autoescape": True,
        "undefined": StrictUndefined,
        "loader": ChoiceLoader(
            [
                FileSystemLoader([SOURCE / room / "templates" for room in ROOMS]),
                PackageLoader("govuk_frontend_jinja"),
            ]
        ),
    }
    made = Environment(**options)
    made.globals |= {"static": static, "url": reverse}
    return made
