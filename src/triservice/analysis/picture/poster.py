"""The overlap map as one SVG that stands alone: for a paper, a slide, a README."""

from __future__ import annotations

import textwrap

from markupsafe import Markup

from triservice.analysis.picture import maps, palette, views, words
from triservice.analysis.picture.model import Picture

_HEAD, _FOOT = 112, 104
_STYLE = (
    "text{{font-family:Helvetica Neue,Helvetica,Arial,sans-serif;fill:#0b0c0c}}"
    ".areas use{{stroke:#7e888f;stroke-width:.7px}}.edge{{fill:none;stroke:#6b747b}}"
    ".place text,.furniture text{{paint-order:stroke;stroke:#fff;stroke-width:4.5px;"
    "stroke-linejoin:round;font-size:20px}}.place circle{{fill:#0b0c0c;stroke:#fff}}"
    ".pin .disc{{fill:#0b0c0c;stroke:#fff;stroke-width:2.5px}}.pin .spot{{fill:#0b0c0c}}"
    ".pin text{{fill:#fff;font-weight:700;font-size:20px}}"
    ".pin line{{stroke:#0b0c0c;stroke-width:2px}}"
    ".furniture path{{fill:none;stroke:#0b0c0c;stroke-width:2.5px}}{}"
)


def overlap_poster(picture: Picture) -> str:
    """Return the overlap map with title, legend, numbered areas and attribution as SVG text.

    Needs picture.shapes and picture.overlap.
    """
    shapes, overlap = picture.shapes, picture.overlap
    assert shapes is not None
    assert overlap is not None
    ramp = palette.shared_ramp(len(picture.layers))
    pins = maps.overlap_pins(picture, shapes)
    shared = [len(a.worst_in) if a.compared else -1 for a in picture.areas]
    frame = shapes.frame
    fills = "".join(f".f-shared-{i}{{fill:{c}}}" for i, c in enumerate(ramp)) + ".f-none{fill:#fff}"
    high = frame.height + _HEAD + _FOOT
    answer = textwrap.wrap(picture.answer, 112)[:2]
    return str(
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" role="img" '
            'aria-labelledby="t"><title id="t">{title}. {answer}</title><style>{style}</style>'
            '<rect width="{w}" height="{h}" fill="#fff"/>{defs}'
            '<text x="20" y="42" font-size="30" font-weight="700">{title}</text>{lines}'
            '<g transform="translate(0,{head})"><rect width="{w}" height="{map}" fill="#e9eff3"/>'
            '<g transform="scale(.1)" class="areas">{uses}<use href="#county" class="edge"/></g>'
            "{names}{pins}{furniture}</g>{legend}{credit}</svg>\n"
        ).format(
            w=frame.width,
            h=high,
            title=picture.title,
            answer=picture.answer,
            style=Markup(_STYLE.format(fills)),
            defs=maps.outline_defs(shapes),
            lines=_lines(answer, 20, 70, 24, 18),
            head=_HEAD,
            map=frame.height,
            uses=maps.area_uses(shared, "shared"),
            names=maps.place_names(shapes, pins, maps.coloured(picture)),
            pins=maps.pin_marks(pins),
            furniture=maps.furniture(frame),
            legend=_legend(picture, frame.height + _HEAD + 32),
            credit=_lines(
                textwrap.wrap(" ".join([f"{picture.period}.", *picture.attribution]), 150)[:2],
                20,
                high - 30,
                16,
                12,
            ),
        )
    )


def _lines(lines: list[str], x: int, y: int, step: int, size: int) -> Markup:
    return Markup("").join(
        Markup('<text x="{}" y="{}" font-size="{}">{}</text>').format(x, y + i * step, size, line)
        for i, line in enumerate(lines)
    )


def _legend(picture: Picture, y: int) -> Markup:
    """Return swatches and words in a row."""
    ramp = palette.shared_ramp(len(picture.layers))
    worst = words.worst_share(picture.overlap.share if picture.overlap else 0.2)
    parts = [Markup('<text x="20" y="{}" font-size="15">In the {} of</text>').format(y, worst)]
    x = 34 + 7 * len(f"In the {worst} of")
    for key in views.shared_legend(picture):
        colour = ramp[int(key.style.rsplit("-", 1)[1])] if key.style != "f-none" else "#fff"
        parts.append(
            Markup(
                '<rect x="{}" y="{}" width="28" height="18" fill="{}" stroke="#5c666e"/>'
                '<text x="{}" y="{}" font-size="15">{} <tspan fill="#484f56">({})</tspan></text>'
            ).format(x, y - 15, colour, x + 36, y, key.text, key.note)
        )
        x += 64 + 7 * (len(key.text) + len(key.note))
    return Markup("").join(parts)
