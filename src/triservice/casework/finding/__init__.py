"""Finding cases: by reference, by who or where they are about."""
