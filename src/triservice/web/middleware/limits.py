"""How many requests one sender may make, counted in the database so that all workers share it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address, ip_network

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from triservice.kernel import clock
from triservice.web.middleware.requests import Handler

DAY = 24 * 3600


def _hashed(text: str) -> str:
    return hashlib.blake2b(text.encode(), key=settings.SECRET_KEY.encode()[:64]).hexdigest()[:32]


def address(request: HttpRequest) -> str:
    """Return a key for the address that sends, hashed: nothing else that it says changes it."""
    return _hashed(_line(request))


def _line(request: HttpRequest) -> str:
    """Return the line that a request comes by: of IPv6 the network of 64 bits.

    A household or a rented server has 2**64 of those addresses, and would send from each but once.
    """
    said = request.META.get("REMOTE_ADDR", "")
    try:
        parsed = ip_address(said)
    except ValueError:
        return str(said)
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed), 64), strict=False))


def sender(request: HttpRequest) -> str:
    """Return a key for the token that is sent, from its address; hashed.

    Systems behind one address each have their own. A token may be made up anew for every request,
    so a limit by sender always stands beside one by address.
    """
    token = request.META.get("HTTP_AUTHORIZATION", "")
    return _hashed(f"{token}|{_line(request)}")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` requests per `seconds` from one key, for the requests that `counts`."""

    name: str
    most: int
    seconds: int
    counts: Callable[[HttpRequest], bool]
    key: Callable[[HttpRequest], str] = address


def _posts_before_sign_in(request: HttpRequest) -> bool:
    return request.method == "POST" and settings.SESSION_COOKIE_NAME not in request.COOKIES


def _sign_in(request: HttpRequest) -> bool:
    return request.method == "POST" and request.path.startswith("/accounts/")


def _self_referral(request: HttpRequest) -> bool:
    return request.method == "POST" and request.path.startswith("/casework/self-refer/")


def _api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


# allauth adds its own limits per account on failed sign-ins; these are per address and token.
LIMITS = (
    Limit("sign in", 60, 300, _sign_in),
    Limit("post", 60, 300, _posts_before_sign_in),
    Limit("self-referral", 20, 3600, _self_referral),
    Limit("api", 1200, 60, _api, sender),
    Limit("api address", 6000, 60, _api),
)


class RateLimits:
    """Answer 429 with Retry-After when a sender is over a limit."""

    def __init__(self, get_response: Handler) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Count, and refuse or go on."""
        if settings.RATE_LIMITS_ON:
            for limit in LIMITS:
                if limit.counts(request):
                    used, wait = count(limit, limit.key(request))
                    if used > limit.most:
                        return refused(request, wait)
        return self.get_response(request)


def count(limit: Limit, key: str) -> tuple[int, int]:
    """Count one request; return how many are in the window, and the seconds until it ends.

    One statement: two workers that count at once both count (a cache that reads and then writes
    would lose one of them).
    """
    now = int(clock.now().timestamp())
    window = now - now % limit.seconds
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_COUNT, [f"{limit.name}|{key}", window, window, window])
        (used,) = cursor.fetchone()
        if used == 1:  # once per sender and window: forget those that are over
            over = now - max(DAY, limit.seconds)
            cursor.execute("DELETE FROM web_ratewindow WHERE begins < %s", [over])
    return int(used), window + limit.seconds - now


_COUNT = """
    INSERT INTO web_ratewindow (key, begins, used) VALUES (%s, %s, 1)
    ON CONFLICT (key) DO UPDATE SET
        used = CASE WHEN web_ratewindow.begins = %s THEN web_ratewindow.used + 1 ELSE 1 END,
        begins = %s
    RETURNING used
"""


def refused(request: HttpRequest, wait: int) -> HttpResponse:
    """Answer 429, and say in how many seconds to come again."""
    from triservice.web.errors import error_page

    response = error_page(request, 429)
    response["Retry-After"] = str(wait)
    return response
