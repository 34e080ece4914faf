"""Which files an import reads: files as named, folders by what the mapping fits."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from triservice.analysis.lake.file_text import SUFFIXES, base_name, check_readable
from triservice.analysis.lake.header import find_columns
from triservice.analysis.lake.mapping import Mapping
from triservice.analysis.lake.reading import TableFile
from triservice.kernel.errors import InputError


@dataclass
class Found:
    """Files to import, in order of their names, and those of the folders that do not fit."""

    files: list[Path] = field(default_factory=list)
    ignored: dict[str, str] = field(default_factory=dict)  # file → why


def find_files(paths: list[Path], mapping: Mapping) -> Found:
    """Return the files of `paths`: each file that is named, and what fits in each folder.

    In a folder, searched with its sub-folders, a file fits when its name matches the mapping's
    pattern or, when there is none, when its header has the columns. Raises InputError for a path
    that does not exist and when nothing fits.
    """
    if not paths:
        raise InputError("no file is given", do="Name files or folders to import.")
    found = Found()
    for path in paths:
        if not path.exists():
            raise InputError("there is no such file or folder", file=path, do="Check the path.")
        if path.is_dir():
            _search(path, mapping, found)
        else:
            found.files.append(path)
    found.files = list(dict.fromkeys(found.files))
    if not found.files:
        wanted = " or ".join(mapping.file.pattern) or "a table with the mapping's columns"
        raise InputError(
            f"no file in it fits {mapping.name} ({wanted})",
            file=", ".join(map(str, paths)),
            do="Name the files themselves, or correct pattern in the mapping.",
        )
    return found


def _search(folder: Path, mapping: Mapping, found: Found) -> None:
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or any(p.startswith(".") for p in path.relative_to(folder).parts):
            continue
        reason = _unfit(path, mapping)
        if reason:
            found.ignored[str(path)] = reason
        else:
            found.files.append(path)


def _unfit(path: Path, mapping: Mapping) -> str:
    name = base_name(path)
    if mapping.file.pattern:
        if any(fnmatch(name, pattern) for pattern in mapping.file.pattern):
            return ""
        return f"its name does not match {' or '.join(mapping.file.pattern)}"
    if not name.lower().endswith(SUFFIXES):
        return "it is not a .csv, .tsv, .txt or .xlsx file"
    try:
        check_readable(path)
        table = TableFile(path, mapping.file)
        table.open(mapping.columns())
    except InputError as error:
        return error.what
    missing = find_columns(table.header, mapping.columns())[1]
    return f"its header lacks {', '.join(missing)}" if missing else ""
