"""The only readers of people and places: take a Reader, return what it may see, on the record."""
