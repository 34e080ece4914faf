"""Files on a case: what is taken, how it lies on the disk, who reads it, what a fault leaves."""

from __future__ import annotations

import errno
import io
import os
import re
import socket
import threading
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

import signing_in
from invented_photos import picture
from partnership import NOON, Partnership
from triservice.access.errors import Refused
from triservice.access.models import Disclosure
from triservice.casework.files import actions, jobs, rules, store
from triservice.casework.files.actions import Sent, add_file, remove_file
from triservice.casework.files.pictures import without_traces
from triservice.casework.files.queries import open_file
from triservice.casework.models import AnswerPart, Entry, File, Visit
from triservice.casework.visits import actions as visits
from triservice.casework.words import FileKind
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass as C
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key
from triservice.offline.actions.phones import set_up
from triservice.offline.actions.photos import add, begin, path_of, sweep
from triservice.offline.actions.syncing import take
from triservice.offline.models import Photo

CAME = picture()  # with where it was taken
JPEG = without_traces(CAME, FileKind.JPEG)
PDF = b"%PDF-1.7\n1 0 obj\nendobj\ntrailer\n%%EOF\n"
LETTER = Sent("Letter.txt", b"Invented: she sleeps badly", 26)


def office(main: str, *more: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as parts:
        parts.writestr("[Content_Types].xml", f'<Types><Override ContentType="{main}"/></Types>')
        for name in more:
            parts.writestr(name, "x")
    return content.getvalue()


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


def lying(files: Path) -> list[Path]:
    return [path for path in (files / "cases").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (JPEG, FileKind.JPEG),
        (b"\x89PNG\r\n\x1a\nrest", FileKind.PNG),
        (b"RIFF\0\0\0\0WEBPrest", FileKind.WEBP),
        (PDF, FileKind.PDF),
        ("Zoë\r\n\tsays".encode(), FileKind.TEXT),
        (office(WORD, "word/document.xml"), FileKind.WORD),
        (office(MACROS, "word/vbaProject.bin"), None),
        (office(WORD, "word/vbaProject.bin"), None),
        (office("text/plain"), None),
        (b"PK\x03\x04 and no more", None),
        (b"MZ\x90\0\x03", None),
        (b"%PDF-1.7 cut off", FileKind.TEXT),
        (b"GIF89a\x01\0", None),
        (b"", None),
    ],
)  # fmt: skip
def test_a_file_is_what_its_content_proves(content: bytes, kind: FileKind | None) -> None:
    assert rules.kind_of(content) == kind


@settings(max_examples=40)
@given(name=st.text(max_size=200), kind=st.sampled_from(list(FileKind)))
def test_a_name_is_safe_anywhere_and_says_what_the_file_is(name: str, kind: FileKind) -> None:
    clean = rules.clean_name(name, kind)
    assert re.fullmatch(r"[\w \-()]{1,80}\.[a-z]{3,4}", clean)
    assert clean.endswith(f".{rules.KINDS[kind].ending}")
    assert rules.clean_name(clean, kind) == clean


@settings(max_examples=40)
@given(content=st.binary(max_size=300))
def test_no_content_breaks_the_rules(content: bytes) -> None:
    for head in (b"", b"PK\x03\x04", b"%PDF-"):
        rules.kind_of(head + content)


def test_a_name_says_what_the_file_is_and_not_what_it_claims() -> None:
    assert rules.clean_name(r"C:\me\pic.jpg.exe", FileKind.TEXT) == "pic jpg.txt"
    assert rules.clean_name("../../etc/passwd", FileKind.PDF) == "passwd.pdf"
    assert rules.clean_name("\u202egpj.exe", FileKind.TEXT) == "gpj.txt"


def test_a_file_lies_sealed_and_opens_by_the_terms_with_a_disclosure(
    officer: Reader, case: int, town: Partnership, files: Path
) -> None:
    add_file(officer, case, LETTER, "health")
    row = File.objects.get()
    (path,) = lying(files)
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"sleeps" not in path.read_bytes()
    assert (row.name, row.scan, row.owner_id) == ("Letter.txt", "not scanned", officer.agency)
    found = open_file(officer, case, row.pk)
    assert (found.data, found.content_type) == (LETTER.content, "text/plain; charset=utf-8")
    told = Disclosure.objects.latest("seq")
    assert (told.doing, "casework.file" in told.what) == ("open a file", True)
    police = town.reader("police")
    with pytest.raises(Refused):
        open_file(police, case, row.pk)  # the case is open to them, health is not
    town.term("fire", "police", [C.HEALTH], fields=["name"])
    with pytest.raises(Refused):
        open_file(town.reader("police"), case, row.pk)
    town.term("fire", "police", [C.HEALTH])
    assert open_file(town.reader("police"), case, row.pk).data == LETTER.content
    with pytest.raises(Refused):
        open_file(town.reader("council"), case, row.pk)


def test_contents_that_were_exchanged_or_changed_do_not_open(
    officer: Reader, case: int, files: Path
) -> None:
    add_file(officer, case, LETTER, "risk")
    add_file(officer, case, Sent("b.txt", b"Another", 7), "risk")
    first, second = (store._path(row.content) for row in File.objects.order_by("pk"))
    first.write_bytes(second.read_bytes())
    second.unlink()
    for row in File.objects.all():
        with pytest.raises(InputError, match="missing or damaged"):
            open_file(officer, case, row.pk)


def test_the_same_content_is_kept_once_and_a_removed_file_keeps_its_row(
    officer: Reader, case: int, files: Path, town: Partnership
) -> None:
    assert add_file(officer, case, LETTER, "risk") == add_file(officer, case, LETTER, "risk")
    row = File.objects.get()
    assert len(lying(files)) == 1
    with pytest.raises(InputError, match="why"):
        remove_file(officer, case, row.pk, " ")
    remove_file(officer, case, row.pk, "Of somebody else")
    with pytest.raises(InputError, match="already"):
        remove_file(officer, case, row.pk, "Again")
    with pytest.raises(Refused):
        open_file(officer, case, row.pk)
    entry = Entry.objects.get(verb="remove file")
    assert (entry.text, entry.why) == ("File removed: Letter.txt", "Of somebody else")
    assert jobs.sweep() == 0
    age(files, timedelta(days=3))
    with clock.frozen(NOON + timedelta(days=2)):
        assert jobs.sweep() == 1
    assert (lying(files), File.objects.count()) == ([], 1)


def age(files: Path, by: timedelta) -> None:
    """Let what lies there have been written so long before noon."""
    at = (NOON - by).timestamp()
    for path in lying(files):
        os.utime(path, (at, at))


@pytest.mark.parametrize("where", ["write", "row"])
def test_a_fault_leaves_no_row_and_no_content(
    officer: Reader, case: int, files: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if where == "write":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(actions, "note", full)
    with pytest.raises((InputError, OSError), match=r"[Nn]o (room|space)"):
        add_file(officer, case, LETTER, "risk")
    assert (File.objects.count(), lying(files)) == (0, [])


def test_content_of_a_process_killed_before_its_row_is_swept_and_none_other(
    officer: Reader, case: int, files: Path
) -> None:
    add_file(officer, case, LETTER, "risk")
    store.keep(b"and then it was killed", new_key())
    age(files, timedelta(hours=1))
    assert jobs.sweep() == 0  # its row may still come
    age(files, timedelta(days=2))
    assert jobs.sweep() == 1
    assert open_file(officer, case, File.objects.get().pk).data == LETTER.content


def test_keys_are_sealed_with_the_new_secret_so_that_the_old_can_go(
    officer: Reader, case: int, settings: Any
) -> None:
    add_file(officer, case, LETTER, "risk")
    pk, old = File.objects.get().pk, settings.SECRET_KEY
    assert jobs.seal_anew() == 0
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another secret", [old]
    assert jobs.seal_anew() == 1
    settings.SECRET_KEY_FALLBACKS = []
    assert open_file(officer, case, pk).data == LETTER.content
    settings.SECRET_KEY = "a third"
    with pytest.raises(InputError, match="no longer known"):
        open_file(officer, case, pk)


@pytest.fixture
def scanner(settings: Any, tmp_path: Path) -> Iterator[dict[str, bytes]]:
    """A clamd that takes INSTREAM and answers what the test says; `came` is what it was sent."""
    heard: dict[str, bytes] = {"answer": b"stream: OK\0"}
    listening = socket.socket(socket.AF_UNIX)
    settings.CLAMD = str(tmp_path / "clamd")
    listening.bind(settings.CLAMD)
    listening.listen()

    def serve() -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            with line, line.makefile("rb") as said:
                assert said.read(10) == b"zINSTREAM\0"
                came = b""
                while length := int.from_bytes(said.read(4), "big"):
                    came += said.read(length)
                heard["came"] = came
                line.sendall(heard["answer"])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield heard
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(5)


def test_a_file_with_a_virus_is_refused_and_that_is_recorded(
    officer: Reader, case: int, scanner: dict[str, bytes], files: Path
) -> None:
    large = Sent("a.txt", b"clean " * 20_000, 120_000)
    add_file(officer, case, large, "risk")
    assert (scanner["came"], File.objects.get().scan) == (large.content, "scanned")
    scanner["answer"] = b"stream: Invented.Virus FOUND\0"
    with pytest.raises(InputError, match=r"Invented\.Virus"):
        add_file(officer, case, LETTER, "risk")
    assert "Invented.Virus" in Entry.objects.get(verb="refuse file").text
    for answer in (b"INSTREAM size limit exceeded. ERROR\0", b""):
        scanner["answer"] = answer
        with pytest.raises(InputError, match="does not answer"):
            add_file(officer, case, LETTER, "risk")
    assert (File.objects.count(), len(lying(files))) == (1, 1)


def signed_in(town: Partnership) -> Client:
    return signing_in.sign_in(Client(), town.officer("fire"))


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "text/html")


def test_a_file_is_added_listed_sent_safely_and_removed_on_pages(
    town: Partnership, officer: Reader, case: int
) -> None:
    client, base = signed_in(town), f"/casework/cases/{case}"
    said = {"data_class": "risk", "marking": "sensitive"}
    assert "not scanned" in client.get(f"{base}/add-file").content.decode()
    wrong = client.post(f"{base}/add-file", said | {"file": upload("a.exe", b"MZ\x90\0")})
    assert (wrong.status_code, b"a kind that is not taken" in wrong.content) == (422, True)
    assert client.post(f"{base}/add-file", said).status_code == 422
    page = upload("Zoë's.html", b"<script>alert(1)</script>")
    assert client.post(f"{base}/add-file", said | {"file": page}).status_code == 302
    row = File.objects.get()
    shown = client.get(base).content.decode()
    assert all(words in shown for words in ("Zoë s.txt", "not scanned", "official-sensitive"))
    sent = client.get(f"{base}/files/{row.pk}")
    assert sent.content == b"<script>alert(1)</script>"
    assert sent["Content-Type"] == "text/plain; charset=utf-8"
    assert sent["Content-Disposition"].startswith("attachment; filename")
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert sent["Content-Security-Policy"] == "default-src 'none'; sandbox"
    store.drop(row.content)
    assert client.get(f"{base}/files/{row.pk}").status_code == 410
    gone = client.post(f"{base}/remove-file/{row.pk}", {"why": "Of somebody else"})
    assert gone.status_code == 302
    assert client.get(f"{base}/files/{row.pk}").status_code == 404
    assert "File removed" in client.get(base).content.decode()


@pytest.fixture
def planned(officer: Reader, case: int) -> int:
    at = NOON + timedelta(hours=1)
    return visits.plan(officer, case, at, key=new_key(), officer=officer.officer)


def test_photos_of_a_visit_s_form_are_kept_with_its_answers(
    town: Partnership, officer: Reader, case: int, planned: int
) -> None:
    client, base = signed_in(town), f"/casework/cases/{case}/visits/{planned}"
    assert 'enctype="multipart/form-data"' in client.get(f"{base}/record").content.decode()
    two = [upload("1.jpg", CAME), upload("2.jpg", picture(quality=20))]
    made_up = str(new_key())
    draft = {"draft": "1", "photos": two, "photos.kept": [made_up]}
    assert client.post(f"{base}/record", draft).status_code == 302
    keys = sorted(str(key) for key in File.objects.values_list("key", flat=True))
    drafted = AnswerPart.objects.get(submission=Visit.objects.get().draft)
    assert (drafted.data_class, sorted(drafted.answers["photos"])) == ("household", keys)
    again = {"alarms": "no", "photos.kept": keys, "photos": [upload("x.jpg", b"no photo")]}
    wrong = client.post(f"{base}/record", again)
    assert (wrong.status_code, b"a kind that is not taken" in wrong.content) == (422, True)
    assert "2 photos kept already" in wrong.content.decode()
    many = [upload(f"{n}.jpg", picture(quality=30 + n)) for n in range(6)]
    wrong = client.post(f"{base}/record", again | {"photos": many})
    assert (wrong.status_code, b"too many files" in wrong.content) == (422, True)
    assert File.objects.count() == 7
    assert "Photo, 1 KB" in client.get(base).content.decode()


def test_a_photo_that_came_from_a_phone_is_a_file_of_the_case(
    officer: Reader, case: int, planned: int, files: Path
) -> None:
    phone, visit = set_up(officer, "Phone")[0], Visit.objects.get()
    number = UUID(int=int(NOON.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62)
    begin(officer, phone.key, number, sha256(CAME).hexdigest(), len(CAME))
    add(officer, phone.key, number, 0, CAME)
    at = NOON.isoformat()
    said = {"alarms": "no", "photos": [str(number)], "photos sent": [str(number)],
            "form opened": at, "form saved": at}  # fmt: skip
    done = {"number": str(UUID(int=number.int + 1)), "kind": "visit.recorded", "payload": said,
            "about": f"visit {visit.key}", "base": {"version": 0, "values": {}},
            "made_at": at}  # fmt: skip
    (outcome,) = take(officer, phone.key, [done])
    assert outcome.state == "applied", outcome.said
    row = File.objects.get()
    assert (row.key, row.question, row.data_class) == (number, "photos", "household")
    assert open_file(officer, case, row.pk).data == JPEG
    came = path_of(Photo.objects.get())
    assert (came.exists(), sweep(), came.exists()) == (True, 1, False)
