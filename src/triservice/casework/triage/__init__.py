"""Triage: the queue by time left, who takes what, and what nobody has seen."""
