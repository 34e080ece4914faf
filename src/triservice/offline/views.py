"""What a phone calls: JSON in, JSON out, with the session and its CSRF token like any page."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from triservice.access.api_text import strict_json
from triservice.access.pages import page, reader_of
from triservice.agencies.sign_in.accounts import AFTER_SIGN_OUT
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Reader, Role
from triservice.kernel.errors import InputError
from triservice.offline.actions import handing_in, phones, photos, syncing
from triservice.offline.queries.phones import contact as contact_of
from triservice.offline.queries.phones import own_name
from triservice.offline.sealing import KeyUnknown

FIELD = frozenset({Role.OFFICER, Role.TEAM_LEADER})  # who works away from a desk
TAKEN = frozenset(DataClass) - {DataClass.WORKFORCE}
PHONE = "Triservice-Phone"
View = Callable[..., JsonResponse]


def answering(view: View) -> View:
    """Answer bad input with 422 and its sentence; a key lost for now with 503: it comes again."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        try:
            return view(request, *args, **kwargs)
        except KeyUnknown as error:
            return JsonResponse({"said": str(error)}, status=503)
        except InputError as error:
            return JsonResponse({"said": str(error)}, status=422)
        except RecursionError:
            return JsonResponse({"said": "This is nested too deeply"}, status=422)

    return answered


def _reader(request: HttpRequest) -> Reader:
    return request.reader  # type: ignore[attr-defined, no-any-return]


def phone_key(request: HttpRequest) -> UUID:
    """Return the key that the phone calls itself by. Raises InputError when it has none."""
    try:
        return UUID(request.headers.get(PHONE, ""))
    except ValueError:
        raise InputError(f"{PHONE} names no phone") from None


def body(request: HttpRequest, **kinds: type) -> list[Any]:
    """Return the members of a JSON object, in the order asked for. Raises InputError."""
    try:
        said = strict_json(request.body)
    except ValueError:
        raise InputError("This is no JSON", do="Send an object") from None
    for name, kind in kinds.items():
        if not isinstance(said, dict) or type(said.get(name)) is not kind:
            raise InputError("is missing or of another kind", field=name)
    return [said[name] for name in kinds]


@page(title="What a phone is told", public=True)
@require_safe
def contact(request: HttpRequest) -> JsonResponse:
    """Say whether the session holds, whose it is, and what the phone has to do."""
    said: dict[str, Any] = {"order": "keep", "why": "", "mine": False}
    try:
        key = phone_key(request)
    except InputError:
        key = None
    reader = reader_of(request)
    if key is not None:
        said |= asdict(contact_of(key)) | {
            "mine": reader is not None and own_name(reader, key) is not None
        }
    said |= {
        "csrf": get_token(request),
        "now": clock.now().isoformat(),
        "signed_in": reader is not None,
        "officer": reader.name if reader else "",
        "purpose": str(reader.purpose or "") if reader else "",
        "may_set_up": reader is not None and bool(FIELD & reader.roles),
        "sign_in": reverse("account_login"),
        "sign_out": reverse("account_logout"),
        "choose_purpose": reverse("access:purpose"),
    }
    return JsonResponse(said)


@page(title="Set up a phone", roles=FIELD)
@require_POST
@answering
def set_up(request: HttpRequest) -> JsonResponse:
    """Make this browser a phone of the officer; answer with its key, once."""
    (name,) = body(request, name=str)
    phone, key = phones.set_up(_reader(request), name)
    _works_on(request, phone.key)
    return JsonResponse({"phone": str(phone.key), "name": phone.name, "key": _text(key)})


@page(title="Open the store of a phone", roles=FIELD, purpose=False)
@require_POST
@answering
def key(request: HttpRequest) -> JsonResponse:
    """Release the key of the store to the officer whose phone it is."""
    mine = phone_key(request)
    released = phones.release_key(_reader(request), mine)
    _works_on(request, mine)
    return JsonResponse({"key": _text(released)})


@page(title="Take along", roles=FIELD, data=TAKEN)
@require_POST
@answering
def pack(request: HttpRequest) -> JsonResponse:
    """Answer with what may be taken along now."""
    return JsonResponse(phones.take_along(_reader(request), phone_key(request)))


@page(title="Send what was done on a phone", roles=FIELD)
@require_POST
@answering
def sync(request: HttpRequest) -> JsonResponse:
    """Take operations, and say of each what became of it."""
    (operations,) = body(request, operations=list)
    outcomes = syncing.take(_reader(request), phone_key(request), operations)
    return JsonResponse({"outcomes": [asdict(each) for each in outcomes]})


@page(title="Announce a photograph", roles=FIELD)
@require_POST
@answering
def photo(request: HttpRequest) -> JsonResponse:
    """Announce a photograph, or say how much of it is here."""
    number, digest, size = body(request, number=str, sha256=str, size=int)
    key_number = _uuid(number)
    return _progress(photos.begin(_reader(request), phone_key(request), key_number, digest, size))


@page(title="Send a piece of a photograph", roles=FIELD)
@require_POST
@answering
def piece(request: HttpRequest, number: UUID, at: int) -> JsonResponse:
    """Add the piece that begins at byte `at`."""
    return _progress(photos.add(_reader(request), phone_key(request), number, at, request.body))


def _progress(made: photos.Progress) -> JsonResponse:
    """Say how far a photograph came; 415 when it never will be taken, 409 when it begins again."""
    status = 415 if made.never else 409 if made.wrong else 200
    return JsonResponse({"received": made.received, "said": made.wrong}, status=status)


@page(title="Hand in what a phone held", public=True)
@require_POST
@answering
def hand_in(request: HttpRequest) -> JsonResponse:
    """Keep what a phone that was taken away still held, sealed as it is; name what is held now."""
    sealed, wiped = body(request, sealed=list, wiped=bool)
    proof = strict_json(request.body).get("proof")  # one that was set up long ago may have none
    kept = handing_in.hand_in(phone_key(request), sealed, wiped=wiped, proof=proof)
    return JsonResponse({"kept": kept})


def _works_on(request: HttpRequest, key: UUID) -> None:
    """Bind the session to the phone: signing out ends both, on the page that wipes at once."""
    request.session[phones.SESSION_KEY] = str(key)
    request.session[AFTER_SIGN_OUT] = reverse("offline:app")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InputError("is no UUID", field="number") from None


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
