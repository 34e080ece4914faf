"""The only writers of people, places and records: verbs, one transaction each, on the record."""
