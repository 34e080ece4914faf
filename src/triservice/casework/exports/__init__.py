"""Lists and numbers as files that leave the house: marked, and recorded as disclosed."""
