"""Importing files into the lake: idempotent, resumable, one pass, bounded in memory.

    read ahead → split into records → convert and check → keep what is new → write → commit

Every file is one commit: its events count from the moment its record is in imports/, or not at
all. docs/how-to/import-your-own-files.md tells it to the people who use it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from triservice.analysis.lake.background import Background
from triservice.analysis.lake.conversion import Converted, Converter
from triservice.analysis.lake.file_text import base_name, content_hash, head_of, is_excel
from triservice.analysis.lake.finding import Found, find_files
from triservice.analysis.lake.header import require_columns
from triservice.analysis.lake.identity import KnownEvents
from triservice.analysis.lake.lock import import_lock
from triservice.analysis.lake.mapping import Mapping, load_mapping
from triservice.analysis.lake.parts import PartWriter, select, sweep
from triservice.analysis.lake.quarantine import QuarantineWriter
from triservice.analysis.lake.reading import Block, TableFile
from triservice.analysis.lake.store import ImportRecord, Lake, Settings, writing
from triservice.analysis.lake.summary import FileResult, ImportSummary, summarise
from triservice.analysis.lake.table_files import read_part
from triservice.analysis.lake.tally import Tally, moment_text
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
        with writing(lake.root):
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
            name = f"{digest}r{number}"
        return name

    def _import(self, path: Path, head: str, old: list[ImportRecord]) -> ImportRecord:
        table = TableFile(path, self.mapping.file, self._tell(path))
        wanted = self.mapping.columns()
        table.open(wanted)
        index = require_columns(path, table.delimiter, table.header, wanted, self.mapping.name)
        converter = Converter(
            self.mapping, self.lake.settings, index, len(table.header), is_excel(path)
        )
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
        rows = QuarantineWriter(writer.staging / "quarantine.parquet", str(path), table.header)
        tally = Tally()
        with self._or_nothing(path, writer, rows) as writing:
            writer.prepare()
            for block in table.blocks():
                if not block.first_row:  # a packed file holds more: then room is made on the way
                    self.known.expect(self.sizes[path] * len(block) // len(block.data))
                self._block(block, converter, partial(writing.call, writer.add), rows, tally)
            writing.finish()
            writer.close()
            kept_rows = rows.close()
            record = self._record(path, head, table.sha256, converter, writer, tally, old)
            self._commit(record, writer, rows.path if kept_rows else None)
        self._tidy(record, writer)
        if old:
            self.known = None
        return record

    def _block(
        self,
        block: Block,
        converter: Converter,
        write: Callable[..., None],
        rows: QuarantineWriter,
        tally: Tally,
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
        tally: Tally,
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
            first=moment_text(tally.first),
            last=moment_text(tally.last),
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

    @contextmanager
    def _or_nothing(
        self, path: Path, writer: PartWriter, rows: QuarantineWriter
    ) -> Iterator[Background]:
        """Write in the background; when anything fails, leave nothing of it behind."""
        writing = Background("write")
        try:
            yield writing
        except BaseException as error:
            writing.stop()
            self._undo(writer, rows)
            if not isinstance(error, OSError):
                raise
            raise InputError(
                f"writing to the lake failed: {error.strerror or error}",
                file=path,
                kept="Nothing of this file was kept; the lake is as it was.",
                do="Make room or correct the permissions, and run the same command again.",
            ) from None
        finally:
            writing.stop()

    def _undo(self, writer: PartWriter, rows: QuarantineWriter) -> None:
        """Remove what an import wrote, unless its record is there: then it has not failed."""
        with suppress(OSError):
            rows.close()
        if (self.lake.root / "imports" / f"{writer.import_id}.json").exists():
            return
        writer.abandon()
        (self.lake.root / "quarantine" / f"{writer.import_id}.parquet").unlink(missing_ok=True)

    def _tidy(self, record: ImportRecord, writer: PartWriter) -> None:
        """Clear up behind a finished import. It counts already, whatever the disk says now."""
        shutil.rmtree(writer.staging, ignore_errors=True)
        for name in record.replaces:  # readers leave them out already
            with suppress(OSError):
                remove_import(self.lake, name)


def remove_import(lake: Lake, import_id: str) -> None:
    """Remove the files of an import that another one replaced."""
    for part in lake.root.glob(f"events/service=*/month=*/{import_id}-*.parquet"):
        part.unlink(missing_ok=True)
    (lake.root / "quarantine" / f"{import_id}.parquet").unlink(missing_ok=True)
    (lake.root / "imports" / f"{import_id}.json").unlink(missing_ok=True)


def _known_events(lake: Lake, source: str, without: set[str]) -> KnownEvents:
    known = KnownEvents()
    for record in lake.imports():
        if record.source == source and record.import_id not in without:
            for part in record.parts:
                ids = read_part(lake.root / part, ["event_id"])["event_id"]
                known.add(ids.combine_chunks().to_numpy())
    return known
