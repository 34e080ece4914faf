"""Needs, actions and outcomes of a case."""
