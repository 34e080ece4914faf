"""When the tests of the workforce happen, and the password of its invented people."""

from __future__ import annotations

from datetime import UTC, datetime

NOW = datetime(2026, 3, 27, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
PASSWORD = "three invented words together"
