"""Reading scheme and instrument files: every mistake is named with its file, line and key."""
