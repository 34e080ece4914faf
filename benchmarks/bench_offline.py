"""An officer's day of ten visits without signal, sent; and what a phone loads for a form.

    python benchmarks/bench_offline.py
    python tests/postgres.py python benchmarks/bench_offline.py
    BENCH_PHOTO_MB=4 BENCH_PHOTOS=20 python benchmarks/bench_offline.py

`triservice serve` runs as it does for officers, and one phone speaks to it over HTTP as the
browser's script does, one request after the other: it is set up, takes the day along, and in the
evening sends each photograph in pieces and then everything that was done. The line is this
machine's own, so what is measured is the service, not the signal; how long a line of 4 Mbit/s would
take for the bytes is said beside it. Goal: 2 s for all of it.

Then the pages with a form, as a warm phone loads them: every style, script and font is in its cache
(they are served once and kept), and the page itself comes anew. Goal: 100 kB on the line.
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
import os
import re
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from functools import cache
from hashlib import sha256
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from uuid import UUID

from load import cookie, server

PARSER = argparse.ArgumentParser(description="The sync of a day, and what a form page weighs")
PARSER.add_argument("--times", type=int, default=5, help="days that are sent, each by itself")
FOLDER = Path(os.environ.get("BENCH_FOLDER") or tempfile.mkdtemp(prefix="triservice-bench-"))
VISITS = 10
PHOTOS = int(os.environ.get("BENCH_PHOTOS", "5"))  # of a day
PHOTO_BYTES = int(float(os.environ.get("BENCH_PHOTO_MB", "2.5")) * 1e6)  # about
PIECE = 256_000  # bytes of a photograph at a time, as in offline/phone.js
LINE = 4e6 / 8  # bytes a second of a slow line
GOAL, FORM_GOAL = 2.0, 100_000  # seconds; bytes on the line
SCHEME = "home-fire-safety"
os.environ["DJANGO_SETTINGS_MODULE"] = "triservice.web.settings"
os.environ["TRISERVICE_PAGES_PER_MINUTE"] = "10000"  # one officer sends several days at once here
os.environ.setdefault("TRISERVICE_DATA", str(FOLDER))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

REFERRED = {
    "agreed": "yes", "officer_danger": "no", "why": "Rooms are full; a neighbour smelt smoke",
    "outside_area": "no", "business_premises": "no", "smokers": "yes", "alarms": "none",
}  # fmt: skip
VISITED = {
    "immediate_danger": "no", "smokers": "yes", "cannot_escape": "no", "fire_conditions": ["none"],
    "alarms": "none", "alarms_fitted": 2, "clutter_living_room": 6, "clutter_kitchen": 5,
    "clutter_bedroom": 7, "care_needs": "yes", "abuse_or_neglect": "no", "escape_plan": "no",
    "advice": "Test the alarms each week, and keep the way to the door free. " * 4,
}  # fmt: skip


def plan_days(days: int) -> tuple[Any, list[list[Any]]]:
    """Make a partnership and, for each day, ten planned visits of one officer, by the usual doors.

    Return the officer and the visits of each day.
    """
    from partnership import make_partnership
    from triservice.casework.models import Visit
    from triservice.casework.referrals.actions import refer
    from triservice.casework.triage.actions import accept
    from triservice.casework.visits.actions.doing import plan
    from triservice.kernel import clock
    from triservice.kernel.access_words import Role
    from triservice.kernel.keys import new_key

    made, now = make_partnership(), clock.now()
    sender, reader = (
        made.reader(kind, role, at=now)
        for kind, role in (("police", Role.REFERRER), ("fire", Role.OFFICER))
    )
    found: list[list[Any]] = []
    for number in range(days * VISITS):
        given = REFERRED | {
            "person": {"name": f"Invented Person{number}", "born": f"19{30 + number % 50}-03-12"},
            "address": {"line": f"{number} Invented Lane, Nowhere", "postcode": "ZZ1 1AA"},
        }
        sent = refer(sender, new_key(), SCHEME, given, to=made.agencies["fire"].pk)
        case = accept(reader, sent.referral, officer=reader.officer)
        day, place = divmod(number, VISITS)
        at = clock.now() + timedelta(days=day, minutes=place)
        pk = plan(reader, case, at, key=new_key(), officer=reader.officer)
        if place == 0:
            found.append([])
        found[-1].append(Visit.objects.get(pk=pk))
    return made.officer("fire"), found


class Phone:
    """A phone on the line: its session, its key and its numbers, as the browser's script has."""

    def __init__(self, port: int, session: str) -> None:
        """Open a line with a session."""
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies = {"triservice-session": session}
        self.key, self.csrf, self.last = "", "", 0
        self.out = self.back = self.requests = 0  # bytes on the line, and requests

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> bytes:
        """Send a request and return what comes back; anything but a 200 stops the benchmark."""
        headers = {"Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items()),
                   "Accept-Encoding": "gzip", "X-CSRFToken": self.csrf}  # fmt: skip
        if kind:
            headers["Content-Type"] = kind
        if self.key:
            headers["Triservice-Phone"] = self.key
        self.line.request(method, path, body, headers)
        answer = self.line.getresponse()
        came = answer.read()
        assert answer.status == 200, f"{path}: {answer.status} {came[:300]!r}"
        for said in answer.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: one.value for name, one in SimpleCookie(said).items()}
        self.requests += 1
        self.out += len(body or b"") + len(str(headers))
        self.back += len(came) + len(str(answer.headers))
        return came

    def post(self, name: str, said: Any) -> Any:
        """Send JSON to the offline room, and return the JSON that comes back."""
        body = json.dumps(said).encode()
        return json.loads(self.ask("POST", f"/offline/{name}", body, "application/json"))

    def contact(self) -> None:
        """Ask how things stand, as a phone does before anything else."""
        self.csrf = json.loads(self.ask("GET", "/offline/contact"))["csrf"]

    def number(self) -> str:
        """Return the next UUIDv7."""
        self.last = max(int(time.time() * 1000), self.last + 1)
        value = self.last << 80 | 7 << 76 | secrets.randbits(12) << 64
        return str(UUID(int=value | 0b10 << 62 | secrets.randbits(62)))

    def photo(self, number: str, content: bytes) -> None:
        """Send a photograph in pieces."""
        said = {"number": number, "sha256": sha256(content).hexdigest(), "size": len(content)}
        received = self.post("photos", said)["received"]
        while received < len(content):
            piece = content[received : received + PIECE]
            path = f"/offline/photos/{number}/{received}"
            came = self.ask("POST", path, piece, "application/octet-stream")
            received = json.loads(came)["received"]


@cache
def photograph() -> bytes:
    """Return a JPEG of noise, about as large as asked for: a byte a pixel or so."""
    from PIL import Image

    side, content = int(PHOTO_BYTES**0.5), io.BytesIO()
    Image.effect_noise((side, side), 100).save(content, "JPEG", quality=92)
    return content.getvalue()


def another(photo: bytes, number: str) -> bytes:
    """Return the photograph with a comment, so that no two are the same."""
    comment = number.encode()
    return photo[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + photo[2:]


def done_at(visits: list[Any], phone: Phone) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """Return what was done on a day, and its photographs by number."""
    from triservice.kernel import clock

    operations, photos = list[dict[str, Any]](), dict[str, bytes]()
    at = clock.now().isoformat()

    def do(kind: str, visit: Any, said: dict[str, Any], base: Any = None) -> None:
        payload = said | {"form opened": at, "form saved": at}
        operations.append({
            "number": phone.number(), "kind": kind, "about": f"visit {visit.key}",
            "payload": payload, "base": base, "made_at": at,
        })  # fmt: skip

    for place, visit in enumerate(visits):
        own = [phone.number() for _ in range(PHOTOS // VISITS + (place < PHOTOS % VISITS))]
        photos |= {each: another(photograph(), each) for each in own}
        seen = {"photos": own, "photos sent": own, "photos agreed": "yes"} if own else {}
        do("visit.recorded", visit, VISITED | seen, {"version": 0, "values": {}})
        for room in ("Hall", "Landing"):
            fitted = {"kind": "smoke-alarm", "place": room, "serial": f"{place}{room}"}
            do("visit.fitted", visit, fitted)
        do("note.written", visit, {"text": "A neighbour has a key. " * 8, "contact": "yes"})
    return operations, photos


def worked() -> float:
    """Return the seconds of processor time of the service so far; not of a database's server."""
    ours, ticks = (str(os.getpgrp()), str(os.getpid())), 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            told = path.read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
            if told[2] == ours[0] and path.parent.name != ours[1]:
                ticks += int(told[11]) + int(told[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def send(phone: Phone, visits: list[Any]) -> tuple[float, float]:
    """Send a day as a phone does at its next signal; return seconds of photographs and in all."""
    operations, photos = done_at(visits, phone)
    phone.line.close()  # the evening has a line of its own; the service lets an idle one go
    begun = time.perf_counter()
    phone.contact()
    for number, content in photos.items():
        phone.photo(number, content)
    came = time.perf_counter() - begun
    outcomes = phone.post("sync", {"operations": operations})["outcomes"]
    whole = time.perf_counter() - begun
    wrong = {each["said"] or each["state"] for each in outcomes if each["state"] != "applied"}
    assert not wrong, wrong
    assert len(outcomes) == len(operations)
    return came, whole


def sync(phone: Phone, days: list[list[Any]]) -> None:
    """Set the phone up, take the day along, send each day, and say what it took."""
    phone.contact()
    phone.key = phone.post("set-up", {"name": "Phone"})["phone"]
    begun, before = time.perf_counter(), phone.back
    packed = phone.post("pack", {})
    items = {part["name"]: len(part["items"]) for part in packed["parts"]}
    print(
        f"  taking along {items['visits']} visits: {time.perf_counter() - begun:.2f} s, "
        f"{(phone.back - before) / 1e3:.0f} kB"
    )
    best = None
    for visits in days:
        before, asked, work = phone.out + phone.back, phone.requests, worked()
        came, whole = send(phone, visits)
        work = worked() - work
        moved, asked = phone.out + phone.back - before, phone.requests - asked
        if best is None or whole < best[1]:
            best = came, whole
        print(
            f"  sync of {len(visits)} visits, {PHOTOS} photos of {len(photograph()) / 1e6:.1f} MB: "
            f"{whole:.2f} s, of it photos {came:.2f} s and the rest {whole - came:.2f} s; "
            f"the service worked {work:.2f} s; "
            f"{moved / 1e6:.1f} MB in {asked} requests ({moved / LINE:.0f} s at 4 Mbit/s)"
        )
    assert best is not None
    met = "met" if best[1] <= GOAL else "NOT met"
    print(f"  the quickest: {best[1]:.2f} s; goal of {GOAL:.0f} s {met}")


def form_pages(phone: Phone, visit: Any) -> Iterator[tuple[str, str]]:
    """Give the pages with forms that officers open, by name."""
    base = f"/casework/cases/{visit.case_id}/visits/{visit.pk}"
    yield "record a visit", f"{base}/record"
    yield "note on a case", f"/casework/cases/{visit.case_id}/note"
    chosen = phone.ask("GET", "/casework/refer")
    if phone.cookies and (found := re.search(rb'href="(/casework/refer/[^"]+)"', _plain(chosen))):
        yield "refer", found[1].decode()


def _plain(came: bytes) -> bytes:
    import gzip

    return gzip.decompress(came) if came[:2] == b"\x1f\x8b" else came


def weigh(phone: Phone, visit: Any) -> None:
    """Say what each form's page weighs on the line, warm and at the first visit."""
    for name, path in form_pages(phone, visit):
        before = phone.back
        page = _plain(phone.ask("GET", path))
        warm = phone.back - before
        static = set(re.findall(rb'(?:src|href)="(/static/[^"]+)"', page))
        before = phone.back
        for each in static:
            phone.ask("GET", each.decode())
        met = "met" if warm <= FORM_GOAL else "NOT met"
        print(
            f"  page “{name}”: {warm / 1e3:.1f} kB on a warm phone ({len(page) / 1e3:.1f} kB of "
            f"HTML); goal of {FORM_GOAL // 1000} kB {met}; at the first visit "
            f"{(phone.back - before) / 1e3:.0f} kB more of {len(static)} files that are kept"
        )


def main() -> None:
    asked = PARSER.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    if "TRISERVICE_DATABASE" not in os.environ:
        os.environ["TRISERVICE_DATABASE"] = str(Path(tempfile.mkdtemp(dir=FOLDER)) / "day.sqlite3")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    officer, days = plan_days(asked.times + 1)
    session = cookie(officer)
    print(f"{connection.vendor}; load of the machine {os.getloadavg()[0]:.1f}")
    connection.close()
    with server(FOLDER / "server.log", 2, 4) as port:
        phone = Phone(port, session)
        sync(phone, days[:-1])
        weigh(phone, days[-1][0])


if __name__ == "__main__":
    sys.exit(main())
