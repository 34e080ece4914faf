"""What a file may be, as its content proves, and what it is called. Pure."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from triservice.casework.words import FileKind
from triservice.kernel.errors import InputError

LONGEST = 80  # letters of a name without its ending
TYPES_READ = 1024 * 1024  # bytes of an Office document's list of its parts
NOTHING = "The file was not kept"
ALLOWED = "JPEG, PNG or WebP images, PDF, plain text, or Word, Excel and PowerPoint without macros"


@dataclass(frozen=True, slots=True)
class Told:
    """How a kind is sent, what its name ends in, and what people call it."""

    content_type: str
    ending: str
    said: str


_OFFICE = "application/vnd.openxmlformats-officedocument."
KINDS: dict[FileKind, Told] = {
    FileKind.JPEG: Told("image/jpeg", "jpg", "photo"),
    FileKind.PNG: Told("image/png", "png", "picture"),
    FileKind.WEBP: Told("image/webp", "webp", "picture"),
    FileKind.PDF: Told("application/pdf", "pdf", "PDF"),
    FileKind.TEXT: Told("text/plain; charset=utf-8", "txt", "text"),
    FileKind.WORD: Told(f"{_OFFICE}wordprocessingml.document", "docx", "Word document"),
    FileKind.EXCEL: Told(f"{_OFFICE}spreadsheetml.sheet", "xlsx", "Excel workbook"),
    FileKind.POWERPOINT: Told(
        f"{_OFFICE}presentationml.presentation", "pptx", "PowerPoint presentation"
    ),
}
IMAGES = (FileKind.JPEG, FileKind.PNG, FileKind.WEBP)


def _pdf(content: bytes) -> bool:
    return content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]


def _text(content: bytes) -> bool:
    """Whether it is UTF-8 of letters and lines: no other control character is in a plain text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not re.search(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]", text)


def _office(kind: FileKind) -> Callable[[bytes], bool]:
    """Return whether a document's own list of parts says that its main part is of a kind.

    One with macros has a main part of another type, and a part that holds them: both are refused.
    """
    main = f'ContentType="{KINDS[kind].content_type}.main+xml"'.encode()

    def proves(content: bytes) -> bool:
        if not content.startswith(b"PK\x03\x04"):
            return False
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as parts:
                names = [name.lower() for name in parts.namelist()]
                with parts.open("[Content_Types].xml") as listed:
                    types = listed.read(TYPES_READ)
        except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, RuntimeError, OSError,
                EOFError):  # fmt: skip
            return False
        macros = b"macroEnabled" in types or any(name.endswith(".bin") for name in names)
        return main in types and not macros

    return proves


PROOFS: tuple[tuple[FileKind, Callable[[bytes], bool]], ...] = (
    (FileKind.JPEG, lambda c: c.startswith(b"\xff\xd8\xff")),
    (FileKind.PNG, lambda c: c.startswith(b"\x89PNG\r\n\x1a\n")),
    (FileKind.WEBP, lambda c: c[:4] == b"RIFF" and c[8:12] == b"WEBP"),
    (FileKind.PDF, _pdf),
    *((kind, _office(kind)) for kind in (FileKind.WORD, FileKind.EXCEL, FileKind.POWERPOINT)),
    (FileKind.TEXT, _text),
)


def kind_of(content: bytes) -> FileKind | None:
    """Return what a file is by its content alone; None for what is not taken."""
    return next((kind for kind, proves in PROOFS if content and proves(content)), None)


def checked(content: bytes, size: int, most: int, *, image: bool = False) -> FileKind:
    """Return the kind of a file that is taken. Raises InputError.

    `size` is how large it was when it came: of one that is too large, the content was not kept.
    """
    if size > most:
        raise InputError(f"The file is larger than {most // 1024**2} MB", kept=NOTHING)
    if len(content) != size:
        raise InputError("There were too many files", kept=NOTHING, do="Send the others after")
    if not content:
        raise InputError("The file is empty", kept=NOTHING, do="Choose another")
    kind = kind_of(content)
    if kind is None or (image and kind not in IMAGES):
        wanted = "a JPEG, PNG or WebP image" if image else ALLOWED
        raise InputError(
            "The file is of a kind that is not taken", kept=NOTHING, do=f"Send {wanted}"
        )
    return kind


def clean_name(name: str, kind: FileKind) -> str:
    """Return a name that is safe anywhere, with the ending of what the file is.

    Letters, digits, spaces and a few signs are kept; folders, control and direction signs are not.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    stem = last.rpartition(".")[0] or last
    kept = "".join(c if c.isalnum() or c in " -_()" else " " for c in stem)
    plain = " ".join(kept.split())[:LONGEST].strip()
    return f"{plain or 'file'}.{KINDS[kind].ending}"


def size_said(size: int) -> str:
    """Return a size in bytes as people say it."""
    if size < 1024**2:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / 1024**2:.1f} MB"
