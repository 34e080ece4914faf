"""Filters of lists that officers keep under a name, for themselves or for their team."""
