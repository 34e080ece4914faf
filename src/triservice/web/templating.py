"""The Jinja2 environment: pages of every room, and the GOV.UK components.

Our own pages are strict: a name or attribute that does not exist raises, so nothing is silently
blank. The GOV.UK macros are written for lenient undefined values (`params.hint.text` without a
hint), so they are compiled by a lenient twin of the environment. A page imports a macro as usual:

    {% from "govuk_frontend_jinja/components/button/macro.html" import govukButton %}
"""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.templatetags.static import static
from django.urls import URLResolver, get_resolver, reverse
from jinja2 import (
    ChainableUndefined,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    Template,
)

from triservice.web import fields, words

ROOMS = ("web", "agencies", "access", "offline", "subjects", "schemes", "casework", "picture")
SOURCE = Path(__file__).resolve().parents[1]
GOVUK = "govuk_frontend_jinja"


class PageEnvironment(Environment):
    """Strict for the pages of the rooms, lenient for the components of the package."""

    def __init__(self, **options: Any) -> None:
        """Make the environment and its lenient twin."""
        folders = [SOURCE / room / "templates" for room in ROOMS]
        super().__init__(undefined=StrictUndefined, loader=FileSystemLoader(folders), **options)
        self.components = Environment(
            undefined=ChainableUndefined,
            loader=_Prefixed(GOVUK),
            autoescape=True,
            auto_reload=self.auto_reload,  # else it looks at each file at each page
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def _load_template(self, name: str, globals: MutableMapping[str, Any] | None) -> Template:
        """Hand names of the package to the twin; every import and extends comes through here."""
        if name.startswith(f"{GOVUK}/"):
            return self.components.get_template(name)
        return super()._load_template(name, globals)


class _Prefixed(PackageLoader):
    """Load `govuk_frontend_jinja/x.html` from the templates folder of the package."""

    def get_source(self, environment: Environment, template: str) -> Any:
        return super().get_source(environment, template.removeprefix(f"{GOVUK}/"))


@lru_cache(maxsize=4096)
def _address(_: URLResolver, name: str, args: tuple[Any, ...]) -> str:
    return reverse(name, args=args)


def address(name: str, args: Iterable[Any] = ()) -> str:
    """Return the address of a page. A list has one for each row, and Django works it out anew."""
    return _address(get_resolver(), name, tuple(args))


def environment(**options: Any) -> Environment:
    """Return the environment of the pages, with what every page may use without an import."""
    options.pop("undefined", None)
    options.pop("loader", None)
    made = PageEnvironment(**(options | {"autoescape": True}))
    made.globals |= {
        "static": static,
        "url": address,
        "field": fields.field,
        "form_page": fields.form_page,
        "error_summary": fields.error_summary,
    }
    made.filters |= words.FILTERS
    return made
