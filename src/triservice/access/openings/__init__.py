"""Openings: rows opened to one officer for a time, by approval or in an emergency."""
