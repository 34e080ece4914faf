"""A phone in a real browser: without signal, started anew, cut off, full, taken away."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from invented_home import Home, HomeNote

from axe import assert_accessible
from browsing import browser, visit  # noqa: F401
from partnership import Partnership, make_partnership
from phone_browsing import PIN, says, session_of, set_up_phone, start_phone, unlock
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass
from triservice.offline.actions import syncing
from triservice.offline.actions.phones import revoke
from triservice.offline.models import Operation, Phone, Photo
from triservice.offline.rules import State

pytestmark = pytest.mark.browser
SECRETS = ("Rose Cottage", "14 Invented Lane", "Invented secret advice", "home.changed", PIN)
PICTURES = os.environ.get("TRISERVICE_SCREENSHOTS")
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c"
    "6360000002000001e221bc330000000049454e44ae426082"
)


@pytest.fixture
def made(transactional_db: None, invented: None) -> Partnership:
    made = make_partnership(roles=())
    Home.objects.create(
        owner=made.agencies["fire"], data_class=str(DataClass.HOUSEHOLD), name="Rose Cottage",
        said={"alarms": 0, "heating": "not known"},
    )  # fmt: skip
    return made


@pytest.fixture
def device(
    browser: Any,  # noqa: F811
    live_server: Any,
    made: Partnership,
    tmp_path: Path,
) -> Iterator[Callable[..., Any]]:
    """Return a function that starts a browser with a folder of its own, and opens the page."""
    running: list[Any] = []

    def started(name: str = "one", *, signed_in: bool = True, offline: bool = False) -> Any:
        officer = made.officer("fire") if signed_in else None
        page = start_phone(browser, tmp_path / name, live_server.url, officer, offline=offline)
        running.append(page.context)
        return page

    yield started
    for context in running:
        context.close()


def look(page: Any, name: str) -> None:
    """Hold a screen to the rules of access, and keep a picture of it where pictures are kept."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/offline-{name}.png", full_page=True)
    assert_accessible(page)


def set_up(page: Any, name: str = "My phone") -> None:
    set_up_phone(page, name)
    page.get_by_role("link", name="Rose Cottage").wait_for()


def change(page: Any, alarms: int) -> None:
    page.get_by_role("link", name="Rose Cottage").click()
    page.get_by_role("link", name="Change what is known").click()
    page.get_by_label("Smoke alarms fitted").fill(str(alarms))
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Your day").wait_for()


def raw(page: Any) -> str:
    """Return everything that the browser's own database holds, names and all, as text."""
    return str(
        page.evaluate(
            """async () => {
              const text = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value)
                ? String.fromCharCode(...new Uint8Array(value.buffer ?? value))
                : value !== null && typeof value === "object"
                  ? Object.entries(value).map(([k, v]) => k + "=" + text(v)).join(";")
                  : String(value);
              const asked = (request) => new Promise((done) => {
                request.onsuccess = () => done(request.result);
              });
              let found = "";
              for (const { name } of await indexedDB.databases()) {
                const database = await asked(indexedDB.open(name));
                for (const store of database.objectStoreNames) {
                  const rows = database.transaction(store).objectStore(store);
                  found += name + store + text(await asked(rows.getAllKeys()))
                    + text(await asked(database.transaction(store).objectStore(store).getAll()));
                }
                database.close();
              }
              for (const name of await caches.keys()) {
                for (const request of await (await caches.open(name)).keys()) {
                  const kept = await (await caches.open(name)).match(request);
                  found += request.url + await kept.text();
                }
              }
              return found;
            }"""
        )
    )


def on_disk(folder: Path) -> bytes:
    parts = [path for path in folder.rglob("*") if path.is_file() and "IndexedDB" in str(path)]
    assert parts
    return b"".join(path.read_bytes() for path in parts)


def test_a_visit_without_signal_through_reload_and_restart_is_done_once(
    device: Any, tmp_path: Path, live_server: Any
) -> None:
    page = device()
    look(page, "set-up")
    set_up(page)
    look(page, "day")
    page.context.set_offline(True)
    page.get_by_role("link", name="Rose Cottage").click()
    look(page, "item")
    page.get_by_role("link", name="Change what is known").click()
    page.get_by_role("button", name="Save").click()  # nothing is changed
    says(page, "nothing waiting")
    page.get_by_role("link", name="Rose Cottage").click()
    page.get_by_role("link", name="Change what is known").click()
    page.get_by_label("Smoke alarms fitted").fill("")
    assert not page.get_by_label("Why not?").is_visible()
    page.get_by_role("radio", name="No", exact=True).check()
    page.get_by_label("Why not?").fill("Invented: no money")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Answer: Smoke alarms fitted").wait_for()
    look(page, "missing")
    page.get_by_label("Advice given").fill("Invented secret advice")
    page.get_by_label("Smoke alarms fitted").fill("2")
    page.wait_for_timeout(1_000)  # the draft is kept
    page.reload()  # without signal
    look(page, "locked")
    unlock(page)  # and back where it was
    assert page.get_by_label("Advice given").input_value() == "Invented secret advice"
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Your day").wait_for()
    page.get_by_role("link", name="Rose Cottage").click()
    page.get_by_role("link", name="Write a note").click()
    page.get_by_label("What happened").fill("Invented note")
    photo = {"name": "a.png", "mimeType": "image/png", "buffer": PNG}
    page.get_by_label("Photographs").set_input_files(photo)
    page.get_by_role("button", name="Save").click()
    says(page, "2 things waiting")
    look(page, "waiting")
    held = raw(page)
    assert [secret for secret in SECRETS if secret in held] == []
    page.context.close()
    disk = on_disk(tmp_path / "one")
    assert [secret for secret in SECRETS if secret.encode() in disk] == []
    assert [secret for secret in SECRETS if secret.encode("utf-16-le") in disk] == []
    page = device(signed_in=False, offline=True)  # started anew, still without signal
    unlock(page)
    says(page, "2 things waiting")
    page.context.set_offline(False)
    says(page, "Signed out, 2 things waiting")  # the session ended with the browser
    page.context.add_cookies([session_of(Phone.objects.get().officer, live_server.url)])
    page.reload()
    unlock(page)
    says(page, "Everything is sent")
    said = {"alarms": 2, "heating": "no", "why_cold": "Invented: no money",
            "advice": "Invented secret advice"}  # fmt: skip
    assert Home.objects.get().said == said
    assert list(HomeNote.objects.values_list("text", flat=True)) == [
        f"Invented note [image/png, {len(PNG)} bytes]"
    ]
    assert Photo.objects.get().taken_at is not None
    assert set(Operation.objects.values_list("state", flat=True)) == {State.APPLIED}


@contextmanager
def answers_lost(page: Any, times: int) -> Iterator[list[int]]:
    """Let the server do its part and the phone never hear of it, some times; then all is well."""
    left = [times]

    def lose(route: Any) -> None:
        if left[0]:
            left[0] -= 1
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/offline/sync", lose)
    yield left


def dies_after_one(patch: pytest.MonkeyPatch) -> None:
    """Let the service die in the middle of what is sent, once: the first of it is done."""
    taken, calls = syncing._take, []

    def dying(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError("Invented: the service is killed")
        return taken(*args)

    patch.setattr(syncing, "_take", dying)


def test_a_network_that_flaps_a_service_that_dies_and_a_wrong_clock_do_nothing_twice(
    device: Any, made: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = device()
    dies_after_one(monkeypatch)
    page.clock.install()
    set_up(page)
    with answers_lost(page, 3) as left:
        for days, alarms in ((0, 1), (-1, 2), (2, 3)):
            page.clock.set_system_time(clock.now() + timedelta(days=days))
            if days < 2:
                change(page, alarms)
        for _ in range(8):
            if Operation.objects.count() == 2 and not left[0]:
                break
            page.clock.run_for(30_000)
            page.wait_for_timeout(500)
        page.clock.set_system_time(clock.now())
        page.reload()
        unlock(page)
        says(page, "Everything is sent")
    assert left == [0]
    assert Home.objects.get().said["alarms"] == 2
    first, second = Operation.objects.order_by("number")
    assert (first.payload["alarms"], second.payload["alarms"]) == (1, 2)
    assert second.made_at < first.made_at - timedelta(hours=20)  # as the phone's clock said


def test_two_phones_change_the_same_and_a_person_is_asked(device: Any) -> None:
    one, two = device("one"), device("two")
    for page, name in ((one, "First"), (two, "Second")):
        set_up(page, name)
        page.context.set_offline(True)
    change(one, 2)
    change(two, 3)
    for page in (one, two):
        page.context.set_offline(False)
        says(page, "Everything is sent")
    two.get_by_text("somebody else changed the same").wait_for()
    look(two, "told")
    assert Home.objects.get().said["alarms"] == 2
    row = Operation.objects.get(state=State.CONFLICT)
    assert (row.payload["alarms"], row.theirs["values"]["alarms"]) == (3, 2)


def counts(page: Any) -> Any:
    """Return how many records each store of the browser's database holds, by their names."""
    return page.evaluate("""() => new Promise((done) => {
      const request = indexedDB.open("triservice");
      request.onsuccess = () => {
        const names = [...request.result.objectStoreNames];
        const all = names.map((name) => new Promise((each) => {
          const count = request.result.transaction(name).objectStore(name).count();
          count.onsuccess = () => each(count.result);
        }));
        Promise.all(all).then(done);
      };
    })""")


def test_a_phone_that_is_taken_away_is_wiped_and_loses_nothing(
    device: Any, made: Partnership
) -> None:
    page = device()
    set_up(page)
    page.context.set_offline(True)
    change(page, 4)
    revoke(made.reader("fire"), Phone.objects.get().pk)
    page.reload()  # locked, and nobody types the PIN
    page.get_by_label("PIN of this phone").wait_for()
    refusing = "**/offline/hand-in"
    page.route(
        refusing, lambda route: route.fulfill(status=422, json={"said": "Not now, invented"})
    )
    page.context.set_offline(False)
    page.get_by_text("1 thing not yet sent lies here sealed").wait_for()
    page.get_by_text("Not now, invented").wait_for()
    look(page, "ended")
    assert counts(page) == [0, 1, 1]  # kept, plain, queue: forgotten only when the service holds it
    page.unroute(refusing)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.locator("[data-wiped]", has_text="1 thing not yet sent was handed in").wait_for()
    look(page, "wiped")
    assert counts(page) == [0, 0, 0]
    row = Operation.objects.get()
    assert (row.state, row.payload["alarms"], "revoked" in row.said) == (State.REFUSED, 4, True)
    assert Home.objects.get().said["alarms"] == 0
    phone = Phone.objects.get()
    assert phone.wiped_at is not None
    assert phone.sealed_key == ""


# A browser whose disk is full answers so at the first large record. A quota set from outside
# is not enforced in every build of Chromium.
FULL = """() => {
  window.putBefore = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (value, name) {
    if (value.data?.byteLength > 1e6) throw new DOMException("Invented", "QuotaExceededError");
    return window.putBefore.call(this, value, name);
  };
}"""


def test_a_phone_without_room_or_with_a_bad_photo_says_so_and_keeps_what_was_typed(
    device: Any, made: Partnership
) -> None:
    Home.objects.create(
        owner=made.agencies["fire"], data_class=str(DataClass.HOUSEHOLD), name="Heather House"
    )
    page = device()
    set_up(page)
    page.context.set_offline(True)
    page.get_by_role("link", name="Heather House").click()
    page.get_by_role("link", name="Write a note").click()
    page.get_by_label("What happened").fill("Invented long note")
    page.evaluate(FULL)
    none = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"GIF89a, invented"}
    page.get_by_label("Photographs").set_input_files(none)
    page.get_by_role("button", name="Save").click()
    page.get_by_text("a.jpg: this is no photograph").wait_for()
    photo = {"name": "a.png", "mimeType": "image/png", "buffer": PNG + bytes(3_000_000)}
    page.get_by_label("Photographs").set_input_files(photo)
    page.get_by_role("button", name="Save").click()
    page.get_by_text("This phone has no room left").wait_for()
    look(page, "full")
    assert page.get_by_label("What happened").input_value() == "Invented long note"
    says(page, "nothing waiting")  # and nothing of it is half kept
    page.evaluate("void (IDBObjectStore.prototype.put = window.putBefore)")
    page.get_by_role("button", name="Save").click()
    says(page, "1 thing waiting")
    change(page, 3)
    refusing = "**/offline/photos"
    page.route(refusing, lambda route: route.fulfill(status=422, json={"said": "Not yet"}))
    page.context.set_offline(False)
    page.get_by_text("Not yet").wait_for()
    says(page, "1 thing waiting")  # the note, whose photograph waits; all else went
    assert Home.objects.get(name="Rose Cottage").said["alarms"] == 3
    page.unroute(refusing)
    page.route(refusing, lambda route: route.fulfill(status=415, json={"said": "Never, invented."}))
    page.get_by_role("button", name="Send now").click()
    page.locator("[data-aside]", has_text="Never, invented.").wait_for()
    says(page, "Everything is sent")
    look(page, "aside")
    assert HomeNote.objects.get().text == "Invented long note"  # the note went without it
    before = counts(page)[0]
    page.get_by_role("button", name="Remove this photograph").click()
    page.locator("[data-aside]").wait_for(state="detached")
    assert counts(page)[0] == before - 1


def test_five_wrong_pins_need_a_sign_in_and_lose_nothing(device: Any) -> None:
    page = device()
    set_up(page)
    page.context.set_offline(True)
    change(page, 5)
    page.get_by_role("button", name="Lock").click()
    for left in ("4 tries", "3 tries", "2 tries", "1 try"):
        page.get_by_label("PIN of this phone").fill("wrong one")
        page.get_by_role("button", name="Open", exact=True).click()
        page.get_by_text(f"{left} left").wait_for()
    page.get_by_label("PIN of this phone").fill("wrong one")
    page.get_by_role("button", name="Open", exact=True).click()
    page.get_by_text("The PIN is gone after five wrong tries").wait_for()
    page.context.set_offline(False)
    page.get_by_label("Choose a new PIN").fill(PIN)
    page.get_by_label("The same again").fill(PIN)
    page.get_by_role("button", name="Open with a new PIN").click()
    says(page, "Everything is sent")
    assert Home.objects.get().said["alarms"] == 5
