"""Who read what an agency holds about one person or place, for whoever asks."""
