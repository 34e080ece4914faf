"""Referring: to a scheme, its acknowledgement, and how it stands."""
