"""A referral to the small scheme of these tests. Everybody in it is invented."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from triservice.casework.models import Referral
from triservice.casework.referrals.actions import Receipt
from triservice.kernel.access_words import DataClass

SCHEME = "small-visit"
GIVEN: dict[str, Any] = {
    "person": {"name": "Morwenna Trevanion", "born": "1948-03-12", "phone": "01632 960001"},
    "address": {"line": "14 Invented Lane, Nowhere", "postcode": "TR1 1AA"},
    "why": "She no longer hears the bell",
    "alarms": "no",
}
RISK = (DataClass.IDENTITY, DataClass.CONTACT, DataClass.LOCATION, DataClass.RISK)

Send = Callable[..., Receipt]


def referral(receipt: Receipt) -> Referral:
    """Return the row of a receipt."""
    return Referral.objects.get(pk=receipt.referral)
