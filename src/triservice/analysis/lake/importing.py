"""Importing files into the lake: idempotent, resumable, one pass, bounded in memory.

    read ahead → split into records → convert and check → keep what is new → write → commit

Every file is one commit: its events count from the moment its record is in imports/, or not at
all. docs/how-to/import-your-own-files.md tells it to the people who use it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from triservice.analysis.lake.background import Background
from triservice.analysis.lake.conversion import SERVICES, Converted, Converter
from triservice.analysis.lake.finding import Found, find_files
from triservice.analysis.lake.identity import KnownEvents
from triservice.analysis.lake.lock import import_lock
from triservice.analysis.lake.mapping import UNMAPPED, Mapping, load_mapping
from triservice.analysis.lake.parts import PartWriter, count_values, month_name, select, sweep
from triservice.analysis.lake.quarantine import CODES, REASONS, QuarantineWriter
from triservice.analysis.lake.reading import (
    Block,
    TableFile,
    base_name,
    content_hash,
    head_of,
    require_columns,
)
from triservice.analysis.lake.store import ImportRecord, Lake, Settings
from triservice.analysis.lake.summary import FileResult, ImportSummary, summarise
from triservice.analysis.lake.words import NOTHING
from triservice.files import write_atomically
from triservice.kernel.errors import InputError

Progress = Callable[[str, int, int], None]  # file, bytes read of all files, bytes of all files


def import_files(
    lake: str | Path | Lake,
    mapping: str | Path | Mapping,
    paths: Iterable[str | Path],
    *,
    progress: Progress | None = None,
    replace: bool = False,
) -> ImportSummary:
    """Import files, or the fitting files of folders, into a lake, making the lake when needed.

    `mapping` is a Mapping, the name of a built-in one, or the path of a TOML file. A file whose
    content is already in the lake under this mapping is left alone; with `replace`, a file that
    came before with the same name, or with the same content under another version of the
    mapping, is replaced by this one. Files are committed one by one: when one cannot be used, the
    others are imported all the same and the summary's `refused` says which and why.

    Raises InputError when no file can be used, the mapping is wrong, or another import is at work.
    """
    if not isinstance(mapping, Mapping):
        mapping = load_mapping(mapping)
    found = find_files([Path(path) for path in paths], mapping)
    if not isinstance(lake, Lake):
        lake = Lake.create(lake, _settings(mapping))
    with import_lock(lake.root):
        swept = sweep(lake.root)
        return _Import(lake, mapping, found, progress, replace).run(swept)


def _settings(mapping: Mapping) -> Settings | None:
    if mapping.crs is None or mapping.time_zone is None:
        return None
    return Settings(crs=mapping.crs, time_zone=mapping.time_zone)


class _Import:
    """One run of import_files."""

    def __init__(
        self,
        lake: Lake,
        mapping: Mapping,
        found: Found,
        progress: Progress | None,
        replace: bool,
    ) -> None:
        self.lake, self.mapping, self.found = lake, mapping, found
        self.replace = replace
        self.sizes = {path: path.stat().st_size for path in found.files}
        self.total = sum(self.sizes.values())
        self.done = 0
        self.progress = progress
        self.known: KnownEvents | None = None

    def run(self, swept: Sequence[str]) -> ImportSummary:
        results: list[FileResult] = []
        for path in self.found.files:
            try:
                results.append(self._file(path))
            except InputError as refusal:
                self.known = None  # it holds identities of rows that were not committed
                results.append(FileResult(str(path), "refused", reason=str(refusal)))
            self.done += self.sizes[path]
        refused = [r for r in results if r.status == "refused"]
        if refused and len(refused) == len(results):
            raise InputError(" ".join(r.reason for r in refused))
        return summarise(self.lake, self.mapping.name, results, self.found, swept)

    def _tell(self, path: Path) -> Callable[[int], None]:
        def tell(read: int) -> None:
            if self.progress:
                self.progress(path.name, self.done + read, self.total)

        return tell

    def _file(self, path: Path) -> FileResult:
        head = hashlib.sha256(head_of(path)).hexdigest()
        records = [r for r in self.lake.imports() if r.source == self.mapping.name]
        old: list[ImportRecord] = []
        alike = [r for r in records if r.head_sha256 == head]
        if alike:  # perhaps the same content: only then is it worth reading it twice
            whole = content_hash(path)
            for record in alike:
                if record.sha256 != whole:
                    continue
                if record.mapping_sha256 == self.mapping.sha256:
                    return FileResult(str(path), "already imported", record=record)
                if not self.replace and record.accepted:
                    reason = (
                        "its content came in before under another version of this mapping; "
                        "--replace imports it again with the new one"
                    )
                    return FileResult(str(path), "already imported", record=record, reason=reason)
                old.append(record)
        if self.replace:
            old += [r for r in records if Path(r.file).name == path.name and r not in old]
        return FileResult(str(path), "imported", record=self._import(path, head, old))

    def _import_id(self, path: Path, head: str) -> str:
        """Return a name for the import, the same whenever the same file is imported alike."""
        parts = (self.mapping.name, self.mapping.sha256, base_name(path), head, self.sizes[path])
        digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
        taken = {p.stem for p in (self.lake.root / "imports").glob("*.json")}
        number, name = 1, digest
        while name in taken:
            number += 1
            name = f"{digest}-{number}"
        return name

    def _import(self, path: Path, head: str, old: list[ImportRecord]) -> ImportRecord:
        table = TableFile(path, self.mapping.file, self._tell(path))
        wanted = self.mapping.columns()
        table.open(wanted)
        index = require_columns(table, wanted, self.mapping.name)
        converter = Converter(self.mapping, self.lake.settings, index, len(table.header))
        if self.known is None or old:
            self.known = _known_events(self.lake, self.mapping.name, {r.import_id for r in old})
        self.known.start_file()
        area = self.mapping.area
        writer = PartWriter(
            self.lake.root,
            self._import_id(path, head),
            self.mapping.name,
            converter.words,
            (area.vintage, area.newer) if area else (),
        )
        shutil.rmtree(writer.staging, ignore_errors=True)
        writer.staging.mkdir(parents=True)
        rows = QuarantineWriter(writer.staging / "quarantine.parquet", str(path), table.header)
        tally = _Tally()
        writing = Background("write")
        try:
            for block in table.blocks():
                self._block(block, converter, partial(writing.call, writer.add), rows, tally)
            writing.finish()
            writer.close()
            kept_rows = rows.close()
            record = self._record(path, head, table.sha256, converter, writer, tally, old)
            self._commit(record, writer, rows.path if kept_rows else None)
        except OSError as error:
            writing.stop()
            rows.close()
            writer.abandon()
            raise InputError(
                f"writing to the lake failed: {error.strerror or error}",
                file=path,
                kept="Nothing of this file was kept; the lake is as it was.",
                do="Make room or correct the permissions, and run the same command again.",
            ) from None
        except BaseException:
            writing.stop()
            rows.close()
            writer.abandon()
            raise
        if old:
            self.known = None
        return record

    def _block(
        self,
        block: Block,
        converter: Converter,
        write: Callable[..., None],
        rows: QuarantineWriter,
        tally: _Tally,
    ) -> None:
        made = converter.convert(block)
        assert self.known is not None
        usable = made.faults.codes == 0
        fresh = self.known.admit(made.ids, made.by_row, usable)
        repeated = usable & ~fresh
        made.faults.mark(repeated & made.by_row, "repeated-row")
        made.faults.mark(repeated, "repeated-id")
        accepted = np.flatnonzero(fresh)
        write(
            select(made.service, accepted, len(block)),
            select(made.month, accepted, len(block)),
            self._columns(block, made, converter, accepted),
        )
        tally.count(made, accepted)
        made.faults.mark(made.impossible, "impossible-location")  # accepted: kept aside as well
        rows.add(block, made.faults.codes, made.faults.columns)

    def _columns(
        self, block: Block, made: Converted, converter: Converter, accepted: Any
    ) -> dict[str, Any]:
        columns: dict[str, Any] = {
            "event_id": made.ids,
            "source_row": np.arange(block.first_row + 1, block.first_row + len(block) + 1),
            **made.columns,
        }
        columns = {name: select(v, accepted, len(block)) for name, v in columns.items()}
        texts = [converter.texts(block, c, accepted) for c in self.mapping.id_columns]
        if len(texts) == 1:
            columns["source_id"] = texts[0]
        elif texts:
            columns["source_id"] = pc.binary_join_element_wise(*texts, " / ", null_handling="skip")
        for name, column in (("uprn", self.mapping.uprn), ("outcome", self.mapping.outcome)):
            if column:
                columns[name] = converter.texts(block, column, accepted)
        return columns

    def _record(
        self,
        path: Path,
        head: str,
        sha256: str,
        converter: Converter,
        writer: PartWriter,
        tally: _Tally,
        old: list[ImportRecord],
    ) -> ImportRecord:
        words = converter.words["source_category"].list
        return ImportRecord(
            import_id=writer.import_id,
            source=self.mapping.name,
            file=str(path),
            sha256=sha256,
            mapping_sha256=self.mapping.sha256,
            imported_at=datetime.now(UTC).isoformat(timespec="microseconds"),
            rows_read=tally.rows,
            accepted=tally.accepted,
            duplicates=tally.duplicates,
            without_coordinates=tally.without_coordinates,
            outside=tally.outside,
            quarantined=tally.by_kind("quarantined"),
            months=tally.months(),
            first=_moment(tally.first),
            last=_moment(tally.last),
            parts=writer.paths,
            head_sha256=head,
            kept=tally.by_kind("kept"),
            unmapped=tally.unmapped(words, converter.words["category"].list),
            # With what those replaced: a crash may have left it lying about.
            replaces=[name for r in old for name in (r.import_id, *r.replaces)],
        )

    def _commit(self, record: ImportRecord, writer: PartWriter, quarantine: Path | None) -> None:
        root = self.lake.root
        writer.move()
        if quarantine:
            target = root / "quarantine" / f"{record.import_id}.parquet"
            target.parent.mkdir(exist_ok=True)
            quarantine.replace(target)
        write_atomically(
            root / "imports" / f"{record.import_id}.json", json.dumps(asdict(record), indent=1)
        )
        shutil.rmtree(writer.staging, ignore_errors=True)
        for name in record.replaces:  # readers leave them out already: only tidying
            remove_import(self.lake, name)


def remove_import(lake: Lake, import_id: str) -> None:
    """Remove the files of an import that another one replaced."""
    for part in lake.root.glob(f"events/service=*/month=*/{import_id}*.parquet"):
        part.unlink(missing_ok=True)
    (lake.root / "quarantine" / f"{import_id}.parquet").unlink(missing_ok=True)
    (lake.root / "imports" / f"{import_id}.json").unlink(missing_ok=True)


def _known_events(lake: Lake, source: str, without: set[str]) -> KnownEvents:
    known = KnownEvents()
    for record in lake.imports():
        if record.source == source and record.import_id not in without:
            for part in record.parts:
                ids = pq.read_table(lake.root / part, columns=["event_id"])["event_id"]
                known.add(ids.combine_chunks().to_numpy())
    return known


def _moment(micros: int | None) -> str | None:
    if micros is None:
        return None
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)).isoformat()


class _Tally:
    """What is counted of one file."""

    def __init__(self) -> None:
        self.rows = self.accepted = self.duplicates = 0
        self.without_coordinates = self.outside = 0
        self.first: int | None = None
        self.last: int | None = None
        self._reasons = np.zeros(len(REASONS), np.int64)
        self._months: Counter[tuple[int, int]] = Counter()
        self._categories: Counter[tuple[int, int]] = Counter()

    def count(self, made: Converted, accepted: Any) -> None:
        """Count a block whose events at `accepted` were taken."""
        n = len(made.ids)
        self.rows += n
        self.accepted += len(accepted)
        self._reasons += np.bincount(made.faults.codes, minlength=len(REASONS))
        self.duplicates = sum(
            int(self._reasons[c]) for c, r in enumerate(REASONS) if r.kind == "duplicate"
        )
        if not len(accepted):
            return
        self.outside += int(np.count_nonzero(made.outside[accepted]))
        impossible = int(np.count_nonzero(made.impossible[accepted]))
        self._reasons[CODES["impossible-location"]] += impossible
        easting = made.columns.get("easting")
        self.without_coordinates += (
            len(accepted) if easting is None else int(np.count_nonzero(np.isnan(easting[accepted])))
        )
        self._count_months(made, accepted)
        self._count_categories(made, accepted)

    def _count_months(self, made: Converted, accepted: Any) -> None:
        keys = made.month[accepted] * len(SERVICES) + made.service[accepted]
        for key, count in zip(*count_values(keys), strict=True):
            month, service = divmod(int(key), len(SERVICES))
            self._months[service, month] += int(count)
        begins = made.columns["time_from"][accepted]
        low, high = int(begins.min()), int(begins.max())
        self.first = low if self.first is None else min(low, self.first)
        self.last = high if self.last is None else max(high, self.last)

    def _count_categories(self, made: Converted, accepted: Any) -> None:
        words = made.columns.get("source_category")
        if words is None:
            return
        # Each word has one category: of the first row that holds the word.
        words, categories = words[accepted], made.columns["category"][accepted]
        found, counts = count_values(words)
        category_of = np.zeros(int(found[-1]) + 2, np.int64)
        category_of[words] = categories
        for word, count in zip(found, counts, strict=True):
            self._categories[int(word), int(category_of[word])] += int(count)

    def by_kind(self, kind: str) -> dict[str, int]:
        """Return reason → rows of one kind."""
        return {
            r.slug: int(self._reasons[c])
            for c, r in enumerate(REASONS)
            if c and r.kind == kind and self._reasons[c]
        }

    def months(self) -> dict[str, dict[str, int]]:
        """Return service → month → events."""
        found: dict[str, dict[str, int]] = {}
        for (service, month), count in sorted(self._months.items()):
            found.setdefault(str(SERVICES[service]), {})[month_name(month)] = count
        return found

    def unmapped(self, words: list[str], categories: list[str]) -> dict[str, int]:
        """Return source category → events whose category is unmapped, most first."""
        found: Counter[str] = Counter()
        for (word, category), count in self._categories.items():
            if categories[category] == UNMAPPED:
                found["" if word == NOTHING else words[word]] += count
        return dict(found.most_common())
