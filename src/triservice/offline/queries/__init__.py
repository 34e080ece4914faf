"""The only readers of the offline room."""
