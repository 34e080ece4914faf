"""A proposed mapping written as TOML, with a comment for each guess."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from textwrap import wrap

from triservice.analysis.lake.place_guesses import Places
from triservice.analysis.lake.rules import Moment, WordRule
from triservice.analysis.lake.sampling import Sample
from triservice.analysis.lake.time_guesses import Spread, Times
from triservice.analysis.lake.word_guesses import Words
from triservice.kernel.grid import BRITISH_NATIONAL_GRID

LONDON = "Europe/London"
MOST_LISTED = 500
WIDTH = 98
FILL_IN = "FILL IN BEFORE IMPORTING"


@dataclass
class Proposal:
    """All guesses about one file, and how they did when they were tried on it."""

    name: str
    sample: Sample
    times: Times
    places: Places
    words: Words
    fits: list[str] = field(default_factory=list)
    to_fill: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)


def write_mapping(proposal: Proposal) -> str:
    """Return the proposal as the text of a mapping file."""
    parts = [
        _heading(proposal), _file(proposal), _lake(proposal), _service(proposal),
        _columns(proposal), _time(proposal), _category(proposal), _location(proposal),
        _bounds(proposal), _area(proposal), _unused(proposal),
    ]  # fmt: skip
    return "\n".join("\n".join(part) + "\n" for part in parts if part).rstrip("\n")


def quoted(text: str) -> str:
    """Return text as a TOML string."""
    plain = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in plain)


def _said(text: str) -> list[str]:
    """Return a sentence as comment lines; nothing of the file can break out of them."""
    clean = "".join(c if c.isprintable() else " " for c in text)
    return [f"# {line}" for line in wrap(clean, WIDTH - 2, break_on_hyphens=False)]


def _list(items: Iterable[str]) -> str:
    written = [quoted(item) for item in items]
    return written[0] if len(written) == 1 else f"[{', '.join(written)}]"


def _heading(p: Proposal) -> list[str]:
    sample, lines = p.sample, []
    lines += _said(
        f"A mapping proposed by `triservice import --describe` for {sample.path.name}, guessed "
        f"from {sample.sampled:,} of its {sample.rows:,} rows. Read every line: a guess may be "
        "wrong. Keys: docs/reference/mapping.md."
    )
    for todo in p.to_fill:
        lines += _said(f"{FILL_IN}: {todo}.")
    for sentence in p.tried:
        lines += _said(sentence)
    for name in p.fits:
        lines += _said(
            f"The mapping {name}, which comes with the program, fits these columns as well and "
            f"knows more: triservice import {name} FILE --lake LAKE."
        )
    title = sample.path.name.split(".")[0].replace("_", " ")
    lines.append(f"name = {quoted(p.name)}    # the source: keep it the same for all its files")
    lines.append(f"title = {quoted(title)}")
    if p.words.service is None or p.words.service.value:
        lines += _service_line(p)
    return lines


def _service_line(p: Proposal) -> list[str]:
    if p.words.service is None:
        return [
            "# Nothing in the file says whose events these are.",
            'service = "?"    # FILL IN: police, fire, ambulance, health or council',
        ]
    return [*_notes(p.words.notes, "service was"), f"service = {quoted(p.words.service.value)}"]


def _notes(notes: list[str], *marks: str) -> list[str]:
    return [line for note in notes if any(m in note for m in marks) for line in _said(note)]


def _file(p: Proposal) -> list[str]:
    rule, lines = p.sample.rule, ["[file]"]
    if p.sample.delimiter:
        shown = "tab" if p.sample.delimiter == "\t" else p.sample.delimiter
        lines.append(f"delimiter = {quoted(shown)}")
    if rule.encoding:
        lines += _said("The file is not UTF-8. CHECK letters such as é and £ after an import.")
        lines.append(f"encoding = {quoted(rule.encoding)}")
    if p.places.decimal != ".":
        lines.append(f"decimal = {quoted(p.places.decimal)}")
    if rule.skip_rows:
        lines.append(f"skip_rows = {rule.skip_rows}    # lines above the names of the columns")
    if rule.sheet:
        lines.append(f"sheet = {quoted(rule.sheet)}")
    return lines if len(lines) > 1 else []


def _lake(p: Proposal) -> list[str]:
    places = p.places
    if (places.crs, places.time_zone) == (BRITISH_NATIONAL_GRID, LONDON):
        return []
    return [
        "[lake]",
        *_said("What all events of a lake share; a lake takes it from its first import."),
        f"crs = {quoted(places.crs)}    # metres; guessed from the middle of the coordinates",
        *_notes(places.notes, "time zone"),
        f"time_zone = {quoted(places.time_zone)}",
    ]


def _rule(table: str, rule: WordRule) -> list[str]:
    lines = [f"[{table}]", f"column = {quoted(rule.columns[0])}"]
    for key, value in (("before", rule.before), ("after", rule.after), ("strip", rule.strip)):
        if value:
            lines.append(f"{key} = {quoted(value)}")
    return lines


def _service(p: Proposal) -> list[str]:
    rule = p.words.service
    if rule is None or rule.value:
        return []
    return [
        *_rule("service", rule),
        "",
        "[service.table]",
        *_notes(p.words.notes, "begins with the service", "The service of each row"),
        *(f"{quoted(word)} = {quoted(service)}" for word, service in rule.table.items()),
    ]


def _columns(p: Proposal) -> list[str]:
    words, lines = p.words, ["[columns]"]
    if words.id_column:
        lines += _notes(words.notes, f"{words.id_column}: ", f"{words.id_column} is empty")
        lines.append(f"id = {quoted(words.id_column)}")
    else:
        lines += _notes(words.notes, "looked like an identifier")
        lines += _said("No identifier: an event is known by all the values of its row.")
    for key, column in (("uprn", words.uprn), ("outcome", words.outcome)):
        if column:
            lines.append(f"{key} = {quoted(column)}")
    return lines


def _moment(moment: Moment) -> str:
    keys = [f"{'date' if moment.time_column else 'column'} = {quoted(moment.column)}"]
    if moment.time_column:
        keys.append(f"time = {quoted(moment.time_column)}")
    keys.append(f"format = {_list(moment.formats)}")
    if moment.time_column:
        keys.append(f"time_format = {_list(moment.time_formats)}")
    if moment.precision:
        keys.append(f"precision = {quoted(moment.precision)}")
    return f"{{ {', '.join(keys)} }}"


def _time(p: Proposal) -> list[str]:
    times = p.times
    assert times.start is not None
    lines = ["[time]", f"zone = {quoted(p.places.time_zone)}    # the clock that the times are on"]
    for note in times.notes:
        lines += _said(note)
    if times.precision == "month":
        lines += _said("Only the month is known: no near repeats, risk zones or times of day.")
    lines.append(f"from = {_moment(times.start)}")
    if times.end:
        lines += _said("A span: it happened some time between from and to.")
        lines.append(f"to = {_moment(times.end)}")
    for name, stage in times.stages.items():
        if isinstance(stage, Spread):
            value = f"{{ {stage.unit} = {quoted(stage.column)}, after = {quoted(stage.after)} }}"
        else:
            value = _moment(stage)
        lines.append(f"{name} = {value}")
    return lines


def _category(p: Proposal) -> list[str]:
    rule, unknown = p.words.category, list(p.words.unknown.items())
    if rule is None:
        return _said("No column says in a few different words what happened: all is unmapped.")
    lines = [*_rule("category", rule), "", "[category.table]"]
    if rule.table:
        lines += _said("The source's word = a category of `triservice import --categories`.")
    lines += [f"{quoted(word)} = {quoted(slug)}" for word, slug in rule.table.items()]
    if unknown:
        lines += _said(
            f"Not known to us, and kept as unmapped as it stands ({len(unknown):,}); write the "
            "category and take the # away to count them:"
        )
        for word, count in unknown[:MOST_LISTED]:
            lines.append(f'# {quoted(word)} = ""    # {count:,} rows')
    if len(unknown) > MOST_LISTED:
        lines += _said(f"… and {len(unknown) - MOST_LISTED:,} more.")
    return lines


def _location(p: Proposal) -> list[str]:
    lines = []
    for note in p.places.notes:
        if "time zone" not in note.lower():
            lines += _said(note)
    for rule in p.places.locations:
        lines += ["", "[[location]]"] if lines else ["[[location]]"]
        lines += [f"x = {quoted(rule.x)}", f"y = {quoted(rule.y)}", f"crs = {quoted(rule.crs)}"]
        checked = "the point itself, or snapped, grid (rounded), area? CHECK"
        lines.append(f"precision = {quoted(rule.precision)}    # {checked}")
    return lines


def _bounds(p: Proposal) -> list[str]:
    if p.places.bounds is None or not p.places.locations:
        return []
    sides = zip(("west", "south", "east", "north"), p.places.bounds, strict=True)
    return [
        "[bounds]",
        *_said(
            "In metres of the lake, around the bulk of the points. What lies outside is kept with "
            "its coordinates, and counted. Write those of your area, or leave this out."
        ),
        *(f"{side} = {value}" for side, value in sides),
    ]


def _area(p: Proposal) -> list[str]:
    rule = p.words.area
    if rule is None:
        return []
    lines = ["[area]", *_notes(p.words.notes, f"{rule.column} holds", f"{rule.column} is taken")]
    lines += [f"column = {quoted(rule.column)}", f"vintage = {quoted(rule.vintage)}"]
    if rule.newer:
        lines += [f"newer = {quoted(rule.newer)}", f"newer_codes = {_list(rule.newer_codes)}"]
    return lines


def _unused(p: Proposal) -> list[str]:
    words, used = p.words, p.places.used | p.times.used
    used |= {words.id_column, words.uprn, words.outcome, words.area.column if words.area else ""}
    for rule in (words.category, words.service):
        used |= set(rule.columns) if rule else set()
    rest = [name for name in p.sample.header if name not in used]
    lines = _notes(words.notes, "No coordinates were", "Nothing says WHERE")
    twice = sorted({name for name in rest if p.sample.header.count(name) > 1})
    if twice:
        lines += _said(f"Named more than once, so that they cannot be read: {', '.join(twice)}.")
    return [*lines, *(_said(f"Not used: {', '.join(rest)}.") if rest else [])]
