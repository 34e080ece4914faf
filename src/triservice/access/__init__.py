"""Agreements decide every read: who sees which class of data, why, and until when."""
