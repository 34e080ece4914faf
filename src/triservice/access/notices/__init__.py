"""Notices: what waits for someone, shown until it is dealt with and announced by e-mail."""
