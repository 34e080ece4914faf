"""What waits for somebody by their roles: the sections of the start page."""
