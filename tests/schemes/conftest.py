"""Fixtures of the tests of schemes."""

from browsing import browser, visit  # noqa: F401
