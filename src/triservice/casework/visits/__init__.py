"""Visits: planned, tried, done."""
