"""Whether the record of disclosures is whole, asked row by row: for use inside a transaction."""

from __future__ import annotations

from triservice.access.models import ChainHead, Disclosure
from triservice.access.record import GENESIS, chain_hash, chain_text


def assert_chain_verifies() -> int:
    """Raise AssertionError for a change, a gap or a lost end; return how many rows there are."""
    seq, last = 0, GENESIS
    for row in Disclosure.objects.order_by("seq").iterator():
        assert row.seq == seq + 1, f"a gap before {row.seq}"
        assert row.previous == last, f"{row.seq} does not follow"
        assert row.hash == chain_hash(chain_text(row)), f"{row.seq} was changed"
        seq, last = row.seq, row.hash
    head = ChainHead.objects.filter(pk=1).values_list("seq", "hash").first()
    assert head in ((seq, last), None if seq == 0 else (seq, last))
    return seq
