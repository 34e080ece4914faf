"""Requests for data that an agreement keeps on approval, from asking to revoking."""
