"""Agreements, approvals, restrictions and the record of every read."""
