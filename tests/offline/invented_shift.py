"""A partnership, the officer who works, and the phones that they set up. All invented."""

from __future__ import annotations

from dataclasses import dataclass

from invented_home import Home
from model_phone import ModelPhone

from partnership import Partnership
from triservice.kernel.access_words import Reader
from triservice.offline.actions.phones import set_up


@dataclass
class Shift:
    """The partnership, the officer who works, and a home."""

    made: Partnership
    reader: Reader
    home: Home

    def phone(self, name: str = "Phone", officer: str = "fire") -> ModelPhone:
        reader = self.made.reader(officer)
        phone, key = set_up(reader, name)
        return ModelPhone(reader, phone, key)
