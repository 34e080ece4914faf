"""SQLite as Django speaks to it, with statements translated once instead of at every read."""
