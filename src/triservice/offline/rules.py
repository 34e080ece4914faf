"""What offline work stands on: order, merging, limits, what a phone is told. Pure; no Django."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from triservice.kernel.access_words import Reader, Role
from triservice.kernel.errors import InputError

Values = Mapping[str, Any]
BATCH = 100  # operations in one request
LARGEST = 64_000  # bytes of one operation as JSON
PACK_BYTES = 8_000_000  # of a whole pack as JSON
PHOTO_BYTES = 12_000_000  # of a whole photograph
PHOTOS_BYTES = 400_000_000  # of one phone's photographs that no operation has taken yet
PHOTO_KEPT = timedelta(days=90)  # that none has taken: what names it was refused, or never came
PIECE_BYTES = 512_000  # of a photograph in one request
PHONES = 3  # that one officer works with at a time
LAST_MOMENT = 253_402_300_799_999  # milliseconds: the end of the year 9999
ABSENT = "\x00absent"  # told from None, which is a value


class State(StrEnum):
    """How an operation stands."""

    APPLIED = "applied"
    CONFLICT = "conflict"  # both versions are kept and a person chooses
    REFUSED = "refused"  # kept with a sentence; a person looks
    SETTLED = "settled"  # a person chose
    LET_GO = "let go"  # a person said why it need not be done; it stays on the record


WAITING = frozenset({State.CONFLICT, State.REFUSED})


class Ended(StrEnum):
    """Why a phone is nobody's any more."""

    SIGNED_OUT = "signed out"
    REVOKED = "revoked"
    LEFT = "left"


REVOKERS = frozenset({Role.TEAM_LEADER, Role.DATA_PROTECTION_LEAD, Role.ADMINISTRATOR})


def may_revoke(reader: Reader, officer: int, agency: int) -> bool:
    """Whether a reader may take away a phone of an officer who acts for an agency."""
    if officer == reader.officer or Role.ADMINISTRATOR in reader.roles:
        return True
    return bool(REVOKERS & reader.roles) and agency == reader.agency


class Order(StrEnum):
    """What a phone is told at each contact."""

    KEEP = "keep"
    DROP = "drop"  # the pack goes, what waits to be sent stays
    WIPE = "wipe"  # hand in what waits, then forget everything
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sent:
    """An operation as a phone sends it. `base` is what the phone saw before: None where new."""

    number: UUID
    kind: str
    about: str
    payload: dict[str, Any]
    base: dict[str, Any] | None
    made_at: datetime

    @property
    def sha256(self) -> str:
        """Return the digest by which the same operation is known again."""
        said = [str(self.number), self.kind, self.about, self.payload, self.base]
        packed = json.dumps([*said, self.made_at.isoformat()], sort_keys=True, ensure_ascii=False)
        return sha256(packed.encode()).hexdigest()


SHAPE: Mapping[str, tuple[type, ...]] = {
    "number": (str,),
    "kind": (str,),
    "about": (str,),
    "payload": (dict,),
    "base": (dict, type(None)),
    "made_at": (str,),
}


def read_operation(said: Any) -> Sent:
    """Return an operation from JSON. Raises InputError naming the field that is not right."""
    if not isinstance(said, dict):
        raise InputError("An operation is an object")
    for name, kinds in SHAPE.items():
        if not isinstance(said.get(name, ABSENT), kinds) or said.get(name) == ABSENT:
            raise InputError("is missing or of another kind", field=name)
    if unknown := sorted(set(said) - set(SHAPE)):
        raise InputError(f"is not known: {', '.join(map(str, unknown))[:80]}", field="operation")
    if len(json.dumps(said)) > LARGEST:
        raise InputError(
            f"is larger than {LARGEST:,} bytes", field="payload", do="Send photos apart"
        )
    base = said["base"]
    if base is not None and not (
        set(base) == {"version", "values"} and isinstance(base["values"], dict)
    ):
        raise InputError("has not a version and values", field="base")
    if not 0 < len(said["kind"]) <= 60 or len(said["about"]) > 80:
        raise InputError("is empty or too long", field="kind")
    if "\\u0000" in json.dumps(said):
        raise InputError("holds a character that no database keeps", field="payload")
    number, made_at = number_of(said), moment(said["made_at"])
    return Sent(number, said["kind"], said["about"], said["payload"], base, made_at)


def kept_text(said: Any) -> Any:
    """Return what was sent with U+FFFD for each half of a surrogate pair, which nothing can keep.

    A keyboard can leave half of a sign in a text; the rest of what was done shall not wait for it.
    """
    text = json.dumps(said, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return said


def whole(said: Any) -> dict[str, Any]:
    """Return as a payload what cannot be read, as it came; `as_sent` finds in it what it can."""
    return {"sent": json.loads(json.dumps(kept_text(said)).replace("\\u0000", "\\ufffd"))}


def as_sent(about: str, payload: Values) -> tuple[str, dict[str, Any]]:
    """Return what an operation is about and its values; of one that was kept unread, as it came."""
    sent = payload.get("sent")
    if set(payload) != {"sent"} or not isinstance(sent, dict):
        return about, dict(payload)
    values = sent.get("payload")
    return str(sent.get("about", "")), dict(values) if isinstance(values, dict) else {}


def number_of(said: Any) -> UUID:
    """Return the number of an operation. Raises InputError when it has none."""
    text = said.get("number") if isinstance(said, dict) else None
    try:
        number = UUID(str(text))
    except ValueError:
        number = UUID(int=0)
    if number.version != 7 or str(number) != text or number.int >> 80 > LAST_MOMENT:
        raise InputError("is no UUID of version 7", field="number")
    return number


def moment_of(number: UUID) -> datetime:
    """Return the moment that a UUIDv7 was made at, by the clock of who made it."""
    return datetime.fromtimestamp((number.int >> 80) / 1000, UTC)


def moment(text: str) -> datetime:
    """Return a moment that a phone says in UTC, however wrong its clock is. Raises InputError."""
    try:
        said = datetime.fromisoformat(text)
        if said.tzinfo is None:
            raise ValueError
        return said.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError("is no moment with a time zone", field="made_at") from None


@dataclass(frozen=True, slots=True)
class Merged:
    """Two changes put together: values, and the fields that both changed otherwise."""

    values: dict[str, Any]
    conflicts: tuple[str, ...] = field(default=())


def merge(base: Values, mine: Values, theirs: Values) -> Merged:
    """Merge field by field what a phone changed (`mine`) into what is here (`theirs`).

    A field that only one side changed since `base` takes that side's value; a field that both
    changed to the same takes it; a field that both changed otherwise is a conflict, and keeps
    theirs until a person chooses. A field that `mine` does not name was not touched by it.
    """
    values, conflicts = dict(theirs), list[str]()
    for name, wanted in mine.items():
        was, here = base.get(name, ABSENT), theirs.get(name, ABSENT)
        if _same(wanted, was) or _same(wanted, here):
            continue  # untouched on the phone, or the same on both sides
        if _same(here, was):
            values[name] = wanted
        else:
            conflicts.append(name)
    return Merged(values, tuple(sorted(conflicts)))


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: 1, 1.0 and true are three things."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def chosen(mine: Values, theirs: Values, phone_wins: Mapping[str, bool]) -> dict[str, Any]:
    """Return their values with those of the phone in the fields that a person took from it."""
    return dict(theirs) | {name: mine[name] for name, wins in phone_wins.items() if wins}


def order(
    *,
    known: bool,
    ended: bool,
    pack_until: datetime | None,
    same: bool,
    at: datetime,
) -> Order:
    """Return what a phone is told. `same`: what decided its pack still decides so."""
    if not known:
        return Order.UNKNOWN
    if ended:
        return Order.WIPE
    if pack_until is not None and (at >= pack_until or not same):
        return Order.DROP
    return Order.KEEP


def pack_until(at: datetime, hours: int, ends: list[datetime]) -> datetime:
    """Return when a pack runs out: after `hours`, or with the first term or approval in it."""
    return min([at + timedelta(hours=hours), *ends])


# The first bytes of what a photograph may be.
PHOTOS: tuple[tuple[bytes, int, str], ...] = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"WEBP", 8, "image/webp"),
)


def photo_kind(head: bytes) -> str:
    """Return the kind of a photograph by its first bytes; blank when it is none."""
    return next((kind for mark, at, kind in PHOTOS if head[at : at + len(mark)] == mark), "")
