"""Tokens of agencies' own systems: made by an administrator, shown once, ended at once."""
