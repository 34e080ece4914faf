"""What other rooms hear about the workforce, inside the transaction that changes it."""

from __future__ import annotations

from django.dispatch import Signal

# Sent with `officer` and `by` when an officer leaves, before the transaction commits: a room that
# has given the officer something of its own (an opened record, a token) takes it back here. An
# exception raised by a receiver undoes the leaving.
officer_left = Signal()
