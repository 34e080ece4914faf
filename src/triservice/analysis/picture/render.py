"""A Picture as one HTML page: style, script and drawings all inside it, nothing fetched."""

from __future__ import annotations

from functools import partial
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from triservice.analysis.picture import maps, palette, views, words
from triservice.analysis.picture.model import Picture

_PACKAGE = "triservice.analysis.picture"


def render(picture: Picture) -> str:
    """Return the whole page. Every text from data is escaped. Needs picture.shapes."""
    environment = _environment(picture)
    page = environment.get_template("picture.html.j2").render(
        picture=picture,
        page=views.build_page(picture),
        css=Markup(_asset("picture.css") + colour_rules(picture)),
        script=Markup(_asset("picture.js")),
    )
    return "\n".join(line.rstrip() for line in page.splitlines() if line.strip()) + "\n"


def _environment(picture: Picture) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(_PACKAGE, "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=words.number,
        count=words.count,
        percent=words.percent,
        interval=words.interval,
        p_value=words.p_value,
        p_only=words.p_only,
        month=words.month_name,
        month_short=words.month_short,
        day=words.day_name,
        capital=words.capital,
        lower_first=words.lower_first,
        listing=words.listing,
        small=words.small_number,
    )
    environment.globals.update(
        from_what=partial(_from_what, picture), not_shown=_not_shown(picture), maps=maps
    )
    return environment


def _asset(name: str) -> str:
    """Return one of the project's own files; they hold no text from data."""
    return (files(_PACKAGE) / "assets" / name).read_text(encoding="utf-8")


def _not_shown(picture: Picture) -> str:
    return words.NOT_SHOWN.format(below=picture.suppress_below)


def _from_what(picture: Picture, ids: Any) -> Markup:
    """Return the small links that answer "from what?": one for each source."""
    names = {source.id: source.what for source in picture.sources}
    links = [
        Markup('<a href="#{}" title="From: {}"><span class="vh">from source </span>{}</a>').format(
            id, names[id], id
        )
        for id in ids
    ]
    return (
        Markup('<span class="from">{}</span>').format(Markup(" ").join(links))
        if links
        else Markup("")
    )


def colour_rules(picture: Picture) -> str:
    """Return the style rules of the map classes: the palette is written in one place.

    Layers are l0, l1, … here: their names come from data and never enter a style sheet.
    """
    rules = _fills("shared", palette.shared_ramp(len(picture.layers)))
    for slot, layer in views.slots(picture):
        ramp = palette.RAMPS[layer.hue]
        colours = palette.class_colours(ramp, max(len(layer.breaks) - 1, 1))
        # A rank whose low end is bad is darkest at the low end.
        rules += _fills(slot, colours if layer.worse == "high" else colours[::-1])
        if layer.cells:
            rules += _fills(
                f"{slot}c", palette.class_colours(ramp, max(len(layer.cells.breaks) - 1, 1))
            )
        rules.append(f".bar-{slot}{{background:{ramp[3]};fill:{ramp[3]}}}")
        rules.append(f".edge-{slot}{{border-color:{ramp[3]}}}")
    return "\n".join(["", *rules])


def _fills(name: str, colours: tuple[str, ...]) -> list[str]:
    return [f".f-{name}-{i}{{fill:{c};background:{c}}}" for i, c in enumerate(colours)]
