"""The event lake: events, area statistics and boundaries, as files."""
