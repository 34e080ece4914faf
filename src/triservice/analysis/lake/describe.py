"""Proposing a mapping: sample a file, guess, write it as TOML with comments, and try it."""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.conversion import Converter
from triservice.analysis.lake.file_text import base_name, is_excel
from triservice.analysis.lake.header import find_columns
from triservice.analysis.lake.mapping import Mapping, built_in, load_mapping
from triservice.analysis.lake.mapping_text import FILL_IN, Proposal, write_mapping
from triservice.analysis.lake.place_guesses import Bounds, bounds_around, guess_places
from triservice.analysis.lake.quarantine import REASONS, sentence
from triservice.analysis.lake.reading import TableFile
from triservice.analysis.lake.rules import WordRule
from triservice.analysis.lake.sampling import MOST_BLOCKS, Sample, read_sample
from triservice.analysis.lake.store import Settings
from triservice.analysis.lake.time_guesses import Times, guess_times, words_of
from triservice.analysis.lake.word_guesses import fill_table, guess_words
from triservice.kernel.errors import InputError


def describe_file(path: str | Path) -> str:
    """Return a proposed mapping (TOML) for a file, guessed from a sample and tried on the file.

    It can be loaded and used as it stands, unless its first lines say what has to be filled in
    before. Raises InputError when the file is no table, or holds no events: no time, or counts.
    """
    text, problem = _describe(Path(path), "")
    if problem:  # bytes that are no UTF-8, further down than the head of the file
        text, _ = _describe(Path(path), "cp1252")
    return text


def left_to_fill(proposed: str) -> list[str]:
    """Return the sentences of a proposal that say what to write in before it can be used."""
    lines = [line.removeprefix("# ") for line in proposed.splitlines()]
    return [line for line in lines if line.startswith(FILL_IN)]


def _describe(path: Path, encoding: str) -> tuple[str, bool]:
    """Return the proposal, and whether rows could not be decoded."""
    sample = read_sample(path, encoding)
    places = guess_places(sample)
    times = guess_times(sample, places.american)
    words = guess_words(sample, places.used | times.used | times.timelike)
    _refuse_what_is_no_event(sample, times, words.area.column if words.area else "COLUMN")
    proposal = Proposal(_name(path), sample, times, places, words)
    if not places.locations:
        words.notes.append(_nowhere(sample, bool(words.area or words.uprn)))
    proposal.fits = [
        name
        for name in built_in()
        if name != "cad" and not find_columns(list(sample.header), load_mapping(name).columns())[1]
    ]
    unsaid = words.service is None
    if unsaid:
        words.service = WordRule("police", (), "", "", "", {})  # to try the rest
    trial = _try(proposal)
    if trial.faults["repeated-id"] > 0.05 * trial.rows:
        words.notes.append(
            f"{words.id_column} looked like an identifier, but it repeats: rows are known by all "
            "their values instead."
        )
        words.id_column = ""
        trial = _try(proposal)
    if words.category and words.category.columns:  # the table lists what the whole file holds
        words.category = fill_table(words.category, trial.categories, words)
    places.bounds, trial.outside = trial.bounds()
    if trial.rows and trial.read < 0.5 * trial.rows:
        proposal.to_fill.append("most rows cannot be read so: see what was tried, and correct it")
    proposal.tried = trial.sentences(sample.whole)
    if unsaid:
        words.service = None
        proposal.to_fill.append('service: write police, fire, ambulance, health or council for "?"')
    return write_mapping(proposal), trial.faults["bad-encoding"] > 0 and not encoding


def _name(path: Path) -> str:
    """Return a plain name for the source: that of the file without its dates."""
    stem = base_name(path).rsplit(".", 1)[0].lower()
    stem = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    stem = re.sub(r"(?<!\d)(19|20)\d\d([-_.]?\d\d){0,2}(?!\d)", "", stem)
    name = re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:48].strip("-")
    return f"{name or 'our'}-export" if not name or name in built_in() else name


def _refuse_what_is_no_event(sample: Sample, times: Times, area: str) -> None:
    columns = ", ".join(list(sample.header)[:12])
    if times.start is None:
        raise InputError(
            f"no column holds a date or a month, and an event needs one (columns: {columns})",
            file=sample.path,
            kept="Nothing is proposed.",
            do="Export the file with the time of each incident. A list of places (stations, "
            "addresses, postcodes) is not events; values of areas come in with `triservice areas "
            "add`, outlines with `triservice boundaries add`.",
        )
    if counted := _count_column(sample, times):
        raise InputError(
            f"its rows are counts ({counted} by area and {times.precision}), not events: each row "
            "would become one event",
            file=sample.path,
            kept="Nothing is proposed.",
            do=f'Bring it in with `triservice areas add FILE --as NAME --code "{area}" --vintage '
            f'UNIT --value "{counted}" --duplicates sum`, or export the incidents themselves.',
        )


def _count_column(sample: Sample, times: Times) -> str:
    """Return the column of numbers of incidents, in a file that holds nothing finer than a day."""
    if times.precision not in ("month", "date"):
        return ""
    for name in sample.values:
        words, filled = words_of(name), sample.filled(name)
        if {"count", "counts", "total", "incidents", "crimes"} & set(words) and filled:
            numbers = [value for value in filled if value.isdigit()]
            several = sum(int(n) > 1 for n in numbers)
            if len(numbers) > 0.95 * len(filled) and several > 0.2 * len(filled):
                return name
    return ""


def _nowhere(sample: Sample, area: bool) -> str:
    post = [name for name in sample.values if re.search("post ?code", " ".join(words_of(name)))]
    also = f" {post[0]} alone does not place them: look up coordinates first." if post else ""
    if area:
        return f"No coordinates were found: events are placed by their area only.{also}"
    return f"Nothing says WHERE: events count by month and category, and are on no map.{also}"


@dataclass
class _Trial:
    """What an import of the file would give."""

    rows: int = 0
    read: int = 0
    outside: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    points: list[NDArray[np.float64]] = field(default_factory=list)  # (2, n) metres of the lake

    def bounds(self) -> tuple[Bounds | None, int]:
        """Return bounds around the bulk of the points, and how many lie outside them."""
        if not self.points:
            return None, 0
        east, north = np.concatenate(self.points, axis=1)
        bounds = bounds_around(east, north)
        if bounds is None:
            return None, 0
        west, south, most_east, most_north = bounds
        outside = (east < west) | (east > most_east) | (north < south) | (north > most_north)
        return bounds, int(outside.sum())

    def sentences(self, whole: bool) -> list[str]:
        """Return what was tried, for the head of the mapping."""
        of = "all" if whole else "the first"
        said = [f"Tried on {of} {self.rows:,} rows: {self.read:,} can be read."]
        said += [f"{n:,} {reason}: {sentence(reason)}" for reason, n in self.faults.most_common()]
        if self.outside:
            said.append(f"{self.outside:,} lie outside [bounds]: they are kept, and counted.")
        return said


def _try(proposal: Proposal) -> _Trial:
    """Load the proposal and convert the file with it, keeping nothing."""
    sample = proposal.sample
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "proposal.toml"
        file.write_text(write_mapping(proposal), encoding="utf-8")
        mapping = load_mapping(file)
    table = TableFile(sample.path, mapping.file)
    table.open(mapping.columns())
    index = find_columns(table.header, mapping.columns())[0]
    settings = Settings(proposal.places.crs, proposal.places.time_zone)
    converter = Converter(mapping, settings, index, len(table.header), is_excel(sample.path))
    trial, ids = _Trial(), []
    words: Counter[int] = Counter()
    with closing(table.blocks()) as blocks:  # type: ignore[type-var]
        for number, block in enumerate(blocks):
            if number == MOST_BLOCKS:
                break
            made = converter.convert(block)
            good = made.faults.codes == 0
            trial.rows += len(block)
            trial.read += int(good.sum())
            if "easting" in made.columns:
                metres = np.array([made.columns["easting"], made.columns["northing"]])
                trial.points.append(metres[:, good & np.isfinite(metres).all(axis=0)])
            for code, count in enumerate(np.bincount(made.faults.codes, minlength=len(REASONS))):
                if code and count:
                    trial.faults[REASONS[code].slug] += int(count)
            ids.append(made.ids[good & ~made.by_row])
            if "source_category" in made.columns:
                codes = made.columns["source_category"]
                met, counts = np.unique(codes[codes >= 0], return_counts=True)
                words.update(dict(zip(met.tolist(), counts.tolist(), strict=True)))
    known = converter.words["source_category"].list
    trial.categories = Counter({known[code]: count for code, count in sorted(words.items())})
    _count_repeats(trial, ids, mapping)
    return trial


def _count_repeats(trial: _Trial, ids: list[NDArray[np.uint64]], mapping: Mapping) -> None:
    if mapping.id_columns and ids:
        every = np.concatenate(ids)
        repeated = len(every) - len(np.unique(every))
        if repeated:
            trial.faults["repeated-id"] = repeated
            trial.read -= repeated
